"""Telling a model the class of an image, and what it says where it cannot be told."""

from pathlib import Path
from typing import Any

import pytest
import torch

from src.build import build_data, build_model
from src.conditioning import Conditioning
from src.data import Digits
from src.errors import UserError
from src.models.cvae import ConditionalVariationalAutoencoder
from tests.conftest import NO_PICTURES, TINY, compose_config, run
from tests.small_models import SHAPE, batch, mlp, parts

Y = torch.tensor([0, 2, 1, 2, 0])


def model(classes: int = 3, **others: Any) -> ConditionalVariationalAutoencoder:
    torch.manual_seed(0)
    return ConditionalVariationalAutoencoder(2, classes, **parts(mlp(8), **others)).double()


@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 5), (7,)])
def test_the_class_is_one_more_channel_of_the_image(shape: tuple[int, ...]) -> None:
    told, x = Conditioning(3, shape), torch.rand(5, *shape)
    seen = told.see(x, Y)
    assert seen.shape == (5, shape[0] + 1, *shape[1:])
    assert torch.equal(seen[:, :-1], x)
    assert torch.equal(seen[1, -1], seen[3, -1])  # of one class
    assert not torch.equal(seen[0, -1], seen[1, -1])


def test_the_class_is_a_one_hot_vector_beside_the_code() -> None:
    z = torch.rand(5, 2)
    assert Conditioning(3, (1, 2, 2)).tell(z, Y).tolist() == [
        [*code, *(float(k == y) for k in range(3))] for code, y in zip(z.tolist(), Y.tolist(), strict=True)
    ]


def test_the_planes_are_learned_and_the_vectors_are_not() -> None:
    told = Conditioning(3, (1, 2, 2))
    assert [name for name, _ in told.named_parameters()] == ["planes"]
    told.see(torch.rand(5, 1, 2, 2), Y).square().sum().backward()
    assert told.planes.grad is not None
    assert (told.planes.grad.flatten(1).abs().sum(1) > 0).all()


def test_codes_and_images_follow_the_class() -> None:
    cvae, x = model(), batch().x
    one, other = torch.zeros(5, dtype=torch.int64), torch.ones(5, dtype=torch.int64)
    with torch.no_grad():
        z = cvae.encode(x, one).z
        assert not torch.allclose(z, cvae.encode(x, other).z)
        assert not torch.allclose(cvae.decode(z, one), cvae.decode(z, other))
        torch.testing.assert_close(cvae.reconstruct(x, one), cvae.image(cvae.decode(z, one)))
    assert cvae.code_size == cvae.latent_dim == 2


def test_a_likelihood_is_that_of_the_class() -> None:
    from src.losses import BernoulliLoss

    cvae, x = model(loss=BernoulliLoss()), batch().x
    z = torch.randn(4, 5, 2, dtype=torch.float64)
    with torch.no_grad():
        of_all = cvae.log_joint(x, z, Y)
        for k in range(4):
            log_x = cvae.objective.loss.log_prob(cvae.decode(z[k], Y), x)  # type: ignore[operator]
            assert cvae.prior is not None
            torch.testing.assert_close(of_all[k], log_x + cvae.prior.log_prob(z[k]))


@pytest.mark.parametrize("use", ["encode", "decode", "reconstruct"])
def test_a_model_that_is_told_no_class_says_what_it_needs(use: str) -> None:
    given = torch.rand(5, 2).double() if use == "decode" else batch().x
    with pytest.raises(UserError, match=r"must be told the class of each image: give y \(B,\)"):
        getattr(model(), use)(given)


@pytest.mark.parametrize("y", [-1, 3])
@pytest.mark.parametrize("use", ["encode", "decode"])
def test_a_class_that_is_not_there_is_refused(use: str, y: int) -> None:
    given = torch.rand(5, 2).double() if use == "decode" else batch().x
    with pytest.raises(UserError, match="must be one of 0 to 2"):
        getattr(model(), use)(given, torch.tensor([0, 1, y, 0, 0]))


def test_samples_are_of_the_classes_asked_for_and_else_of_all_in_turn() -> None:
    told = model().conditioning
    assert told is not None
    assert told.asked_for(7, None).tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert told.asked_for(2, torch.tensor([2, 0])).tolist() == [2, 0]
    with torch.no_grad():
        torch.manual_seed(1)
        in_turn = model().sample(4)
        torch.manual_seed(1)
        model()
        assert torch.equal(in_turn, model().sample(4, torch.tensor([0, 1, 2, 0])))
    assert in_turn.shape == (4, *SHAPE)


@pytest.mark.parametrize("y", [[0, 1], [0, 1, 3], [0, -1, 1], [[0], [1], [2]]])
def test_samples_of_classes_that_are_not_there_are_refused(y: list[Any]) -> None:
    with pytest.raises(UserError, match=r"3 samples need 3 classes y from 0 to 2, or y=None"):
        model().sample(3, torch.tensor(y))


def test_the_number_of_classes_comes_from_the_data() -> None:
    for data, classes in (("digits", 10), ("synthetic", 3)):
        cfg = compose_config(["model=cvae", f"data={data}", "logger=none"])
        assert build_model(cfg).conditioning.classes == classes == len(build_data(cfg).class_names)  # type: ignore[union-attr, arg-type]


def test_another_number_of_classes_is_refused_with_the_right_one() -> None:
    with pytest.raises(UserError, match=r"data.classes=3, but Digits has 10; type data.classes=10"):
        Digits(shape=[1, 8, 8], classes=3)


def test_data_without_classes_has_another_model_recommended() -> None:
    with pytest.raises(UserError, match=r"the data has none. Use model=vae"):
        build_model(compose_config(["model=cvae", "data.classes=0", "logger=none"]))


def test_a_number_of_classes_that_the_data_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"model.classes=5, but the data has 10 classes"):
        run(tmp_path, "model=cvae", "model.classes=5", *TINY, *NO_PICTURES)


@pytest.mark.parametrize(("which", "said"), [(slice(3), "3 of 540"), (slice(None), "540 of 540")])
def test_images_without_a_label_are_refused_before_training(
    which: slice, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Digits.load

    def unlabelled(self: Digits) -> Any:
        train, val, test = load(self)
        test.labels[which] = -1
        return train, val, test

    monkeypatch.setattr(Digits, "load", unlabelled)
    with pytest.raises(UserError, match=f"{said} images have no label.*or model=vae"):
        run(tmp_path, "model=cvae", *TINY, *NO_PICTURES)
