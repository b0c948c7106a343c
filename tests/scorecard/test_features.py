"""The features that samples are compared in, and the file that they are kept in."""

import pickle
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import torch
import torchvision

from src.errors import UserError
from src.metrics.frechet import frechet_distance
from src.scorecard import features, features_classifier
from src.scorecard.features import Features, features_of
from src.scorecard.pool import Images, Pool
from tests.scorecard.known_samples import pool_of

SHAPES = [(1, 8, 8), (3, 9, 13), (1, 40, 33), (2, 30), (7,), (1, 4, 4)]


def classifier(pool: Pool, cache: Path | None = None) -> Features:
    return features_of(pool, "classifier", 4000, None if cache is None else str(cache))


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "train", lambda *_: pytest.fail("trained again"))


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features_classifier, "STEPS", 40)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_classifier_learns_any_kind_of_example(shape: tuple[int, ...]) -> None:
    pool = pool_of(shape, classes=3)
    found = classifier(pool)
    correct = found.correct(pool.test)
    assert correct is not None
    assert correct.mean() > 0.9
    of_train = found.of(pool.train.x)
    assert of_train.shape == (90, 64)
    assert float(of_train.var(0, unbiased=False).sum()) == pytest.approx(100, rel=1e-4)
    assert found.suffix == ""


def test_one_data_set_has_one_classifier_whatever_else_is_drawn() -> None:
    pool = pool_of()
    first = classifier(pool).of(pool.test.x)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    again = classifier(pool).of(pool.test.x)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)


def test_constant_inputs_do_not_divide_by_zero() -> None:
    pool = pool_of((5,))
    pool.train.x[:, 2] = 0.5
    assert classifier(pool).of(pool.test.x).isfinite().all()


def test_at_most_so_many_images_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Images] = []
    monkeypatch.setattr(features, "train", lambda network, images, seed: seen.append(images))
    features_of(pool_of(), "classifier", 30, None)
    assert len(seen[0]) == 30
    assert len(seen[0].y.unique()) == 2


def test_without_labels_the_network_is_not_trained_and_says_so(no_training: None) -> None:
    pool = pool_of(labelled=False)
    found = classifier(pool)
    assert (found.kind, found.suffix) == ("random", "_in_random")
    assert found.correct(pool.test) is None
    assert torch.equal(found.of(pool.test.x), classifier(pool).of(pool.test.x))


def test_untrained_features_tell_data_from_a_normal_of_its_moments() -> None:
    # a linear map, PCA's for one, could not: two-valued pixels and a normal have the same mean and covariance here
    n, pool = 2000, pool_of((6,), labelled=False)
    rng = torch.Generator().manual_seed(0)
    signs = torch.randint(2, (2 * n, 6), generator=rng).float()
    normal = 0.5 + 0.5 * torch.randn(n, 6, generator=rng)
    found = classifier(pool)
    one, other, third = (found.of(x) for x in (signs[:n], signs[n:], normal))
    assert frechet_distance(one, third) > 10 * frechet_distance(one, other)


def test_a_classifier_is_trained_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = pool_of()
    first = classifier(pool, tmp_path / "new").of(pool.test.x)
    assert len(list((tmp_path / "new").iterdir())) == 1
    monkeypatch.setattr(features, "train", lambda *_: pytest.fail("trained again"))
    assert torch.equal(classifier(pool, tmp_path / "new").of(pool.test.x), first)


def other_label(pool: Pool) -> Pool:
    pool.train.y[3] = 1 - pool.train.y[3]
    return pool


def other_pixel(pool: Pool) -> Pool:
    pool.train.x[3, 0, 0, 0] = 0.123
    return pool


def other_range(pool: Pool) -> Pool:
    return Pool(pool.train, pool.test, pool.shape, (-1.0, 1.0), pool.classes, 0)


def other_names(pool: Pool) -> Pool:
    return Pool(pool.train, pool.test, pool.shape, pool.range, ("no", "yes"), 0)


@pytest.mark.parametrize("change", [other_label, other_pixel, other_range, other_names])
def test_other_data_has_a_classifier_of_its_own(tmp_path: Path, change: Any) -> None:
    classifier(pool_of(), tmp_path)
    classifier(change(pool_of()), tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_run_of_another_seed_finds_the_same_classifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = pool_of()
    classifier(pool, tmp_path)
    monkeypatch.setattr(features, "train", lambda *_: pytest.fail("trained again"))
    classifier(Pool(pool.train, pool.test, pool.shape, pool.range, pool.classes, seed=7), tmp_path)


class Bomb:
    def __reduce__(self) -> Any:
        return pytest.fail, ("a file was unpickled",)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def no_torch_file(file: Path) -> None:
    file.write_text("hello")


def an_object(file: Path) -> None:
    file.write_bytes(pickle.dumps(Bomb()))


def an_object_inside(file: Path) -> None:
    kept = torch.load(file, weights_only=True)
    torch.save(kept | {"more": Bomb()}, file)


def of_other_data(file: Path) -> None:
    torch.save(torch.load(file, weights_only=True) | {"key": "0" * 32}, file)


def of_other_sizes(file: Path) -> None:
    kept = torch.load(file, weights_only=True)
    kept["state"]["classes.weight"] = torch.zeros(3, 64)
    torch.save(kept, file)


def not_a_number(file: Path) -> None:
    kept = torch.load(file, weights_only=True)
    kept["state"]["classes.bias"][0] = torch.nan
    torch.save(kept, file)


def a_list(file: Path) -> None:
    torch.save([1, 2], file)


SPOILT = [
    cut_short,
    no_torch_file,
    an_object,
    an_object_inside,
    of_other_data,
    of_other_sizes,
    not_a_number,
    a_list,
]


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_file_that_is_not_right_is_trained_over(tmp_path: Path, spoil: Any) -> None:
    pool = pool_of()
    first = classifier(pool, tmp_path).of(pool.test.x)
    [file] = tmp_path.iterdir()
    right = torch.load(file, weights_only=True)["state"]
    spoil(file)
    assert torch.equal(classifier(pool, tmp_path).of(pool.test.x), first)
    assert list(tmp_path.iterdir()) == [file]
    for name, tensor in torch.load(file, weights_only=True)["state"].items():
        assert torch.equal(tensor, right[name])


def test_a_folder_that_cannot_be_written_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.warns(UserWarning, match=r"cannot be kept at .*file/features-.*features_cache"):
        classifier(pool_of(), tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_inception_with_a_stand_in_for_its_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    weights = torchvision.models.inception_v3(weights=None, init_weights=False).state_dict()
    asked: list[tuple[str, Any]] = []

    def download(url: str, **how: Any) -> Any:
        asked.append((url, how["weights_only"]))
        return weights

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", download)
    pool = pool_of()
    found = features_of(pool, "inception", 10, None)
    assert asked[0][1] is True
    assert "inception_v3" in asked[0][0]
    assert (found.kind, found.suffix) == ("inception", "_in_inception")
    x = pool.test.x[:2]
    features = found.of(x)
    assert features.shape == (2, 2048)
    assert not torch.equal(features[0], features[1])
    torch.testing.assert_close(found.of(x * 9 - 4), found.of((x * 9 - 4).clamp(0, 1)))  # pictures are clamped
    torch.testing.assert_close(found.of(x.expand(-1, 3, -1, -1)), features)


def test_inception_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(*_: Any, **__: Any) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", download)
    with pytest.raises(UserError, match=r"could not be downloaded .*no route to host.*features=classifier"):
        features_of(pool_of(), "inception", 10, None)


@pytest.mark.parametrize("shape", [(2, 8, 8), (1, 30), (7,)])
def test_inception_reads_images_only(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"one or three channels.*features=classifier"):
        features_of(pool_of(shape), "inception", 10, None)
