"""The section on codes: figures of codes that are known."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from src.contracts import CategoricalCode
from src.models import CategoricalAutoencoder, VariationalAutoencoder
from src.pca import PCA
from src.scorecard.code import SPECTRUM_OF, WIDEST, Codes
from src.scorecard.code_posterior import kl_of
from src.scorecard.contenders import Contender, Rival, Trained
from src.scorecard.findings import Findings
from src.scorecard.pool import Images, Pool
from tests.scorecard.contender import Changed
from tests.small_models import mlp, parts

FACTORS = torch.cartesian_prod(*[torch.arange(4)] * 3).repeat(2, 1)
SHAPE = (1, 1, 3)


class Encoding(Changed):
    """Its codes are a function of the flattened examples."""

    def __init__(self, code: Callable[[Tensor], Tensor]) -> None:
        super().__init__(lambda x: x)
        self.code = code

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.code(x.flatten(1))


def known(labelled: bool = True, factors: bool = True, n: int = len(FACTORS)) -> Pool:
    """Examples of three pixels, each a factor of four levels; the first is the class too."""
    made = dict(zip("abc", FACTORS[:n].T, strict=True)) if factors else {}
    y = FACTORS[:n, 0] if labelled else torch.full((n,), -1)
    x = FACTORS[:n].float().view(n, *SHAPE) / 4
    train, test = (Images(name, x, y, torch.arange(n), made) for name in ("train", "test"))
    return Pool(train, test, SHAPE, (0.0, 1.0), tuple("0123") if labelled else (), seed=0)


def values(found: Findings) -> dict[str, float]:
    return {name: measured.value for name, measured in found.scores.items()}


def measured(who: Contender, pool: Pool, **dials: Any) -> Findings:
    return Codes(**{"neighbours": 2} | dials).measure(who, pool)


def test_codes_that_are_the_factors() -> None:
    found = values(measured(Encoding(lambda x: x), known()))
    for name in ("linear_probe", "nearest_neighbours", "mig", "disentanglement", "completeness", "informativeness"):
        assert found[name] == pytest.approx(1), name
    assert min(found["trustworthiness"], found["continuity"]) > 0.98  # of equally near ones any may come first
    assert found["effective_rank"] == pytest.approx(3)
    assert found["varying_units"] == 3
    assert found["dead_units"] == 0
    assert found["l0"] == pytest.approx(3 * 3 / 4)  # each factor is 0 in a quarter of the examples


def test_codes_that_forget_all_but_one_factor() -> None:
    found = values(measured(Encoding(lambda x: torch.stack([x[:, 1], 0 * x[:, 1]], 1)), known()))
    assert found["linear_probe"] == pytest.approx(0.25, abs=0.01)
    assert found["nmi"] == pytest.approx(0, abs=0.01)
    assert found["effective_rank"] == pytest.approx(1)
    assert found["dead_units"] == 1
    assert found["mig"] == pytest.approx(1 / 3)  # all of one factor, nothing of two


def test_means_over_images_have_an_interval_and_the_rest_says_what_it_was_measured_on() -> None:
    found = measured(Encoding(lambda x: x[:, :2]), known()).scores
    assert {name for name, one in found.items() if one.low is not None} == {"linear_probe", "nearest_neighbours", "l0"}
    assert all(one.n for one in found.values())


def test_what_needs_labels_or_factors_says_that_there_are_none() -> None:
    found = measured(Encoding(lambda x: x), known(labelled=False, factors=False))
    for name in ("linear_probe", "nearest_neighbours", "nmi", "ari"):
        assert found.skipped[name] == "The examples have no labels, or all have the same."
    for name in ("mig", "disentanglement", "completeness", "informativeness"):
        assert "data=synthetic" in found.skipped[name]
    assert {"effective_rank", "trustworthiness"} <= found.scores.keys()
    assert not found.scores.keys() & found.skipped.keys()


def test_few_examples_and_few_units_are_said_to_be_too_few() -> None:
    found = measured(Encoding(lambda x: x[:, :1]), known(n=9), neighbours=10)
    assert found.skipped["trustworthiness"] == "10 neighbours need more than 20 test images, and there are 9."
    assert found.skipped["mig"].startswith("2 factors that vary and 1 units")
    assert measured(Encoding(lambda x: x), known(), neighbours=1000).skipped["nearest_neighbours"] == (
        "There are only 128 training examples, not 1000."
    )


def test_a_forest_reads_no_code_that_is_wider_than_it_may() -> None:
    found = measured(Encoding(lambda x: x), known(), forest_units=2)
    assert "mig" in found.scores
    assert found.skipped["completeness"].startswith("A forest reads codes of 2 units at most, and these have 3")


def test_codes_that_are_not_finite_are_counted_and_not_measured() -> None:
    found = measured(Encoding(lambda x: 1 / x[:, :1]), known())
    assert found.scores == {}
    assert found.skipped == {"*": "64 codes of Changed are not finite."}  # a quarter of 128, twice


def test_wide_codes_have_the_spectrum_of_images_that_are_evenly_spaced() -> None:
    """Test sets may lie class by class: the first of them would be of one class alone."""
    n = 2 * SPECTRUM_OF
    y = (torch.arange(n) >= SPECTRUM_OF).long()
    train, test = (Images(name, y.float().view(-1, 1, 1, 1), y, torch.arange(n)) for name in ("train", "test"))
    wide = Encoding(lambda x: x.expand(-1, WIDEST + 1))
    found = measured(wide, Pool(train, test, (1, 1, 1), (0.0, 1.0), tuple("01"), seed=0), neighbourhood_images=20)
    assert found.scores["effective_rank"].value == pytest.approx(1, abs=1e-3)  # and 0 of one class
    assert found.scores["effective_rank"].n == SPECTRUM_OF


def test_one_seed_one_result() -> None:
    pool = known()
    assert measured(Encoding(torch.sin), pool).scores == measured(Encoding(torch.sin), pool).scores


def test_the_divergence_of_a_posterior_is_that_of_torch() -> None:
    torch.manual_seed(0)
    model = VariationalAutoencoder(2, **parts(mlp(6), shape=list(SHAPE))).eval()
    pool, who = known(), Trained(model)
    with torch.no_grad():
        code = model.encode(pool.test.x)
    exact = kl_divergence(Normal(code.mean, code.std), Normal(0.0, 1.0))  # type: ignore[attr-defined]
    torch.testing.assert_close(kl_of(who, pool.test), exact)
    found = measured(who, pool)
    assert found.scores["kl"].value == pytest.approx(float(exact.sum(1).mean()))
    assert found.scores["kl_units"].value == int((exact.mean(0) > 0.01).sum())
    assert found.scores["active_units"].value == int((code.z.var(0, correction=0) > 0.01).sum())


def test_the_divergence_of_categorical_codes_is_by_variable() -> None:
    torch.manual_seed(0)
    model = CategoricalAutoencoder(8, categories=4, **parts(mlp(6), shape=list(SHAPE))).eval()
    pool = known()
    with torch.no_grad():
        code = model.encode(pool.test.x)
    assert isinstance(code, CategoricalCode)
    entropy = torch.distributions.Categorical(logits=code.log_p).entropy()
    torch.testing.assert_close(kl_of(Trained(model), pool.test), torch.tensor(4.0).log() - entropy)
    found = measured(Trained(model), pool)
    assert "varying_units" in found.skipped["active_units"]


def test_codes_that_are_no_distribution_have_no_divergence_and_pca_does_not_speak_of_it() -> None:
    pool = known()
    rival = Rival(PCA.fit(lambda: [pool.train.x], 2), pool.train)
    found = measured(rival, pool)
    assert not {"kl", "active_units"} & (found.scores.keys() | found.skipped.keys())


def test_pictures_are_drawn_of_both() -> None:
    torch.manual_seed(0)
    pool, section = known(), Codes(neighbours=2)
    model = Trained(VariationalAutoencoder(2, **parts(mlp(6), shape=list(SHAPE))).eval())
    rival = Rival(PCA.fit(lambda: [pool.train.x], 2), pool.train)
    section.measure(model, pool)
    section.measure(rival, pool)
    pictures = section.pictures(model, rival, pool)
    assert set(pictures) == {"singular_values", "kl_per_unit"}
    (ax,) = pictures["singular_values"].axes
    assert [line.get_label().split(":")[0] for line in ax.lines] == ["VariationalAutoencoder", "PCA-2"]  # type: ignore[union-attr]
    (bars,) = pictures["kl_per_unit"].axes
    heights = [bar.get_height() for bar in bars.patches]  # type: ignore[attr-defined]
    assert sum(heights) == pytest.approx(float(kl_of(model, pool.test).sum(1).mean()), rel=1e-5)
