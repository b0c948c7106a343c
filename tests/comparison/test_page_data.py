"""What the page is made from: numbers, curves, families, pictures, and text that cannot break out."""

import json
import math
import re
from pathlib import Path

import pytest
from PIL import Image

from src.comparison.page import write_page
from src.comparison.page_charts import axes, chart_data, curve, families
from src.comparison.page_numbers import decimals, figure
from src.comparison.page_pictures import PICTURE_BYTES, embedded, picture_data
from src.comparison.page_table import columns, rows
from src.comparison.records import Run, Variant
from tests.comparison.page_example import HOSTILE, SPECS, example


def test_a_column_has_two_digits_of_its_spread() -> None:
    assert decimals([9.37, 10.2], [0.12, 0.11]) == 2
    assert decimals([0.9312], [0.0042]) == 4
    assert decimals([1234.0], [35.0]) == 0
    assert decimals([9.3712]) == 3  # no spread: four digits
    assert decimals([784.0, 12.0]) == 0
    assert decimals([]) == 0
    assert decimals([123456.789], [0.001]) == 0  # never more than five digits of the figure itself


def test_figures_are_words_of_their_column() -> None:
    assert figure(1234567.0, 0) == "1,234,567"
    assert figure(-0.5, 2) == "−0.50"
    assert figure(0.00012, 2) == "1.2e−04"
    assert figure(0.0, 2) == "0.00"
    assert figure(math.inf, 2) == "inf"


def test_a_band_is_the_deviation_of_the_seeds_that_got_so_far(tmp_path: Path) -> None:
    def run(seed: int, values: list[float | None]) -> Run:
        epochs = [float(epoch) for epoch in range(len(values))]
        return Run(tmp_path, seed, {}, [], {}, {}, {"epoch": epochs, "val/loss": values}, {})

    found = curve(Variant("vae", [run(1, [4.0, 2.0, None]), run(2, [6.0, 2.0])], {}), "val/loss")
    assert found == {"epoch": [1.0, 2.0], "mean": [5.0, 2.0], "std": [round(math.sqrt(2), 5), 0.0], "seeds": [2, 2]}
    assert curve(Variant("vae", [run(1, [None])], {}), "val/loss") is None


def test_variants_that_differ_in_the_code_alone_are_a_family() -> None:
    def variant(name: str, **settings: object) -> Variant:
        return Variant(name, [], {key.replace("__", "."): value for key, value in settings.items()})

    found = families(
        [
            variant("vae, latent_dim=8", model__latent_dim=8, network__code=8, model__beta=1),
            variant("vae, latent_dim=16", model__latent_dim=16, network__code=16, model__beta=1),
            variant("vae, beta=4", model__latent_dim=8, network__code=8, model__beta=4),
        ]
    )
    assert found == ["vae", "vae", "vae, beta=4"]


def test_axes_are_the_numbers_that_differ() -> None:
    found = axes(
        [Variant("a", [], {"lr": 1e-4, "n": 8, "x": "mlp", "y": True}), Variant("b", [], {"lr": 1e-1, "n": 8})]
    )
    assert [(one["label"], one["log"]) for one in found] == [("lr", True)]


def test_the_table_has_every_figure_and_pca(tmp_path: Path) -> None:
    comparison = example(tmp_path)
    table = rows(comparison)
    assert [row.name for row in table] == [name for name, *_ in SPECS] + ["PCA-8", "PCA-16", "PCA-32"]
    assert table[0].entries[0].mean == "8.90"
    assert table[0].entries[0].rank == "best"
    assert table[4].entries[0].spread == ""  # one seed has no deviation
    assert table[5].entries[0].value == ""  # gan has no error
    assert [column.first for column in columns(comparison, table)][:4] == [
        "ascending",
        "descending",
        "descending",
        "ascending",
    ]


def test_no_text_can_leave_its_place(tmp_path: Path) -> None:
    html = write_page(example(tmp_path), tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert HOSTILE not in html
    assert "<b>bold</b>" not in html
    data = re.search(r'<script type="application/json" id="charts-data">(.*?)</script>', html, re.S)
    assert data is not None
    assert json.loads(data.group(1))["variants"][3]["name"] == HOSTILE
    assert "http://" not in re.sub(r"<script.*?</script>", "", html, flags=re.S)


def test_the_data_of_charts_are_json_whatever_the_figures_are(tmp_path: Path) -> None:
    comparison = example(tmp_path)
    comparison.variants[0].runs[0].curves["val/loss"][0] = math.nan  # type: ignore[index]
    json.dumps(chart_data(comparison), allow_nan=False)


def test_a_large_picture_is_made_smaller_and_what_is_none_is_named(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(large)
    found = embedded(large, PICTURE_BYTES)
    assert found is not None
    assert found.uri.startswith("data:image/webp")
    assert len(found.uri) < PICTURE_BYTES * 1.4
    assert found.width / found.height == pytest.approx(4 / 3, rel=0.01)
    (tmp_path / "text.png").write_text("no picture")
    data, unreadable = picture_data(example(tmp_path), {"Side by side": tmp_path / "text.png"})
    assert data["wide"] == []
    assert unreadable == [f"{tmp_path / 'text.png'} cannot be read as a PNG picture."]


def test_a_page_without_a_picture_stays_small(tmp_path: Path) -> None:
    comparison = example(tmp_path, (("gan", math.nan, 2, {"model.latent_dim": 8}),))
    assert write_page(comparison, tmp_path / "comparison.html").stat().st_size < 3_000_000
