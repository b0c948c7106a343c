"""Pictures of a comparison: what each draws, and what it draws nothing of."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from src.comparison.breakdown import over_seeds, weighted_terms
from src.comparison.compared import compare
from src.comparison.examples import SameExamples
from src.comparison.latent_maps import flattened, latent_maps
from src.comparison.learning_curves import curve, learning_curves
from src.comparison.parallel import numeric_settings, parallel_coordinates
from src.comparison.pictures import draw
from src.comparison.rate_distortion import rate_distortion
from src.comparison.records import Comparison
from src.comparison.side_by_side import side_by_side
from src.comparison.styles import MOST, styles
from src.comparison.trade_offs import trade_offs
from src.reading_runs import Read
from tests.comparison.run_folders import write_run


def sweep(root: Path, seeds: int = 1, sizes: tuple[int, ...] = (2, 4, 8)) -> Comparison:
    paths = [
        write_run(
            root / f"{size}-{seed}", seed=seed, se=8.0 / size + seed, model__latent_dim=size,
            summary={"model/code_size": size, "baseline/pca_components": size, "baseline/pca_se": 9.0 / size},
        )
        for size in sizes
        for seed in range(seeds)
    ]  # fmt: skip
    return compare(Read(paths).runs, [])


def lines(figure: Any) -> dict[str, Any]:
    return {line.get_label(): line for ax in figure.axes for line in ax.get_lines()}


def test_a_learning_curve_is_the_mean_over_seeds_with_its_spread(tmp_path: Path) -> None:
    a, b = write_run(tmp_path / "a", seed=1), write_run(tmp_path / "b", seed=2)
    (b / "metrics.csv").write_text("epoch,val/loss,val/reconstruction\n0,5.0,1.0\n1,,1.0\n2,7.0,1.0\n")
    comparison = compare(Read([a, b]).runs, [])
    epochs, mean, std = curve(comparison.variants[0], "val/loss")
    assert epochs.tolist() == [1, 2, 3]
    assert mean.tolist() == [4.0, 2.0, 7.0]
    assert std.tolist() == pytest.approx([2**0.5, 0.0, 0.0])
    figure = learning_curves(comparison)
    assert figure is not None
    assert [ax.get_ylabel() for ax in figure.axes] == ["validation reconstruction", "validation loss, all terms"]
    assert lines(figure)["vae"].get_ydata().tolist() == [4.0, 2.0, 7.0]


def test_losses_that_differ_have_a_panel_each(tmp_path: Path) -> None:
    other = {"_target_": "src.losses.BernoulliLoss"}
    runs = Read([write_run(tmp_path / "a"), write_run(tmp_path / "b", "undercomplete", loss=other)]).runs
    figure = learning_curves(compare(runs, []))
    assert figure is not None
    assert {ax.get_ylabel().split(", ")[1] for ax in figure.axes} == {"SquaredError", "BernoulliLoss"}


def test_rate_distortion_has_the_variants_and_pca_by_size(tmp_path: Path) -> None:
    figure = rate_distortion(sweep(tmp_path / "many"))
    assert figure is not None
    assert lines(figure)["PCA"].get_xdata().tolist() == [2, 4, 8]
    assert lines(figure)["PCA"].get_ydata().tolist() == [4.5, 2.25, 1.125]
    assert lines(figure)["vae, latent_dim=2"].get_xydata().tolist() == [[2.0, 4.0]]
    assert rate_distortion(sweep(tmp_path / "one", sizes=(8,))) is None


def test_trade_offs_draw_each_other_column(tmp_path: Path) -> None:
    figure = trade_offs(sweep(tmp_path))
    assert figure is not None
    assert [ax.get_xlabel() for ax in figure.axes if ax.get_visible()] == ["seconds  (← better)"]
    assert trade_offs(sweep(tmp_path / "one", sizes=(8,))) is None


def test_parallel_coordinates_take_numbers_that_differ(tmp_path: Path) -> None:
    comparison = sweep(tmp_path)
    assert numeric_settings(comparison.variants) == ["model.latent_dim"]
    figure = parallel_coordinates(comparison)
    assert figure is not None
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["latent_dim", "se"]
    assert parallel_coordinates(sweep(tmp_path / "two", sizes=(2, 4))) is None


def test_the_breakdown_weighs_each_term_at_its_last_epoch(tmp_path: Path) -> None:
    comparison = compare(Read([write_run(tmp_path / "a", seed=1), write_run(tmp_path / "b", seed=2)]).runs, [])
    assert weighted_terms(comparison.variants[0].runs[0]) == {"reconstruction": 1.5, "kl": 0.5}
    assert over_seeds(comparison.variants[0]) == {"reconstruction": 1.5, "kl": 0.5}


def examples(n: int = 3, p: int = 12) -> SameExamples:
    x, rng = torch.rand(n, 1, 4, 4), np.random.default_rng(0)
    codes = {"PCA-2": rng.normal(size=(p, 2)), "vae": rng.normal(size=(p, 5)), "same": np.ones((p, 3))}
    outputs = {"PCA-2": torch.zeros_like(x), "vae": x}
    return SameExamples(x, (0.0, 1.0), outputs, np.arange(p) % 3, ["a", "b", "c"], codes)


def test_side_by_side_has_a_row_a_variant_with_its_error() -> None:
    given = examples()
    figure = side_by_side(given)
    assert figure is not None
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows == ["input", f"PCA-2  {float(given.x.square().sum() / 3):.3g}", "vae  0"]
    assert side_by_side(SameExamples(given.x, (0.0, 1.0), {}, given.y, [], {})) is None


def test_maps_show_two_numbers_as_they_are_and_more_by_tsne() -> None:
    given = examples()
    figure = latent_maps(given)
    assert figure is not None
    titles = [ax.get_title() for ax in figure.axes if ax.get_visible()]
    assert titles == [
        "PCA-2\n2 numbers, as they are",
        "vae\nt-SNE of 5 numbers",
        "same\nall codes are the same",
    ]
    points, _ = flattened(given.codes["PCA-2"])
    assert np.array_equal(points, given.codes["PCA-2"])
    assert latent_maps(examples(p=4)) is None


def test_codes_that_are_not_finite_are_counted_and_left_out() -> None:
    z = np.arange(20.0).reshape(10, 2)
    z[3, 1] = np.nan
    points, how = flattened(z)
    assert how.endswith(", 1 not finite")
    assert np.isnan(points[3]).all()
    assert np.isfinite(np.delete(points, 3, 0)).all()


def test_no_two_named_variants_look_alike() -> None:
    looks = styles([str(i) for i in range(MOST + 5)])
    named = [(s.colour, s.marker) for s in looks.values() if s.is_named]
    assert len(named) == len(set(named)) == MOST
    assert [s.is_named for s in looks.values()].count(False) == 5


def test_an_earlier_picture_that_is_not_drawn_again_is_removed(tmp_path: Path) -> None:
    drawn = draw(sweep(tmp_path / "a"), None, tmp_path / "figures")
    assert set(drawn) == {"learning_curves", "rate_distortion", "trade_offs", "parallel_coordinates", "loss_breakdown"}
    assert all(file.stat().st_size > 1000 for file in drawn.values())
    again = draw(sweep(tmp_path / "b", sizes=(8,)), None, tmp_path / "figures")
    assert sorted(file.stem for file in (tmp_path / "figures").iterdir()) == sorted(again)
    assert "rate_distortion" not in again
