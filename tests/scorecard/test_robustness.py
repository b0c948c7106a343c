"""The section on robustness: figures of contenders whose answers are known."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions import Corruption, Gaps, GaussianNoise, Jpeg, Masking, Watermark
from src.models import UndercompleteAutoencoder, VectorQuantizedAutoencoder
from src.networks import ConvNetwork
from src.noise import IndexedNoise
from src.pca import PCA
from src.scorecard.contenders import Contender, Rival, Trained
from src.scorecard.decibels import gain
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.pool import Images, Pool
from src.scorecard.robustness import Robustness
from src.scorecard.robustness_denoising import built
from tests.scorecard.contender import Changed, pool
from tests.small_models import mlp, parts

SHAPE = (1, 2, 3)


class Offset(Corruption):
    """Everything is brighter by the same."""

    config_name = "offset"

    def __init__(self, by: float = 0.2) -> None:
        super().__init__()
        self.by = by

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        return x + self.by, None


def examples(n: int = 60, shape: tuple[int, ...] = SHAPE, **others: Any) -> Pool:
    return pool(torch.rand(n, *shape, generator=torch.Generator().manual_seed(0)), **others)


def measured(who: Contender, data: Pool, **corruptions: Callable[..., Corruption]) -> dict[str, Measured]:
    return Robustness(corruptions).measure(who, data).scores


def db(found: Findings | dict[str, Measured], name: str) -> float:
    scores = found.scores if isinstance(found, Findings) else found
    assert scores[name].unit == "dB"
    return scores[name].value


def rival(data: Pool, k: int) -> Rival:
    return Rival(PCA.fit(lambda: [data.train.x], k), data.train)


def test_gains_by_hand() -> None:
    """The offset of 0.2 is 10 log10(1 / 0.04) dB; taking 0.1 off leaves a quarter of the error."""
    nothing = measured(Changed(lambda x: x), examples(), offset=Offset)
    assert db(nothing, "offset/psnr") == pytest.approx(13.979, abs=1e-3)
    assert db(nothing, "offset/gain") == pytest.approx(0, abs=1e-9)
    half = measured(Changed(lambda x: x - 0.1), examples(), offset=Offset)
    assert db(half, "offset/psnr") == pytest.approx(20, abs=1e-3)
    assert db(half, "offset/gain") == pytest.approx(6.0206, abs=1e-3)
    assert half["offset/gain"].better == "higher"
    assert half["offset/gain"].n == 60


def test_a_linear_map_that_undoes_it_is_seen_to_win() -> None:
    found = measured(Changed(lambda x: x - 0.1), examples(), offset=Offset)
    assert found["linear_images"].value == 60
    assert db(found, "offset/linear_psnr") > 80
    assert db(found, "offset/gain_over_linear") == pytest.approx(20 - db(found, "offset/linear_psnr"))


def normal_pool(n: int = 4000) -> Pool:
    """Independent normal pixels of variance 1, values without ends; other ones to test on."""
    train, test = torch.randn(2, n, *SHAPE, generator=torch.Generator().manual_seed(0))
    y, index = torch.full((n,), -1), torch.arange(n)
    ends = (-float("inf"), float("inf"))
    return Pool(Images("train", train, y, index), Images("test", test, y, index), SHAPE, ends, (), seed=3)


def test_the_wiener_filter_is_as_good_as_the_best_linear_denoiser() -> None:
    """Of x + n with variances 1 and 1/4 it keeps 4/5, and leaves 1/5 of the 1/4: a gain of 10 log10(5/4) dB."""
    noise = partial(GaussianNoise, std=0.5)
    found = measured(Changed(lambda x: 0.8 * x), normal_pool(), noise=noise)
    assert db(found, "noise/gain") == pytest.approx(10 * torch.tensor(1.25).log10().item(), abs=0.1)
    assert db(found, "noise/gain_over_linear") == pytest.approx(0, abs=0.02)
    assert found["noise/se"].value == pytest.approx(6 * 0.2, rel=0.03)
    assert not {"noise/psnr", "noise/linear_psnr"} & found.keys()  # there is no peak


def test_training_and_test_images_of_one_place_meet_other_noise() -> None:
    """Else a linear map with as many numbers as pairs would know the noise of the test images by heart."""
    n, d = 40, 60
    x = torch.zeros(n, d)
    data = pool(x + 1e-3 * torch.randn(n, d, generator=torch.Generator().manual_seed(0)), ends=(-9.0, 9.0))
    found = measured(Changed(lambda x: 0 * x), data, noise=partial(GaussianNoise, std=1.0))
    assert db(found, "noise/gain_over_linear") > -1


def test_what_does_not_fit_the_data_is_left_out_with_its_own_sentence() -> None:
    ends = (-float("inf"), float("inf"))
    section = Robustness({"gaps": partial(Gaps, n=1), "jpeg": partial(Jpeg, quality=20), "none": partial(Offset, by=0)})
    found = section.measure(Changed(lambda x: x), examples(ends=ends))
    assert found.skipped["gaps"].startswith("corruption=gaps works on series")
    assert "data.range=null has neither" in found.skipped["jpeg"]
    assert found.skipped["none"] == "corruption=offset leaves these examples as they are."


def test_a_contender_that_reconstructs_nothing_is_measured_by_its_jacobian_alone() -> None:
    found = Robustness({"offset": Offset}).measure(Changed(lambda x: x, can="encode"), examples())
    assert found.skipped == {"offset": "Changed does not reconstruct whole images."}
    assert found.scores.keys() == {"jacobian_norm", "relative_jacobian_norm"}


def test_errors_that_have_no_decibels_are_told() -> None:
    section = Robustness({"offset": Offset})
    assert section.measure(Changed(lambda x: x / 0), examples()).skipped["offset"].startswith("The error of Changed")
    exact = Robustness({"offset": partial(Offset, by=0.25)}).measure(
        Changed(lambda x: x - 0.25), pool(torch.ones(4, 6))
    )
    assert "is 0.0" in exact.skipped["offset"]
    undone = section.measure(Changed(lambda x: x), pool(torch.ones(4, 6)))  # pixels that never change
    assert "undoes it without an error" in undone.skipped["offset/gain_over_linear"]
    assert undone.scores.keys() >= {"offset/psnr", "offset/gain"}
    assert all(abs(found.value) < 99 for found in undone.scores.values())


def test_examples_too_large_for_a_linear_denoiser_have_none() -> None:
    found = Robustness({"offset": Offset}, linear_up_to=5).measure(Changed(lambda x: x), examples())
    assert found.scores.keys() >= {"offset/psnr", "offset/gain"}
    assert not {"offset/gain_over_linear", "offset/linear_psnr", "linear_images"} & found.scores.keys()
    assert found.skipped["gain_over_linear"].startswith(
        "Examples have 6 numbers, and a linear denoiser is fitted up to 5"
    )


def test_a_corruption_is_told_of_the_data_what_it_asks_for_and_was_not_given() -> None:
    data = examples(shape=(1, 8, 8), ends=(-1.0, 1.0))
    assert (built(partial(GaussianNoise, std=0.1), data).low, built(Offset, data).by) == (-1.0, 0.2)
    assert built(partial(Masking, fraction=0.5), data).blank == -1.0
    assert built(partial(Masking, fraction=0.5, range=[0.5, 1.0]), data).blank == 0.5
    x = data.test.x
    assert not torch.equal(built(Watermark, data)(x, IndexedNoise(0, data.test.index))[0], x)


def test_the_interval_of_a_ratio_resamples_both_alike() -> None:
    """A ratio that is the same for every example has no spread, however much the examples differ."""
    errors = torch.rand(50, generator=torch.Generator().manual_seed(0)) + 0.1
    found = gain(mean_of(10 * errors), mean_of(errors))
    assert (found.low, found.value, found.high) == pytest.approx((10, 10, 10))
    other = gain(mean_of(errors), mean_of(torch.ones(50)))
    assert other.low < other.value < other.high  # type: ignore[operator]
    assert gain(mean_of(errors[:1]), mean_of(errors[1:2])).low is None  # one example alone has no spread


def test_one_seed_one_result_and_the_linear_denoisers_are_fitted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from src.scorecard import robustness_denoising

    fitted = []

    class Counted(robustness_denoising.LinearDenoiser):
        def __init__(self, seen: Tensor, x: Tensor) -> None:
            fitted.append(1)
            super().__init__(seen, x)

    monkeypatch.setattr(robustness_denoising, "LinearDenoiser", Counted)
    data, section = examples(), Robustness({"noise": partial(GaussianNoise, std=0.3)})
    first = section.measure(rival(data, 2), data)
    assert section.measure(rival(data, 2), data).scores == first.scores
    assert len(fitted) == 1
    assert Robustness({"noise": partial(GaussianNoise, std=0.3)}).measure(rival(data, 2), data).scores == first.scores


# The Jacobian ---------------------------------------------------------------------------------------------------------


def test_pca_answers_alike_in_every_direction() -> None:
    data, section = examples(), Robustness({})
    who = rival(data, 4)
    found = section.measure(who, data).scores
    assert found["jacobian_norm"].value == pytest.approx(2)
    torch.testing.assert_close(section._spectra[who], torch.ones(60, 4))


def test_pcas_norm_is_known_at_any_width() -> None:
    data = examples()
    assert Robustness({}, exact_up_to=3, probes=1).measure(rival(data, 4), data).scores["jacobian_norm"].value == 2


def test_the_relative_norm_does_not_see_the_scale_of_a_code() -> None:
    """A code that is the image itself, or a multiple of it, changes as images do: the square root of its numbers."""

    class Scaled(Changed):
        def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
            return 7 * x.flatten(1)

    plain, scaled = (measured(kind(lambda x: x), examples()) for kind in (Changed, Scaled))
    assert plain["relative_jacobian_norm"].value == pytest.approx(6**0.5, rel=1e-5)
    assert scaled["relative_jacobian_norm"].value == pytest.approx(6**0.5, rel=1e-5)
    assert scaled["jacobian_norm"].value == pytest.approx(7 * 6**0.5, rel=1e-5)


def test_a_code_that_never_changes_has_no_relative_norm() -> None:
    class Silent(Changed):
        def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
            return 0 * x.flatten(1)

    found = Robustness({}).measure(Silent(lambda x: x), examples())
    assert found.scores["jacobian_norm"].value == 0
    assert found.skipped["relative_jacobian_norm"] == "Changed gives every image the same code."


@pytest.mark.parametrize("network", [mlp(5, activation="tanh"), mlp()], ids=["estimated", "closed form"])
def test_wide_codes_are_measured_without_the_whole_jacobian(network: Any) -> None:
    torch.manual_seed(0)
    who = Trained(UndercompleteAutoencoder(4, **parts(network, shape=list(SHAPE))).eval())
    exact = Robustness({}).measure(who, examples())
    wide = Robustness({}, exact_up_to=3, probes=500).measure(who, examples())
    assert wide.scores["jacobian_norm"].value == pytest.approx(exact.scores["jacobian_norm"].value, rel=0.02)
    told = "has a closed form" if network is mlp() else ""
    assert told in wide.skipped["jacobian_singular_values"]
    assert not exact.skipped


def test_symbols_have_no_derivative() -> None:
    network = partial(ConvNetwork, channels=[3])
    model = VectorQuantizedAutoencoder(2, entries=4, **parts(network, shape=[1, 4, 4])).eval()
    found = Robustness({}).measure(Trained(model), examples(shape=(1, 4, 4)))
    assert "consists of symbols" in found.skipped["jacobian_norm"]


def test_pictures_have_a_bar_for_each_corruption_and_contender() -> None:
    data = examples()
    section = Robustness({"offset": Offset, "noise": partial(GaussianNoise, std=0.3), "gaps": partial(Gaps, n=1)})
    model, other = Changed(lambda x: x - 0.1, name="Mine"), rival(data, 4)
    section.measure(model, data)
    section.measure(other, data)
    pictures = section.pictures(model, other, data)
    assert set(pictures) == {"jacobian_singular_values", "denoising_gain"}
    (ax,) = pictures["denoising_gain"].axes
    assert len(ax.patches) == 6  # two corruptions that fit, three that repair
    assert [text.get_text() for text in ax.get_yticklabels()] == ["offset", "noise"]
    (curves,) = pictures["jacobian_singular_values"].axes
    assert [line.get_label() for line in curves.lines] == ["Mine", "PCA-4"]
