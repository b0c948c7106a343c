"""comparison.html in a real browser: it opens without complaint and without a network, and does what it says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from src.comparison.page import write_page
from src.comparison.records import Comparison
from tests.comparison.chromium import DESKTOP, PHONE, PROJECTOR, Opened, browser, opened, scroll_through
from tests.comparison.page_example import HOSTILE, SPECS, example


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    return example(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def file(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    wide = {HOSTILE: comparison.variants[0].runs[0].pictures["reconstructions"]}
    return write_page(comparison, tmp_path_factory.mktemp("page") / "comparison.html", wide)


def names(found: Opened) -> list[str]:
    """The first column, from top to bottom."""
    return [text.strip() for text in found.page.locator("#figures > tbody > tr > th .name").all_inner_texts()]


def order(found: Opened, column: int) -> list[float]:
    """The figures of a column, from top to bottom, without those that are absent."""
    cells = found.page.locator(f"#figures > tbody > tr:not(.runs) > :nth-child({column + 1})").all()
    return [float(value) for cell in cells if (value := cell.get_attribute("data-value"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP, PROJECTOR], ids=str)
def test_it_opens_whole_without_complaint_or_network(
    started: Any, file: Path, size: tuple[int, int], scheme: Any
) -> None:
    with opened(started, file, size, scheme) as found:
        scroll_through(found)
        assert found.complaints == []
        assert found.requests == []
        assert found.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert found.page.evaluate("document.documentElement.lang") == "en"
        assert "6 variants, 16 runs" in found.page.title()
        assert found.page.locator("#curves-chart path.js-line").count() >= len(SPECS)
        for chart in ("curves", "tradeoff", "sizes", "settings"):
            assert found.page.locator(f"#{chart}-chart svg path").count() > 0, chart


def test_names_that_mean_harm_are_text(started: Any, file: Path) -> None:
    with opened(started, file) as found:
        scroll_through(found)
        assert HOSTILE in names(found)
        assert HOSTILE in found.page.locator("#left-out").inner_text()
        assert any(HOSTILE[:20] in text for text in found.page.locator("#curves-chart .legendtext").all_text_contents())
        assert found.page.locator("b:text('bold')").count() == 0
        assert found.page.locator("img[src='x']").count() == 0
        assert found.page.evaluate("window.stolen") is None
        assert found.complaints == []


def test_columns_sort_both_ways_by_mouse_and_by_keyboard(started: Any, file: Path) -> None:
    with opened(started, file) as found:
        heads = found.page.locator("#figures > thead th")
        assert heads.nth(1).get_attribute("aria-sort") == "ascending"
        assert order(found, 1) == sorted(order(found, 1))
        assert names(found)[0] == "PCA-32"  # PCA stands where its figure puts it
        heads.nth(1).locator("button").click()
        assert heads.nth(1).get_attribute("aria-sort") == "descending"
        assert order(found, 1) == sorted(order(found, 1), reverse=True)
        assert names(found)[-1] == "gan"  # without a figure, last both ways
        heads.nth(2).locator("button").focus()
        found.page.keyboard.press("Enter")
        assert heads.nth(2).get_attribute("aria-sort") == "descending"  # psnr: higher is better
        assert heads.nth(1).get_attribute("aria-sort") == "none"
        assert order(found, 2) == sorted(order(found, 2), reverse=True)
        heads.nth(0).locator("button").click()
        by_name = names(found)
        assert by_name.index("gan") < by_name.index("PCA-8") < by_name.index("PCA-16") < by_name.index("vae, beta=4")
        heads.nth(0).locator("button").click()
        assert names(found) == by_name[::-1]


def test_a_row_opens_its_runs_and_where_each_number_was_read(started: Any, file: Path, comparison: Comparison) -> None:
    variant = comparison.variants[1]
    with opened(started, file) as found:
        button = found.page.get_by_role("button", name=variant.name)
        assert button.get_attribute("aria-expanded") == "false"
        button.click()
        assert button.get_attribute("aria-expanded") == "true"
        shown = found.page.locator("tr.runs:visible").inner_text()
        for run in variant.runs:
            assert str(run.folder) in shown
            assert f"{run.figures['test/se']:.6g}" in shown
        assert "summary.json: test/se" in shown
        assert "scorecard.json: code.probe" in shown
        button.click()
        assert found.page.locator("tr.runs:visible").count() == 0


def test_best_and_tied_are_words(started: Any, file: Path) -> None:
    with opened(started, file) as found:
        assert "best" in found.page.locator("#figures td.best").first.inner_text()
        assert "tied" in found.page.locator("#figures td.tied").first.inner_text()


def test_every_kind_of_picture_loads_and_enlarges(started: Any, file: Path) -> None:
    with opened(started, file) as found:
        scroll_through(found)
        kinds = found.page.locator("#pictures-which label")
        assert kinds.count() == 4
        for k, tiles in enumerate([1, 5, 5, 5]):  # gan has none
            kinds.nth(k).click()
            images = found.page.locator("#pictures-shown img")
            assert images.count() == tiles
            found.page.wait_for_function(
                "[...document.querySelectorAll('#pictures-shown img')].every((image) => image.naturalWidth > 0)"
            )
        found.page.locator("#pictures-shown button").nth(1).click()
        dialog = found.page.locator("dialog")
        assert dialog.is_visible()
        caption = dialog.locator("figcaption").inner_text()
        found.page.keyboard.press("ArrowRight")
        assert dialog.locator("figcaption").inner_text() != caption
        found.page.keyboard.press("Escape")
        assert not dialog.is_visible()


def test_the_theme_follows_the_system_and_then_the_button(started: Any, file: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    tick = "getComputedStyle(document.querySelector('#curves-chart .xtick text')).fill"
    with opened(started, file, scheme="dark") as found:
        scroll_through(found)
        dark = found.page.evaluate(background), found.page.evaluate(tick)
        found.page.get_by_role("button", name="Light theme").click()
        found.page.wait_for_function(f"{tick} !== '{dark[1]}'")
        light = found.page.evaluate(background)
        assert sum(channels(light)) > 3 * 200 > 3 * 60 > sum(channels(dark[0]))
        assert found.complaints == []


def channels(colour: str) -> list[int]:
    return [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]


def test_another_curve_and_another_metric_are_drawn_anew(started: Any, file: Path) -> None:
    title = "document.querySelector('#{}-chart .ytitle').textContent"
    with opened(started, file) as found:
        scroll_through(found)
        assert found.page.evaluate(title.format("curves")) == "val/loss"
        found.page.locator("#curves-which").select_option("train/loss")
        found.page.wait_for_function(f"{title.format('curves')} === 'train/loss'")
        found.page.locator("#tradeoff-y").select_option(label="psnr (dB)")
        found.page.wait_for_function(f"{title.format('tradeoff')} === 'psnr (dB)'")
        assert found.complaints == []


def card_of(found: Opened, point: Any) -> Any:
    """The card of a point of a chart; a scroll whose event is late hides it, and the next move shows it again."""
    card = found.page.locator("#card")
    for move in range(100):
        box = point.bounding_box()
        found.page.mouse.move(box["x"] + box["width"] / 2 + move % 2, box["y"] + box["height"] / 2)
        found.page.wait_for_timeout(100)
        if card.is_visible():
            break
    return card


def test_a_point_shows_its_settings_and_its_picture(started: Any, file: Path) -> None:
    with opened(started, file) as found:
        scroll_through(found)
        point = found.page.locator("#tradeoff-chart .points path").nth(1)
        point.scroll_into_view_if_needed()
        card = card_of(found, point)
        assert "vae, beta=4" in card.inner_text()
        assert "model.beta" in card.inner_text()
        assert card.locator("img").evaluate("(image) => image.src.startsWith('data:image/')")


def test_a_card_comes_back_after_scrolling_with_the_pointer_on_its_point(started: Any, file: Path) -> None:
    with opened(started, file) as found:
        scroll_through(found)
        point = found.page.locator("#tradeoff-chart .points path").nth(1)
        point.scroll_into_view_if_needed()
        card = card_of(found, point)
        assert card.is_visible()
        found.page.evaluate("window.scrollBy(0, 1)")
        card.wait_for(state="hidden")
        assert card_of(found, point).is_visible()


def test_a_single_variant_of_a_single_run_has_a_page_too(started: Any, tmp_path: Path) -> None:
    alone = example(tmp_path, (("vae", 9.0, 1, {}),))
    with opened(started, write_page(alone, tmp_path / "comparison.html")) as found:
        scroll_through(found)
        assert found.complaints == []
        assert "1 variant, 1 run" in found.page.title()
        assert not found.page.locator("#settings").is_visible()
