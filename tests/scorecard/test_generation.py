"""How samples are judged, on contenders whose samples are known."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from src.scorecard import features_classifier
from src.scorecard.contenders import Contender
from src.scorecard.findings import Findings
from src.scorecard.generation import Generation
from src.scorecard.generation_pictures import rows_of_pairs
from src.scorecard.generation_samples import mixture_codes, normal_codes
from src.scorecard.pool import Images, Pool
from tests.scorecard.known_samples import Plain, blobs, pool_of

SHAPE = (1, 8, 8)
MANIFOLD = ("precision", "recall", "density", "coverage")


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features_classifier, "STEPS", 40)


def section(samples: int = 60, **dials: int | str) -> Generation:
    return Generation(samples=samples, features_cache=None, **dials)  # type: ignore[arg-type]


def found(who: Contender, pool: Pool, **dials: int | str) -> Findings:
    return section(**dials).measure(who, pool)


def values(findings: Findings) -> dict[str, float]:
    return {name: score.value for name, score in findings.scores.items()}


def test_the_test_images_as_samples_are_perfect() -> None:
    pool = pool_of()
    scores = values(found(Plain(SHAPE, lambda n, y: pool.test.x), pool))
    assert scores["frechet"] == pytest.approx(0, abs=1e-6)
    assert scores["frechet"] < scores["frechet_floor"] < 5
    assert (scores["precision"], scores["recall"], scores["coverage"]) == (1, 1, 1)
    assert scores["density"] == pytest.approx((5 + 1) / 5)  # five balls on average, and its own
    assert scores["nearest_train"] == scores["nearest_train_of_test"] > 0
    assert scores["nearest_train_ratio"] == 1
    assert scores["features_accuracy"] > 0.9


def test_copies_of_training_images_are_found_out() -> None:
    pool = pool_of()
    scores = values(found(Plain(SHAPE, lambda n, y: pool.train.x[:n]), pool))
    assert scores["nearest_train"] == scores["nearest_train_ratio"] == 0
    assert scores["precision"] > 0.8


def test_one_class_of_two_is_precise_and_covers_half() -> None:
    pool = pool_of()
    one = pool.test.x[pool.test.y == 0].repeat(2, 1, 1, 1)
    scores = values(found(Plain(SHAPE, lambda n, y: one), pool))
    assert scores["precision"] == 1
    assert scores["coverage"] == 0.5
    assert scores["frechet"] > 10 * scores["frechet_floor"]


def test_noise_is_neither() -> None:
    noise = torch.rand(60, *SHAPE, generator=torch.Generator().manual_seed(0))
    scores = values(found(Plain(SHAPE, lambda n, y: 9 * noise), pool_of()))
    assert [scores[figure] for figure in MANIFOLD] == [0, 0, 0, 0]
    assert scores["nearest_train_ratio"] > 10


def clusters(k: int, train: int = 400) -> Pool:
    """Points of the plane in k classes of their own."""
    middles = 10 * torch.tensor([[1.0, 1], [-1, -1], [1, -1], [-1, 1]])[:k]
    sets = []
    for name, n, seed in (("train", train, 0), ("test", 200, 1)):
        y = torch.arange(n) % k
        x = middles[y] + torch.randn(n, 2, generator=torch.Generator().manual_seed(seed))
        sets.append(Images(name, x, y, torch.arange(n)))
    return Pool(*sets, (2,), (-torch.inf, torch.inf), tuple(map(str, range(k))), seed=0)


def test_a_mixture_reaches_codes_in_clusters_where_one_normal_does_not() -> None:
    scores = values(found(Plain((2,)), clusters(2), samples=2000))
    assert scores["mixture_frechet"] < scores["normal_frechet"] / 10
    assert scores["mixture_coverage"] > 0.8


def test_samples_of_the_mixture_have_its_moments() -> None:
    pool = clusters(4)
    z = mixture_codes(pool.train.x, 4, 20_000, seed=0)
    torch.testing.assert_close(z.mean(0), pool.train.x.mean(0), atol=0.4, rtol=0)
    torch.testing.assert_close(z.T.cov(), pool.train.x.T.cov(), atol=4.0, rtol=0)
    assert (z.abs() - 10).abs().mean() < 1  # around the four middles, where one normal has its samples all over


def test_samples_of_the_normal_have_the_mean_and_the_spread_of_each_number() -> None:
    codes = torch.randn(500, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 5, 0]) + 7
    z = normal_codes(codes, 50_000, seed=0)
    torch.testing.assert_close(z.mean(0), codes.mean(0), atol=0.1, rtol=0)
    torch.testing.assert_close(z.std(0), codes.std(0), atol=0.1, rtol=0)


@pytest.mark.parametrize(
    ("who", "dials", "figure", "why"),
    [
        (Plain(SHAPE), {}, "frechet", "Plain has no prior to draw codes from"),
        (Plain(SHAPE), {"widest": 63}, "mixture_frechet", r"has 64 numbers, .* up to 63 \(widest\)"),
        (Plain(SHAPE, lambda n, y: torch.zeros(n, *SHAPE), ("decode",)), {}, "mixture_frechet", "has no encoder"),
        (Plain(SHAPE, lambda n, y: torch.zeros(n, *SHAPE), ("decode",)), {}, "normal_frechet", "has no encoder"),
        (Plain(SHAPE, lambda n, y: torch.full((n, *SHAPE), torch.nan)), {}, "frechet", "60 of 60 .* are not finite"),
        (Plain(SHAPE, lambda n, y: torch.full((n, *SHAPE), 1e38)), {}, "frechet", "features are not finite"),
        (Plain(SHAPE, lambda n, y: torch.zeros(n, *SHAPE)), {"samples": 5}, "precision", "Of 5 examples none has"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_said(who: Plain, dials: dict[str, int], figure: str, why: str) -> None:
    findings = found(who, pool_of(), **dials)
    assert figure not in findings.scores
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(findings.skipped[figure])


def test_codes_that_are_not_finite_leave_the_prior_measured() -> None:
    pool = pool_of()
    who = Plain(SHAPE, lambda n, y: pool.test.x)
    who.encode = lambda x, y=None: torch.full((len(x), 64), torch.nan)  # type: ignore[method-assign]
    findings = found(who, pool)
    for figure in ("mixture_frechet", "normal_frechet"):
        assert findings.skipped[figure] == "Not all codes of Plain are finite, so no distribution fits them."
    assert "frechet" in findings.scores


def test_one_example_is_no_distribution() -> None:
    for pool in (pool_of(train=1), pool_of(test=1)):
        findings = found(Plain(SHAPE), pool)
        assert findings.scores == {}
        assert "not 1" in findings.skipped["*"]


def test_classes_are_asked_for_in_the_proportions_of_the_data() -> None:
    pool = pool_of(train=400)
    pool.train.y[:] = torch.where(torch.arange(400) % 4 == 0, 1, 0)
    asked: list[Tensor] = []

    def sampler(n: int, y: Tensor | None) -> Tensor:
        assert y is not None
        asked.append(y)
        return blobs(n, SHAPE, 5)[0]

    found(Plain(SHAPE, sampler, ("encode", "decode", "conditional")), pool, samples=400)
    assert asked[0].shape == (400,)
    assert float(asked[0].float().mean()) == pytest.approx(0.25, abs=0.05)


def test_a_model_that_is_told_no_classes_is_asked_for_none() -> None:
    def sampler(n: int, y: Tensor | None) -> Tensor:
        assert y is None
        return blobs(n, SHAPE, 5)[0]

    found(Plain(SHAPE, sampler), pool_of())


def test_names_tell_that_features_are_not_a_classifiers() -> None:
    pool = pool_of(labelled=False)
    findings = found(Plain(SHAPE, lambda n, y: pool.test.x), pool)
    in_features = {"frechet", "frechet_floor", "mixture_frechet", "normal_frechet", *MANIFOLD}
    assert {f"{figure}_in_random" for figure in in_features} <= set(findings.scores)
    assert not in_features & set(findings.scores)
    assert "no labels" in findings.skipped["features_accuracy"]
    assert findings.scores["frechet_in_random"].value == pytest.approx(0, abs=1e-6)


def test_figures_say_how_many_they_are_of_and_means_have_intervals() -> None:
    pool = pool_of()
    findings = found(Plain(SHAPE, lambda n, y: blobs(n, SHAPE, 5)[0]), pool, samples=80)
    assert findings.scores["frechet"].n == 80
    assert findings.scores["frechet"].low is None
    assert findings.scores["frechet_floor"].n == 80
    for figure in MANIFOLD:
        score = findings.scores[figure]
        assert score.n == 60  # as many samples as there are test images
        assert score.low is not None
        assert score.high is not None
        assert score.low <= score.value <= score.high
    assert findings.scores["nearest_train"].n == 80


def test_no_more_samples_are_drawn_than_there_are_training_images() -> None:
    """`max_samples` bounds the memory, and the floor is of as many."""
    drawn: list[int] = []

    def sampler(n: int, y: Tensor | None) -> Tensor:
        drawn.append(n)
        return blobs(n, SHAPE, 5)[0]

    scores = found(Plain(SHAPE, sampler), pool_of(train=90), samples=5000).scores
    assert drawn == [90]
    assert scores["frechet"].n == scores["frechet_floor"].n == scores["mixture_frechet"].n == 90


def test_what_is_the_datas_stands_with_the_model_alone() -> None:
    pool, generation = pool_of(), section()
    of_model = generation.measure(Plain(SHAPE), pool).scores
    of_rival = generation.measure(Plain(SHAPE, is_model=False), pool).scores
    assert set(of_model) - set(of_rival) == {"features_accuracy", "frechet_floor", "nearest_train_of_test"}


def test_one_seed_one_result_and_nothing_else_is_drawn_from() -> None:
    pool = clusters(2, train=100)
    first = found(Plain((2,)), pool)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    again = found(Plain((2,)), pool)
    assert torch.equal(torch.get_rng_state(), before)
    assert values(first) == values(again)


def test_rows_of_pairs() -> None:
    from src.metrics.nearest import nearest

    train, samples = torch.tensor([[0.0], [10], [20]]), torch.tensor([[12.0], [1], [19.5]])
    rows = rows_of_pairs(samples, train, nearest(samples, train))
    assert rows.flatten().tolist() == [12, 1, 19.5, 10, 0, 20, 19.5, 1, 12, 20, 0, 10]


@pytest.mark.parametrize("shape", [SHAPE, (2, 12), (5,)], ids=str)
def test_pictures(shape: tuple[int, ...], tmp_path: Path) -> None:
    pool, generation = pool_of(shape), section()
    model = Plain(shape)
    rival = Plain(shape, lambda n, y: pool.test.x, is_model=False)
    rival.name = "PCA-3"
    for who in (model, rival):
        generation.measure(who, pool)
    drawn = generation.pictures(model, rival, pool)
    titles = [ax.get_title() for ax in drawn["samples"].axes]
    assert titles == ["one normal", "mixture of 10 normals", "PCA-3", "test images"]
    labels = [label.get_text() for label in drawn["nearest"].axes[0].get_yticklabels()]
    assert labels == ["samples", "nearest in training", "closest of 60", "nearest in training"]
    for name, figure in drawn.items():
        figure.savefig(tmp_path / f"{name}.png")


def test_no_pictures_where_nothing_was_drawn() -> None:
    pool, generation = pool_of(), section()
    model = Plain(SHAPE, can=("decode",))
    generation.measure(model, pool)
    assert generation.pictures(model, Plain(SHAPE), pool) == {}
