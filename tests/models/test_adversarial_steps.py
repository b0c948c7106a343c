"""The model against its critics: whose steps are taken when, from which gradients, and what counts them."""

import contextlib
from copy import deepcopy
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback
from torch import Tensor, nn

from src.build import build_model, build_trainer
from src.contracts import Batch, Code, Reconstruction
from src.errors import UserError
from src.models import AdversarialAutoencoder, GenerativeAdversarialNetwork, ReconstructionModule
from src.models.adversarial_steps import AdversarialSteps, detached, held_fixed
from src.noise import FreshNoise
from src.regularizers.adversary import Adversary
from src.regularizers.image_adversary import Contested
from src.schedules import Linear
from tests.callbacks.stand_in import Data, blobs
from tests.conftest import ALONE, compose_config
from tests.small_models import SHAPE, mlp, parts

RATE = 0.1


def aae(**others: Any) -> AdversarialAutoencoder:
    torch.manual_seed(0)
    return AdversarialAutoencoder(2, critic=[8], **parts(mlp(8), **others)).double()


def gan(critic_steps: int = 1, **others: Any) -> GenerativeAdversarialNetwork:
    torch.manual_seed(0)
    return GenerativeAdversarialNetwork(2, critic=[4], critic_steps=critic_steps, **parts(mlp(8), **others)).double()


def critic_of(model: ReconstructionModule) -> Adversary:
    (adversary,) = model.objective.adversaries
    return adversary


def own(model: ReconstructionModule) -> list[Tensor]:
    theirs = {id(p) for p in critic_of(model).critic.parameters()}
    return [p for p in model.parameters() if id(p) not in theirs]


def flat(tensors: Any) -> Tensor:
    return torch.cat([t.detach().flatten() for t in tensors])


def fit(folder: Path, model: Any, *typed: str, images: int = 8, size: int = 8, callbacks: tuple[Any, ...] = ()) -> Any:
    """Train as the command line would, one epoch on images in their order unless it is typed otherwise."""
    cfg = compose_config([*ALONE, "trainer.max_epochs=1", "trainer.precision=64-true", *typed])
    cfg.folder = str(folder)
    trainer = build_trainer(cfg, model, list(callbacks), [])
    trainer.fit(model, Data(blobs(images, tuple(SHAPE)), batch_size=size))
    return trainer


def first_batch(images: int = 8) -> Batch:
    x = blobs(images, tuple(SHAPE)).x.double()
    return Batch(x, torch.arange(images) % 3, torch.arange(images))


class Watch(Callback):
    """The parameters after each batch."""

    def __init__(self) -> None:
        self.own: list[Tensor] = []
        self.critic: list[Tensor] = []

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        self.own.append(flat(own(pl_module)))
        self.critic.append(flat(critic_of(pl_module).critic.parameters()))


def moved(states: list[Tensor], start: Tensor) -> list[int]:
    """The batches after which the parameters were not what they had been."""
    return [i for i, (a, b) in enumerate(zip([start, *states], states, strict=False)) if not torch.equal(a, b)]


@pytest.mark.parametrize("make", [aae, gan])
def test_both_steps_are_taken_from_one_pass(tmp_path: Path, make: Any) -> None:
    model = make()
    twin: Any = deepcopy(model).train()
    fit(tmp_path, model)
    torch.manual_seed(0)  # as the epoch begins
    out = twin(first_batch())
    by_model = torch.autograd.grad(twin.objective.weighted(*twin.measure(out)).total, own(twin))
    critic = critic_of(twin)
    judges = list(critic.critic.parameters())
    by_critic = torch.autograd.grad(critic.critic_loss(detached(out), twin).mean(), judges)
    torch.testing.assert_close(flat(own(model)), flat(own(twin)) - RATE * flat(by_model))
    after = flat(critic_of(model).critic.parameters())
    torch.testing.assert_close(after, flat(judges) - RATE * flat(by_critic))
    assert not torch.equal(after, flat(judges))


@pytest.mark.parametrize("name", ["aae", "gan", "vaegan"])
def test_optimizers_have_disjoint_and_complete_parameters(name: str) -> None:
    model = build_model(compose_config([f"model={name}", "data=digits"]))
    model.trainer = SimpleNamespace(precision="32-true", gradient_clip_val=None)  # type: ignore[assignment]
    sets = [{id(p) for group in o.param_groups for p in group["params"]} for o in model.configure_optimizers()]
    assert [len(s) for s in sets] == [len(own(model)), len(list(critic_of(model).critic.parameters()))]
    assert not sets[0] & sets[1]
    assert sets[0] | sets[1] == {id(p) for p in model.parameters()}


def test_a_critic_has_a_learning_rate_of_its_own(tmp_path: Path) -> None:
    model = AdversarialAutoencoder(2, critic=[8], critic_rate=0.003, **parts(mlp(8)))
    trainer = fit(tmp_path, model)
    assert [optimizer.param_groups[0]["lr"] for optimizer in trainer.optimizers] == [RATE, 0.003]


class Still(Adversary):
    """Draws nothing, so that batches may be cut in any way."""

    def real(self, out: Reconstruction) -> Tensor:
        return torch.ones_like(out.code.z)

    def fake(self, out: Reconstruction) -> Tensor:
        return out.code.z


def still() -> AdversarialAutoencoder:
    model = aae()
    model.objective.terms["adversarial"] = Still(1.0, critic_of(model).critic)
    return model


def test_accumulated_batches_are_one_batch(tmp_path: Path) -> None:
    whole, parted = still(), still()
    fit(tmp_path, whole, size=8)
    watch = Watch()
    fit(tmp_path, parted, "trainer.accumulate_grad_batches=2", size=4, callbacks=(watch,))
    torch.testing.assert_close(flat(parted.parameters()), flat(whole.parameters()))
    assert moved(watch.own, flat(own(still()))) == [1]
    assert moved(watch.critic, flat(critic_of(still()).critic.parameters())) == [1]


def test_a_turn_closes_with_the_epoch(tmp_path: Path) -> None:
    model, watch = still(), Watch()
    trainer = fit(
        tmp_path, model, "trainer.accumulate_grad_batches=2", "trainer.max_epochs=2", images=12, size=4,
        callbacks=(watch,),
    )  # fmt: skip
    assert moved(watch.own, flat(own(still()))) == [1, 2, 4, 5]
    assert trainer.global_step == 4
    assert all(p.grad is None for p in model.parameters())  # nothing is left over that a resumed run would not have


def test_the_model_steps_once_in_a_few_turns_of_its_critic(tmp_path: Path) -> None:
    watch = Watch()
    trainer = fit(tmp_path, gan(critic_steps=3), images=28, size=4, callbacks=(watch,))
    assert moved(watch.own, flat(own(gan()))) == [0, 3, 6]
    assert moved(watch.critic, flat(critic_of(gan()).critic.parameters())) == list(range(7))
    assert trainer.global_step == 7


def test_a_turn_of_several_batches_is_the_models_or_not_as_a_whole(tmp_path: Path) -> None:
    watch = Watch()
    accumulated = "trainer.accumulate_grad_batches=2"
    fit(tmp_path, gan(critic_steps=2), accumulated, images=28, size=4, callbacks=(watch,))
    assert moved(watch.own, flat(own(gan()))) == [1, 5]
    assert moved(watch.critic, flat(critic_of(gan()).critic.parameters())) == [1, 3, 5, 6]


@pytest.mark.parametrize("algorithm", ["norm", "value"])
def test_the_gradient_of_each_optimizer_is_cut_by_itself(tmp_path: Path, algorithm: str) -> None:
    model = aae()
    before = flat(own(model)), flat(critic_of(model).critic.parameters())
    fit(tmp_path, model, "trainer.gradient_clip_val=1e-3", f"+trainer.gradient_clip_algorithm={algorithm}")
    after = flat(own(model)), flat(critic_of(model).critic.parameters())
    for a, b in zip(before, after, strict=True):
        size = (a - b).norm() if algorithm == "norm" else (a - b).abs().max()
        assert size.item() == pytest.approx(RATE * 1e-3, rel=1e-3)


def test_clipping_a_gradient_that_is_still_scaled_is_refused() -> None:
    steps = AdversarialSteps(aae())
    with pytest.raises(UserError, match="Use bf16-mixed"):
        steps.configure({"gradient_clip_val": 1.0, "precision": "16-mixed"})
    steps.configure({"precision": "16-mixed"})


def test_max_steps_counts_turns(tmp_path: Path) -> None:
    watch = Watch()
    typed = ["+trainer.max_steps=5", "trainer.max_epochs=-1", "trainer.accumulate_grad_batches=2"]
    trainer = fit(tmp_path, aae(), *typed, images=24, size=4, callbacks=(watch,))
    assert trainer.global_step == 5
    assert len(watch.own) == 10


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_schedule_of_the_rate_runs_to_its_end(tmp_path: Path, accumulate: int) -> None:
    rates: list[list[float]] = []

    class Rates(Callback):
        def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
            rates.append([optimizer.param_groups[0]["lr"] for optimizer in trainer.optimizers])

    model = aae(scheduler=Linear(1.0, 0.0))
    fit(tmp_path, model, f"trainer.accumulate_grad_batches={accumulate}", images=16, size=4, callbacks=(Rates(),))
    expected = [RATE * (1 - (batch // accumulate) * accumulate / 4) for batch in range(4)]
    assert [first for first, _ in rates] == pytest.approx(expected)
    assert all(first == second for first, second in rates)
    assert [o.param_groups[0]["lr"] for o in model.trainer.optimizers] == pytest.approx([0, 0])


def test_a_scheduled_weight_sees_how_far_training_has_come(tmp_path: Path) -> None:
    seen: list[float] = []

    class Progress(Callback):
        def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
            seen.append(pl_module.objective.progress)

    model = aae()
    critic_of(model).weight = Linear(0.0, 1.0)
    typed = ["trainer.accumulate_grad_batches=2", "trainer.max_epochs=2"]
    fit(tmp_path, model, *typed, images=16, size=4, callbacks=(Progress(),))
    assert seen == pytest.approx([0, 0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75])


def test_a_scheduler_by_epoch_steps_by_epoch(tmp_path: Path) -> None:
    halves = partial(torch.optim.lr_scheduler.ExponentialLR, gamma=0.5)
    trainer = fit(tmp_path, aae(scheduler=halves), "trainer.max_epochs=3", images=16, size=4)
    assert [o.param_groups[0]["lr"] for o in trainer.optimizers] == pytest.approx([RATE / 8, RATE / 8])


def test_a_plateau_of_the_models_own_figure_lowers_both_rates(tmp_path: Path) -> None:
    model = aae(scheduler=partial(torch.optim.lr_scheduler.ReduceLROnPlateau, factor=0.1, patience=0, threshold=0.9))
    trainer = fit(tmp_path, model, "trainer.max_epochs=2")  # no figure falls to a tenth: the second epoch is a plateau
    assert [o.param_groups[0]["lr"] for o in trainer.optimizers] == pytest.approx([RATE / 10, RATE / 10])


def test_a_plateau_of_a_model_without_a_figure_is_refused() -> None:
    with pytest.raises(UserError, match="Use scheduler=cosine"):
        gan(scheduler=partial(torch.optim.lr_scheduler.ReduceLROnPlateau))


def test_parameters_are_held_fixed_and_given_back_as_they_were() -> None:
    layer = nn.Linear(2, 2)
    layer.bias.requires_grad_(False)
    with contextlib.suppress(RuntimeError), held_fixed([layer]):
        assert not layer.weight.requires_grad
        raise RuntimeError
    assert layer.weight.requires_grad
    assert not layer.bias.requires_grad


def test_a_detached_pass_has_the_same_numbers_without_gradients() -> None:
    x = torch.rand(2, 3, requires_grad=True)
    out = Contested(x, torch.zeros(2), 2 * x, None, Code(3 * x), (4 * x,), 5 * x, torch.sigmoid, FreshNoise(), 6 * x)
    cut: Any = detached(out)
    tensors = [cut.x, cut.seen, cut.code.z, *cut.hidden, cut.raw, cut.x_hat, cut.fakes]
    assert not any(t.requires_grad for t in tensors)
    assert torch.equal(cut.fakes, 6 * x)
    assert torch.equal(cut.code.z, 3 * x)
    assert cut.noise is out.noise
