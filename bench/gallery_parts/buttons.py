"""Streamlit's own parts, measured: sixty pictures with buttons on a page, the decision stored by the same function."""

import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext

from bench.gallery_parts.figures import summary
from bench.gallery_parts.sitting import Sitting
from core.catalog.images import get_many
from core.database import Database
from core.workspace import Workspace
from tests.support.app import RunningApp, free_port
from tests.support.waiting import until

__all__ = ["buttons_app", "measure_buttons"]

_PAGE: Final = Path(__file__).with_name("buttons_page.py")
_BURST: Final = 30
_SPACING_SECONDS: Final = 0.03
_REST_SECONDS: Final = 1.0


@contextmanager
def buttons_app(workspace: Workspace) -> Iterator[str]:
    """The page's address while its server runs."""
    app = RunningApp(workspace.home, free_port(), workspace.home.with_name("buttons.log"), script=_PAGE)
    app.start(wait=False)
    try:
        until(lambda: _answers(app.port), seconds=60, what="the page of buttons to answer")
        yield app.address
    finally:
        app.stop()


def measure_buttons(context: BrowserContext, address: str, db: Database, *, rounds: int) -> dict[str, Any]:
    """The measures that such a page can take part in: it neither scrolls through all nor hears keys."""
    sitting = Sitting(context, script="buttons.js")
    sitting.opens(address)
    sitting.page.wait_for_function("() => window.resting()")
    images = _images(sitting)
    found, lost = [], 0
    with sitting.metered() as wire:
        for round_number in range(rounds):
            try:
                found.append(_click(sitting, images[round_number % len(images)]))
            except TimeoutError:
                lost += 1
    return {
        "tiles_in_view": sitting.tiles_in_view(),
        "lost_clicks": lost,
        "click": {name: summary(each[name] for each in found) for name in ("painted", "committed")},
        "bytes_a_decision": wire.per(rounds),
        "burst": _burst(sitting, db, images[:_BURST]),
        "next_screen": _screens(sitting, max(5, rounds // 4)),
        "open": summary(_open(sitting, address) for _ in range(max(5, rounds // 10))),
    }


def _click(sitting: Sitting, image: int) -> dict[str, float]:
    button = f".st-key-decide_{image} button"
    word = sitting.page.locator(button).inner_text()
    x, y = _middle(sitting, image)
    sitting.page.mouse.move(x, y)
    found = sitting.waits(
        lambda: sitting.page.mouse.click(x, y),
        event="click",
        painted=f"document.querySelector('{button}')?.textContent.trim() !== '{word}'",
        committed="window.resting()",
    )
    sitting.page.wait_for_timeout(100)
    return found


def _burst(sitting: Sitting, db: Database, images: list[int]) -> dict[str, Any]:
    """Clicks in fast succession, each on another picture, held against the catalogue."""
    before = _looks(db, images)
    places = [_middle(sitting, image) for image in images]
    start = time.perf_counter()
    for number, (x, y) in enumerate(places):
        time.sleep(max(0.0, start + number * _SPACING_SECONDS - time.perf_counter()))
        sitting.page.mouse.click(x, y)
    sitting.page.wait_for_function("() => window.resting()")
    sitting.page.wait_for_timeout(1000 * _REST_SECONDS)
    after = _looks(db, images)
    return {"clicks": len(images), "committed": sum(one != other for one, other in zip(before, after, strict=True))}


def _screens(sitting: Sitting, count: int) -> dict[str, float]:
    found = []
    for _ in range(count):
        first = _images(sitting)[0]
        there = f"!document.querySelector('.st-key-decide_{first}') && window.resting() && window.allShown()"
        button = sitting.page.get_by_role("button", name="Next")
        with suppress(TimeoutError):
            found.append(sitting.waits(button.click, event="click", painted=there)["painted"])
        sitting.page.wait_for_timeout(200)
    return summary(found)


def _open(sitting: Sitting, address: str) -> float:
    taken = sitting.opens(address)
    sitting.page.wait_for_function("() => window.resting()")
    return taken


def _images(sitting: Sitting) -> list[int]:
    look = "[...document.querySelectorAll('[class*=st-key-decide_]')].map(node => node.className)"
    names: list[str] = sitting.page.evaluate(look)
    return sorted({int(name.partition("st-key-decide_")[2].split()[0]) for name in names})


def _middle(sitting: Sitting, image: int) -> tuple[float, float]:
    box = sitting.page.locator(f".st-key-decide_{image} button").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _looks(db: Database, images: list[int]) -> list[str]:
    return [row.verdict for row in get_many(db, images)]


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
