"""How long a person waits for the pages of a large collection, in a real browser: `python -m bench.clicks [IMAGES]`.

Makes a workspace of made-up pictures, or takes the one that `--home` names once it was made there, starts the app on it
and drives Chromium. Every time runs from the event in the browser (click, key) to the frame that shows the answer:
`first_ms` to the first one in which anything of it stands, `done_ms` to the one after the script has ended. Both hold
what Streamlit's own widgets wait for (a slider 200 ms). `server_ms` is the processor time that the server took over it.

The first search is measured from the start of the app: near copies on the page, crops too, and all at rest. About six
minutes for 100,000 pictures on two cores that do nothing else, two of them to make the workspace.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from bench.made_up import fill
from core.catalog.compared import count_rows
from core.catalog.store import open_catalog
from core.database import Database
from core.dataset.split import make_split
from core.duplicates.clusters import update_clusters
from core.images.thumbnails import open_thumbnails
from core.workspace import CHECKOUT, open_workspace
from tests.support.app import running_app
from tests.support.browser import DESKTOP, chromium_path
from ui.rooms import ROOMS, room

__all__ = ["main"]

_ROUNDS = 3
_LONGEST_MS = 600_000
"""For the first search, whatever else the machine does."""
_TITLE = "document.querySelector('h1')?.textContent ?? ''"
_STANDING = "document.querySelector('.st-key-head_words [data-testid=stCaptionContainer]')?.textContent ?? ''"
_ROWS = "[...document.querySelectorAll('[class*=st-key-decide_]')].map(node => node.textContent).join()"
_ANSWERED = f"({_STANDING}) + {_ROWS} + location.search"
"""The address follows the slider even where two distances find the same groups."""
_QUIET = 0.1
"""Of one processor."""
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
    server_ms: float


class Person:
    """Somebody at the browser, with a stopwatch."""

    def __init__(self, page: Page, server: psutil.Process) -> None:
        self.page = page
        self._server = server

    def waits(self, does: Callable[[], None], *, for_change_of: str) -> Wait:
        """How long after `does` the text that this JavaScript gives is another one, and the script at rest."""
        before = self.server_seconds()
        self.page.evaluate("text => window.probe(text)", for_change_of)
        does()
        self.page.wait_for_function("() => window.found.done !== null", timeout=120_000)
        found = self.page.evaluate("() => window.found")
        taken = (self.server_seconds() - before) * 1000
        return Wait(round(found["first"], 1), round(found["done"], 1), round(taken, 1))

    def server_seconds(self) -> float:
        """The processor time that the server has taken."""
        times = self._server.cpu_times()
        return float(times.user + times.system)

    def waits_for_rest(self) -> None:
        """Until the server does nothing, twice a second long."""
        quiet, seen = 0, self.server_seconds()
        while quiet < 2:
            self.page.wait_for_timeout(1000)
            now = self.server_seconds()
            quiet, seen = quiet + 1 if now - seen < _QUIET else 0, now

    def goes_to(self, name: str) -> Wait:
        link = self.page.locator("[data-testid=stSidebar] a", has_text=room(name).title)
        return self.waits(link.click, for_change_of=f"({_TITLE}) === '{room(name).title}'")

    def presses(self, key: str, *, for_change_of: str) -> Wait:
        return self.waits(lambda: self.page.keyboard.press(key), for_change_of=for_change_of)


def main(images: int = 100_000, home: Path | None = None) -> None:
    """Measure, and write bench/results/clicks.json."""
    with nullcontext(home) if home else tempfile.TemporaryDirectory() as folder:
        _make(Path(folder), images)
        start = time.perf_counter()
        with running_app(Path(folder)) as app, sync_playwright() as playwright:
            assert app.process is not None
            browser = playwright.chromium.launch(executable_path=chromium_path(playwright), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
            page.set_default_timeout(120_000)
            page.add_init_script(_PROBE)
            person = Person(page, psutil.Process(app.process.pid))
            page.goto(app.url("/duplicates"))
            first = _first_search(person, start)
            result = {"images": images, "seconds_after_the_start": first, **_measure(person, app.url("/collect"))}
            browser.close()
    target = CHECKOUT / "bench" / "results" / "clicks.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _make(home: Path, images: int) -> None:
    workspace = open_workspace(home, environ={})
    database, thumbnails = open_catalog(workspace), open_thumbnails(workspace)
    if not count_rows(database):
        fill(database, thumbnails, images)
        update_clusters(database, distance=6)
        make_split(database)
    _forget_kin(database)
    thumbnails.close()
    database.close()


def _forget_kin(database: Database) -> None:
    """What a start after new pictures finds: crops are to be searched."""
    with database.write() as connection:
        connection.execute("DELETE FROM kin")


def _first_search(person: Person, start: float) -> dict[str, float]:
    person.page.locator(".st-key-groups").wait_for(timeout=_LONGEST_MS)
    near = time.perf_counter()
    person.page.get_by_text("are found now").or_(person.page.get_by_text("with a twin")).wait_for(timeout=_LONGEST_MS)
    crops = time.perf_counter()
    person.waits_for_rest()
    moments = {"near copies": near, "crops": crops, "at rest": time.perf_counter()}
    return {name: round(moment - start, 1) for name, moment in moments.items()}


def _measure(person: Person, address: str) -> dict[str, object]:
    person.page.goto(address)
    person.page.get_by_role("heading", name="Collect", exact=True).wait_for()
    first = {entry.name: asdict(person.goes_to(entry.name)) for entry in ROOMS if entry.name != "collect"}
    first["collect"] = asdict(person.goes_to("collect"))
    again = {entry.name: _typical([_back_and_forth(person, entry.name) for _ in range(_ROUNDS)]) for entry in ROOMS}
    return {"first_visit": first, "next_visits": again, "duplicates": _decide(person)}


def _back_and_forth(person: Person, name: str) -> Wait:
    person.goes_to("train" if name == "try" else "try")
    return person.goes_to(name)


def _typical(waits: list[Wait]) -> dict[str, float]:
    return {
        "first_ms": statistics.median(wait.first_ms for wait in waits),
        "done_ms": statistics.median(wait.done_ms for wait in waits),
        "worst_ms": max(wait.done_ms for wait in waits),
        "server_ms": statistics.median(wait.server_ms for wait in waits),
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
            f"{number} to {at}": asdict(person.presses(key, for_change_of=_ANSWERED))
            for number, (key, at) in enumerate(steps)
        }
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(1500)
    # Groups across classes come first, and those wait for a person: Enter leaves them alone, a number does not.
    person.waits(page.get_by_role("radio", name="exact").click, for_change_of=_ANSWERED)
    page.get_by_role("heading", name="Duplicates").click()
    keys = {
        "next group": asdict(person.presses("j", for_change_of=_FOCUS)),
        "keep the first": _typical([person.presses("1", for_change_of=_ROWS) for _ in range(_ROUNDS)]),
        "keep the second": _typical([person.presses("2", for_change_of=_ROWS) for _ in range(_ROUNDS)]),
    }
    undo = page.get_by_role("button", name="Undo")
    resolve = page.get_by_role("button", name="Resolve")
    undone = asdict(person.waits(undo.click, for_change_of=_ROWS))
    person.waits(page.get_by_role("radio", name="all").click, for_change_of=_ANSWERED)
    words = resolve.inner_text()
    at_once = {
        "undo one": undone,
        words: asdict(person.waits(resolve.click, for_change_of=_STANDING)),
        "undo all": asdict(person.waits(undo.click, for_change_of=_STANDING)),
    }
    return {"slider": slider, "keys": keys, "at once": at_once}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", nargs="?", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="use the workspace here, or make it and leave it there")
    arguments = parser.parse_args()
    main(arguments.images, arguments.home)
