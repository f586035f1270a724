"""A real Chromium driven by Playwright: the system's, else Playwright's own, else a skip in words."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

__all__ = ["DESKTOP", "PHONE", "chromium_path", "open_browser", "open_page"]

DESKTOP = (1440, 900)
PHONE = (390, 844)
_PATIENCE_MS = 30_000
"""A test ends as soon as what it waits for is there; a busy machine of two cores may take this long."""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
]


def chromium_path(playwright: Playwright) -> str | None:
    """The Chromium to drive, or None."""
    own = playwright.chromium.executable_path
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or (own if Path(own).is_file() else None)


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser; the test is skipped where none can be had."""
    with sync_playwright() as playwright:
        path = chromium_path(playwright)
        if path is None:
            pytest.skip("no Chromium: install your system's chromium package, or run `playwright install chromium`")
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def open_page(browser: Browser, *, size: tuple[int, int] = DESKTOP, dark: bool = False) -> Iterator[Page]:
    """A page in a context of its own; fails when a script of the page threw something nobody caught."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        has_touch=width < 600,
        is_mobile=width < 600,
    )
    thrown: list[str] = []
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.set_default_timeout(_PATIENCE_MS)
        expect.set_options(timeout=_PATIENCE_MS)
        yield page
    finally:
        context.close()
    assert thrown == []
