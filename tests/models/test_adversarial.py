"""What makes the adversarial models what they are, and what a model without an encoder refuses."""

from pathlib import Path
from typing import Any

import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from src.build import build_model
from src.contracts import Batch, Code
from src.errors import UserError
from src.models import ReconstructionModule
from src.run_folder import open_run
from tests.conftest import NO_PICTURES, compose_config, run

DIGITS = ["data=digits", "callbacks.early_stopping=null", "callbacks.last_checkpoint=null", *NO_PICTURES]
AAE = ["model=aae", "model.latent_dim=4", "network.hidden=[128]", "model.critic=[64]"]
AAE += ["optimizer.lr=3e-3", "trainer.max_epochs=20"]
SMALL = ["network=mlp", "network.hidden=[64]", "optimizer.lr=2e-3", "trainer.max_epochs=20"]


def trained(folder: Path, *options: str) -> tuple[ReconstructionModule, Batch, dict[str, Any]]:
    """The weights of a run on digits, the test images, and the summary."""
    summary = run(folder, *DIGITS, *options)
    model, data, _ = open_run(folder)
    data.setup()
    return model.requires_grad_(False), data.test_set.__getitems__(range(len(data.test_set))), summary


def built(*options: str) -> ReconstructionModule:
    return build_model(compose_config(["data=digits", *options]))


def energy(a: Tensor, b: Tensor) -> float:
    """The energy distance 2 E|a - b| - E|a - a'| - E|b - b'| of two samples, 0 where they are of one distribution."""
    between, of_a, of_b = (torch.cdist(*pair).mean() for pair in ((a, b), (a, a), (b, b)))
    return float(2 * between - of_a - of_b)


def chance(a: Tensor, b: Tensor) -> float:
    """The energy distance that two samples of these sizes from one distribution stay below in 99 of 100 draws."""
    both, generator = torch.cat([a, b]), torch.Generator().manual_seed(0)
    orders = [torch.randperm(len(both), generator=generator) for _ in range(100)]
    drawn = [energy(*both[order].split([len(a), len(b)])) for order in orders]
    return torch.tensor(drawn).quantile(0.99).item()


def from_the_data(model: ReconstructionModule, x: Tensor) -> float:
    """Mean distance of a sample to the image nearest to it."""
    torch.manual_seed(0)
    return torch.cdist(model.sample(300).flatten(1), x.flatten(1)).min(1).values.mean().item()


@pytest.fixture(scope="module")
def aae(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReconstructionModule, Batch, dict[str, Any]]:
    return trained(tmp_path_factory.mktemp("aae") / "run", *AAE)


def test_a_critic_draws_the_codes_of_an_adversarial_autoencoder_to_the_prior(aae: Any, tmp_path: Path) -> None:
    model, batch, summary = aae
    plain = trained(tmp_path / "plain", *AAE, "model.adversary=0")[0]
    prior = torch.randn(500, 4, generator=torch.Generator().manual_seed(1))
    held, free = (m.encode(batch.x).z for m in (model, plain))
    assert energy(free, prior) > 5 * chance(free, prior)
    assert energy(held, prior) < 0.25 * energy(free, prior)
    assert from_the_data(model, batch.x) < 0.9 * from_the_data(plain, batch.x)
    assert {"test/adversarial", "test/critic"} <= summary.keys()
    assert summary["test/se"] < summary["baseline/pca_se"]


def probe(z: Tensor, y: Tensor) -> float:
    """How many of the second half's classes a linear map of the codes tells that knows the first half's."""
    half = len(z) // 2
    return float(LogisticRegression(max_iter=2000).fit(z[:half], y[:half]).score(z[half:], y[half:]))


def test_a_conditional_code_holds_the_style_and_not_the_class(aae: Any, tmp_path: Path) -> None:
    model, batch, _ = trained(tmp_path / "conditional", *AAE, "model.conditional=true", "trainer.max_epochs=40")
    plain = aae[0]
    assert "conditional" in model.capabilities
    assert probe(model.encode(batch.x).z, batch.y) < 0.75 * probe(plain.encode(batch.x).z, batch.y)
    wanted = torch.arange(10).repeat_interleave(50)
    judge = LogisticRegression(max_iter=2000).fit(batch.x.flatten(1), batch.y)
    assert judge.score(model.sample(500, wanted).flatten(1), wanted) > 0.6


def test_a_generators_samples_come_near_the_data(tmp_path: Path) -> None:
    gan = ["model=gan", "model.critic=[8,16]", "model.latent_dim=8", *SMALL]
    model, batch, summary = trained(tmp_path / "gan", *gan)
    start = trained(tmp_path / "start", *gan, "trainer.max_epochs=1")[0]
    assert from_the_data(model, batch.x) < 0.8 * from_the_data(start, batch.x)
    assert summary["status"] == "finished"
    assert not [name for name in summary if name.startswith(("test/se", "test/reconstruction", "baseline/"))]


def test_the_penalty_holds_the_slope_of_a_wasserstein_critic_at_one(tmp_path: Path) -> None:
    from src.regularizers.adversary import slope

    def steepness(folder: str, *options: str) -> float:
        typed = [
            "model=gan",
            "model.objective=wasserstein",
            "network=mlp",
            "network.hidden=[32]",
            "model.critic=[8,16]",
        ]
        model, batch, _ = trained(tmp_path / folder, *typed, "trainer.max_epochs=5", *options)
        (adversary,) = model.objective.adversaries
        torch.manual_seed(0)
        return slope(adversary.critic, 0.5 * (batch.x + model.sample(len(batch.x)))).mean().item()

    assert 0.6 < steepness("held") < 1.2
    assert steepness("free", "model.penalty=0") > 3


def test_the_contest_of_a_vaegan_moves_its_decoder_and_not_its_encoder() -> None:
    model = built("model=vaegan").train()
    batch = Batch(torch.rand(6, 1, 8, 8), torch.full((6,), -1), torch.arange(6))
    terms = model.measure(model(batch))[0]
    encoder = list(model.network.encoder.parameters())
    decoder = list(model.network.decoder.parameters())

    def reached(term: str, parameters: list[Any]) -> list[bool]:
        gradients = torch.autograd.grad(terms[term].sum(), parameters, retain_graph=True, allow_unused=True)
        return [g is not None and bool(g.any()) for g in gradients]

    assert not any(reached("adversarial", encoder))
    assert all(reached("adversarial", decoder))
    assert all(reached("features", encoder))
    assert all(reached("features", decoder))
    assert model.objective.weighted(terms, {}).weights["reconstruction"] == 0


def test_the_fakes_of_a_vaegan_are_its_reconstructions_and_samples() -> None:
    model = built("model=vaegan").eval()
    batch = Batch(torch.rand(6, 1, 8, 8), torch.full((6,), -1), torch.arange(6))
    out: Any = model(batch)
    assert out.fakes.shape == (12, 1, 8, 8)
    torch.testing.assert_close(out.fakes[:6], out.x_hat)
    assert not torch.allclose(out.fakes[6:], out.x_hat, atol=1e-3)


def sharpness(images: Tensor) -> float:
    """The mean size of the gradient from pixel to pixel."""
    across, down = images.diff(dim=-1)[..., :-1, :], images.diff(dim=-2)[..., :-1]
    return (across.square() + down.square()).sqrt().mean().item()


def test_a_vaegan_reconstructs_sharper_than_a_vae(tmp_path: Path) -> None:
    vae, batch, _ = trained(tmp_path / "vae", "model=vae", *SMALL)
    vaegan, _, summary = trained(tmp_path / "vaegan", "model=vaegan", "model.critic=[8,16]", *SMALL)
    smooth, sharp = (sharpness(m.reconstruct(batch.x)) for m in (vae, vaegan))
    assert 1.08 * smooth < sharp < 1.1 * sharpness(batch.x), (smooth, sharp, sharpness(batch.x), summary["test/se"])
    assert {"test/features", "test/adversarial", "test/critic", "test/kl"} <= summary.keys()


# A model without an encoder -------------------------------------------------------------------------------------------


def test_a_generator_has_no_parameter_of_an_encoder() -> None:
    model = built("model=gan")
    assert model.capabilities == {"decode", "sample", "shrink"}
    assert not [name for name, _ in model.named_parameters() if "encoder" in name]
    assert model.encoder_weights() == []
    assert model.decode(model.prior.sample(3)).shape == (3, 1, 8, 8)  # type: ignore[union-attr]
    assert isinstance(model(Batch(torch.rand(2, 1, 8, 8), torch.zeros(2), torch.arange(2))).code, Code)


def test_what_asks_a_generator_for_a_code_is_told_what_has_one() -> None:
    model, x = built("model=gan"), torch.rand(2, 1, 8, 8)
    for ask in (model.encode, model.reconstruct):
        with pytest.raises(UserError, match=r"has no encoder.*model=vaegan"):
            ask(x)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("regularizer=l1", "Leave out regularizer=l1"),
        ("regularizer=contractive", "Leave out regularizer=contractive"),
        ("regularizer=spectral", "Leave out regularizer=spectral"),
        ("corruption=gaussian", "Use corruption=none"),
        ("network=unet", "Use network=conv"),
        ("network=mlp network.tied=true", "Use network=conv"),
    ],
)
def test_what_reads_an_encoder_is_refused_in_a_sentence(typed: str, word: str) -> None:
    with pytest.raises(UserError, match=word) as refused:
        built("model=gan", *typed.split())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("regularizer", ["decoder_l2", "gradient_penalty"])
def test_what_reads_a_decoder_composes_with_a_generator(tmp_path: Path, regularizer: str) -> None:
    typed = ["model=gan", "network=mlp", "network.hidden=[16]", "model.critic=[4]", "data.limit=64"]
    summary = trained(tmp_path, *typed, f"regularizer={regularizer}", "trainer.max_epochs=1")[2]
    assert summary[f"test/{regularizer}"] > 0


@pytest.mark.parametrize("model", ["aae", "gan", "gan model.objective=wasserstein", "vaegan"])
@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true", "64-true"])
def test_an_adversarial_model_trains_in_every_precision(tmp_path: Path, model: str, precision: str) -> None:
    typed = f"model={model} trainer.precision={precision} data.limit=128 trainer.max_epochs=1 model.critic=[8]"
    summary = trained(tmp_path, *typed.split())[2]
    assert summary["status"] == "finished"
    assert all(torch.tensor(summary[f"test/{name}"]).isfinite() for name in ("loss", "adversarial", "critic"))


def test_a_run_without_reconstructions_reaches_every_logger_and_has_the_pictures_it_can(tmp_path: Path) -> None:
    typed = ["model=gan", "network=mlp", "network.hidden=[16]", "model.critic=[4]", "data=digits", "data.limit=64"]
    loggers = ["logger=[wandb,tensorboard]", "logger.wandb.mode=offline"]
    summary = run(tmp_path, *typed, *loggers, "trainer.max_epochs=2")
    assert summary["status"] == "finished"
    assert sorted(path.stem for path in (tmp_path / "figures").iterdir()) == ["loss_breakdown", "samples"]
