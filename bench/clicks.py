"""How long a person waits for the pages of a large collection, in a real browser: `python -m bench.clicks [IMAGES]`.

Makes a workspace of made-up pictures, starts the app on it and drives Chromium. Every time runs from the event in the
browser (click, key) to the frame that shows the answer: `first_ms` to the first one in which anything of it stands,
`done_ms` to the one after the script has ended. Both hold what Streamlit's own widgets wait for (a slider 200 ms).
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.made_up import fill
from core.catalog.store import open_catalog
from core.dataset.split import make_split
from core.duplicates.clusters import update_clusters
from core.images.thumbnails import open_thumbnails
from core.workspace import CHECKOUT, open_workspace
from tests.support.app import running_app
from tests.support.browser import DESKTOP, chromium_path
from ui.rooms import ROOMS, room

__all__ = ["main"]

_ROUNDS = 3
_TITLE = "document.querySelector('h1')?.textContent ?? ''"
_STANDING = "document.querySelector('.st-key-head_words [data-testid=stCaptionContainer]')?.textContent ?? ''"
_ROWS = "[...document.querySelectorAll('[class*=st-key-decide_]')].map(node => node.textContent).join()"
_FOCUS = "[...document.head.querySelectorAll('style')].map(node => node.textContent).join()"
_PROBE = """
window.probe = (text) => {
    const look = new Function(`return ${text}`), before = look();
    const found = { start: null, first: null, done: null };
    const begin = () => { found.start ??= performance.now(); };
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, begin, { capture: true, once: true });
    const idle = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
    const frame = () => {
        const now = performance.now(), changed = found.start !== null && look() !== before;
        if (changed) found.first ??= now - found.start;
        if (changed && idle()) found.done = now - found.start;
        else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    window.found = found;
};
"""


@dataclass(frozen=True, slots=True)
class Wait:
    first_ms: float
    done_ms: float


class Person:
    """Somebody at the browser, with a stopwatch."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def waits(self, does: Callable[[], None], *, for_change_of: str) -> Wait:
        """How long after `does` the text that this JavaScript gives is another one, and the script at rest."""
        self.page.evaluate("text => window.probe(text)", for_change_of)
        does()
        self.page.wait_for_function("() => window.found.done !== null", timeout=120_000)
        found = self.page.evaluate("() => window.found")
        return Wait(round(found["first"], 1), round(found["done"], 1))

    def goes_to(self, name: str) -> Wait:
        link = self.page.locator("[data-testid=stSidebar] a", has_text=room(name).title)
        return self.waits(link.click, for_change_of=f"({_TITLE}) === '{room(name).title}'")

    def presses(self, key: str, *, for_change_of: str) -> Wait:
        return self.waits(lambda: self.page.keyboard.press(key), for_change_of=for_change_of)


def main(images: int = 100_000) -> None:
    """Measure, and write bench/results/clicks.json."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        _make(home, images)
        with running_app(home) as app, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(playwright), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
            page.set_default_timeout(120_000)
            page.add_init_script(_PROBE)
            person = Person(page)
            result = {"images": images, **_measure(person, app.url("/collect"))}
            browser.close()
    target = CHECKOUT / "bench" / "results" / "clicks.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _make(home: Path, images: int) -> None:
    workspace = open_workspace(home, environ={})
    database, thumbnails = open_catalog(workspace), open_thumbnails(workspace)
    fill(database, thumbnails, images)
    update_clusters(database, distance=6)
    make_split(database)
    thumbnails.close()
    database.close()


def _measure(person: Person, address: str) -> dict[str, object]:
    person.page.goto(address)
    person.page.get_by_role("heading", name="Collect", exact=True).wait_for()
    first = {"duplicates": asdict(person.goes_to("duplicates"))}
    start = time.perf_counter()
    person.page.locator(".st-key-groups").wait_for()
    rows_ms = round((time.perf_counter() - start) * 1000 + first["duplicates"]["done_ms"], 1)
    first |= {
        entry.name: asdict(person.goes_to(entry.name)) for entry in ROOMS if entry.name not in ("collect", "duplicates")
    }
    first["collect"] = asdict(person.goes_to("collect"))
    again = {entry.name: _typical([_back_and_forth(person, entry.name) for _ in range(_ROUNDS)]) for entry in ROOMS}
    return {"first_visit": first, "first_rows_ms": rows_ms, "next_visits": again, "duplicates": _decide(person)}


def _back_and_forth(person: Person, name: str) -> Wait:
    person.goes_to("train" if name == "try" else "try")
    return person.goes_to(name)


def _typical(waits: list[Wait]) -> dict[str, float]:
    return {
        "first_ms": statistics.median(wait.first_ms for wait in waits),
        "done_ms": statistics.median(wait.done_ms for wait in waits),
        "worst_ms": max(wait.done_ms for wait in waits),
    }


def _decide(person: Person) -> dict[str, object]:
    """The work on the Duplicates page: the slider, the keys, all at once, and back."""
    page = person.page
    person.goes_to("duplicates")
    page.locator(".st-key-groups").wait_for()
    slider = {}
    for turn in ("first", "again"):
        page.get_by_role("slider").focus()
        steps = [
            ("ArrowLeft", 5),
            ("ArrowLeft", 4),
            ("ArrowRight", 5),
            ("ArrowRight", 6),
            ("ArrowRight", 7),
            ("ArrowRight", 8),
        ]
        slider[turn] = {
            f"{number} to {at}": asdict(person.presses(key, for_change_of=f"{_STANDING} + {_ROWS}"))
            for number, (key, at) in enumerate(steps)
        }
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(1500)
    page.get_by_role("heading", name="Duplicates").click()
    keys = {
        "next group": asdict(person.presses("j", for_change_of=_FOCUS)),
        "accept": _typical([person.presses("Enter", for_change_of=_ROWS) for _ in range(_ROUNDS)]),
        "keep the second": _typical([person.presses("2", for_change_of=_ROWS) for _ in range(_ROUNDS)]),
    }
    undo = page.get_by_role("button", name="Undo")
    resolve = page.get_by_role("button", name="Resolve")
    words = resolve.inner_text()
    at_once = {
        "undo one": asdict(person.waits(undo.click, for_change_of=_ROWS)),
        words: asdict(person.waits(resolve.click, for_change_of=_STANDING)),
        "undo all": asdict(person.waits(undo.click, for_change_of=_STANDING)),
    }
    return {"slider": slider, "keys": keys, "at once": at_once}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", nargs="?", type=int, default=100_000)
    main(parser.parse_args().images)
