"""How fast the gallery answers a person, next to Streamlit's own buttons and to FiftyOne: `python -m bench.gallery`.

One Chromium shows the same drawn pictures (bench/crowd.py: 100,000 JPEGs of 64 to 128 px, seeded) three times: on the
page Clean, with tiles of 80 px; on a page of `st.columns`, `st.image` and `st.button`, sixty at a time, that decides
through the same function; and in FiftyOne's app, where deciding is to select a sample and to tag it. All times are
taken inside the page, see gallery_parts/stopwatch.js:

- painted: from the browser's stamp on the click or key to the end of the frame that shows its effect;
- committed: from that stamp to "saved" in the gallery, to the end of the script's run after the commit for buttons,
  to the end of the answer to the tag's request for FiftyOne;
- open: from the start of the navigation to the frame in which every tile in view has its picture, the browser having
  been there before; next screen: the same from the key or click that turns the page;
- scroll: the longest that any tile stood blank while at least one pixel of it was in view.

What a key does is counted in the catalogue, not on the page. Bytes are what the browser's own meter says: headers,
bodies and websocket frames of everything that went on while the decisions were taken.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.gallery_parts.buttons import buttons_app, measure_buttons
from bench.gallery_parts.fiftyone import measure_fiftyone
from bench.gallery_parts.ours import measure_ours
from bench.gallery_parts.workspace import copied, made
from bench.rivals.of_fiftyone import fiftyone_app, fiftyone_installed
from core.catalog.store import open_catalog
from core.workspace import CHECKOUT, Workspace, open_workspace
from tests.support.app import running_app
from tests.support.browser import chromium_path

__all__ = ["main"]

_RESULT: Final = CHECKOUT / "bench" / "results" / "gallery.json"
_BUILD: Final = CHECKOUT / "build" / "gallery-bench"
_FLAGS: Final = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server")


def main() -> None:
    """Measure all contestants; write bench/results/gallery.json."""
    parser = argparse.ArgumentParser(description="The gallery, next to buttons and to FiftyOne.")
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--workspace", type=Path, help="take a copy of this one instead of drawing one under build/")
    parser.add_argument("--rounds", type=int, default=100, help="clicks, keys and screens (default 100)")
    parser.add_argument("--only", choices=("ours", "buttons", "fiftyone"), help="one alone; the others stay")
    parser.add_argument("--install", action="store_true", help="make FiftyOne's environment first (800 MB)")
    arguments = parser.parse_args()
    source = (
        open_workspace(arguments.workspace, environ={})
        if arguments.workspace
        else made(_BUILD / "home", arguments.pictures)
    )
    contestants: dict[str, Callable[[Path, Browser], dict[str, Any]]] = {
        "ours": lambda folder, browser: _ours(source, folder, browser, rounds=arguments.rounds),
        "buttons": lambda folder, browser: _buttons(source, folder, browser, rounds=arguments.rounds),
    }
    if fiftyone_installed(install=arguments.install):
        contestants["fiftyone"] = lambda folder, browser: _fiftyone(source, browser, rounds=arguments.rounds)
    result: dict[str, Any] = {"rounds": arguments.rounds}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(playwright), args=list(_FLAGS))
        result["browser"] = f"Chromium {browser.version}"
        for name, measure in contestants.items():
            if arguments.only in (None, name):
                print(f"{name} …", file=sys.stderr)
                with tempfile.TemporaryDirectory(dir=_build()) as folder:
                    result[name] = measure(Path(folder), browser)
        browser.close()
    if "ours" in result:
        result["bounds"] = _held(result["ours"])
    if arguments.only is not None and _RESULT.exists():
        result = json.loads(_RESULT.read_text(encoding="utf-8")) | result
    _RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _held(ours: dict[str, Any]) -> dict[str, list[float | bool]]:
    """Each bound: what was measured, the bound, and whether it holds."""
    burst = ours["burst"]
    measured: dict[str, tuple[float, float]] = {
        **{f"{act} to painted, median ms": (ours[act]["painted"]["median_ms"], 16) for act in ("key", "click")},
        **{f"{act} to committed, median ms": (ours[act]["committed"]["median_ms"], 30) for act in ("key", "click")},
        **{f"{act} to committed, worst ms": (ours[act]["committed"]["worst_ms"], 100) for act in ("key", "click")},
        "open by address, median ms": (ours["open"]["median_ms"], 500),
        "open from another page, median ms": (ours["visit_in_the_open_app"]["median_ms"], 500),
        "next screen, median ms": (ours["next_screen"]["median_ms"], 250),
        "longest blank in 1,000 rows, ms": (ours["scroll"]["1000 rows, 5000 px a second"]["longest"], 300),
        "keys lost or out of order": (
            burst["keys"] - burst["committed"] + burst["bursts"] - burst["bursts_in_order"],
            0,
        ),
    }
    return {name: [value, bound, value <= bound] for name, (value, bound) in measured.items()}


def _build() -> Path:
    _BUILD.mkdir(parents=True, exist_ok=True)
    return _BUILD


def _ours(source: Workspace, folder: Path, browser: Browser, *, rounds: int) -> dict[str, Any]:
    workspace = copied(source, folder / "home")
    with (
        closing(open_catalog(workspace)) as db,
        running_app(workspace.home) as app,
        closing(_context(browser)) as context,
    ):
        return measure_ours(context, app.address, db, rounds=rounds)


def _buttons(source: Workspace, folder: Path, browser: Browser, *, rounds: int) -> dict[str, Any]:
    workspace = copied(source, folder / "home")
    with (
        closing(open_catalog(workspace)) as db,
        buttons_app(workspace) as address,
        closing(_context(browser)) as context,
    ):
        return measure_buttons(context, address, db, rounds=rounds)


def _fiftyone(source: Workspace, browser: Browser, *, rounds: int) -> dict[str, Any]:
    with fiftyone_app(source.images, _build() / "fiftyone") as address, closing(_context(browser)) as context:
        return measure_fiftyone(context, address, rounds=rounds)


def _context(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1440, "height": 900})


if __name__ == "__main__":
    main()
