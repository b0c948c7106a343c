"""A real, headless Chromium that opens a page from its file, and says what the page asked for and complained about."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = (1280, 800)
PHONE = (390, 844)
PROJECTOR = (1920, 1080)


@dataclass
class Opened:
    """A page that is open. `page` is Playwright's."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings of the console, and what was thrown."""
    requests: list[str] = field(default_factory=list)
    """Addresses that were asked for, but for the file itself and data within it."""


def executable() -> str:
    """Where Chromium is; without it, or without Playwright, the test is skipped."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium on this machine (looked for {', '.join(NAMES)})")
    return found


@contextmanager
def browser() -> Iterator[Any]:
    """A browser, closed at the end."""
    path = executable()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def opened(
    started: Any, file: Path, size: tuple[int, int] = DESKTOP, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Opened]:
    """The file in a window of its own, its charts drawn as they come into sight."""
    window = started.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    try:
        found = Opened(window.new_page())
        found.page.on("console", lambda said: said.type in ("error", "warning") and found.complaints.append(said.text))
        found.page.on("pageerror", lambda thrown: found.complaints.append(str(thrown)))
        found.page.on("request", lambda asked: found.requests.append(asked.url))
        found.page.goto(file.resolve().as_uri())
        found.requests.remove(file.resolve().as_uri())
        found.requests = [url for url in found.requests if not url.startswith(("data:", "blob:"))]
        yield found
    finally:
        window.close()


def scroll_through(found: Opened) -> None:
    """Bring everything into sight once, and wait until each chart is drawn and each picture decoded."""
    page = found.page
    for place in page.locator("main > section:not([hidden])").all():
        place.scroll_into_view_if_needed()
    charts = page.locator("section:not([hidden]) .chart")
    for chart in charts.all():
        chart.scroll_into_view_if_needed()
        chart.locator(".main-svg").first.wait_for(state="attached")
    if page.locator("#pictures").count():
        page.locator("#pictures").scroll_into_view_if_needed()
        page.locator("#pictures-shown img").first.wait_for()
        page.wait_for_function("[...document.querySelectorAll('#pictures-shown img')].every((image) => image.complete)")
