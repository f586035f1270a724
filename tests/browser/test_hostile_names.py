"""Names that are code, markup or paths, in classes and files, go through every view as the text that they are."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.catalog.class_changes import delete_class
from core.catalog.classes import list_classes
from core.catalog.decisions import decide
from core.catalog.records import Operation
from core.catalog.store import open_catalog
from core.duplicates.clusters import update_clusters
from core.images.scan import scan
from core.jobs.queue import submit
from core.jobs.status import observe
from core.runs.store import list_runs
from core.workspace import Workspace, open_workspace
from tests.support.app import ROOT, RunningApp, running_app
from tests.support.browser import PHONE, open_page
from tests.support.catalogue import fill_catalogue
from tests.support.waiting import until
from ui.rooms import ROOMS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CLASSES = {
    "<img src=x onerror=alert(1)>": "onerror",
    "<script>alert(3)</script>": "alert(3)",
    "=cmd|' /C calc'!A0": "cmd",
    "../upward": "upward",
    "\U0001f984 \u00fcn\u00ef": "\u00fcn\u00ef",
    "*slanted*": "slanted",
    "[linked](javascript:al(2))": "linked",
    "$math^2$": "math",
    ":red[tinted]": "tinted",
    ":material/skull:": "skull",
    "<b>fat</b>": "fat",
    "# grand": "grand",
    "`coded`": "coded",
    "a & b &amp; c": "a &",
    "sinister -> dexter >= top": "dexter",
}
"""Name, and a piece of it that must never stand without the rest."""
FILES = (
    "<img src=x onerror=alert(1)>.png",
    "=cmd|' calc'!A0.png",
    "*slanted*.png",
    "[linked](x).png",
    ":red[tinted].png",
    "\U0001f984.png",
    "\u00fcber.png",
    "u\u0308ber.png",
)
GONE = "<i>gone</i>"
WORDS = """() => {
  const words = [], body = [], found = [];
  const walk = (root, inner) => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      const main = inner || (node.parentElement?.closest("[data-testid=stMain]") ?? null) !== null;
      const said = (text) => (main ? body : words).push(text);
      if (node.nodeType === Node.TEXT_NODE) {
        if (!["SCRIPT", "STYLE"].includes(node.parentElement?.tagName)) said(node.data);
        continue;
      }
      if (node.shadowRoot) walk(node.shadowRoot, main);
      for (const name of ["alt", "title", "aria-label"]) if (node.getAttribute(name)) said(node.getAttribute(name));
      const events = node.getAttributeNames().filter((name) => name.startsWith("on"));
      const address = node.getAttribute("href") ?? node.getAttribute("src") ?? "";
      const isCode = /^\\s*javascript:/i.test(address) || address === "x" || node.classList.contains("katex");
      if (events.length || isCode) found.push(node.outerHTML.slice(0, 200));
    }
  };
  walk(document, false);
  return { words: [...words, ...body], body, found, shouted: window.shouted ?? 0, title: document.title };
}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of such names with copies, rejected pictures, a deleted class, failed jobs and a trained run."""
    place = tmp_path_factory.mktemp("hostile") / "home"
    workspace = open_workspace(place, environ={})
    db = open_catalog(workspace)
    images = fill_catalogue(workspace, db, images=4 * len(CLASSES), classes=tuple(CLASSES), side=64)
    for number, name in enumerate(FILES):
        source = sorted((workspace.images / ("upward" if number % 2 else "b-fat-b")).iterdir())[0]
        shutil.copy(source, workspace.images / name)
    fill_catalogue(workspace, db, images=2, classes=(GONE,), side=48)
    scan(workspace, db)
    update_clusters(db, distance=6)
    decide(db, [Operation(images[0], "reject", reason="<b>fat</b> *slanted*")], who="<b>me</b>")
    gone = next(row for row in list_classes(db) if row.name == GONE)
    delete_class(db, gone.class_id, who="app")
    db.close()
    command = [sys.executable, "-m", "core", "--home", str(place), "train", "scratch-cnn", "--wait"]
    settings = ("epochs=1", "image_size=32", "batch_size=16")
    subprocess.run([*command, *(f"--set={pair}" for pair in settings)], cwd=ROOT, check=True, capture_output=True)
    arguments: dict[str, object] = {"source": "/nowhere/" + " ".join(CLASSES)}
    folder = submit(workspace, kind="import", arguments=arguments, title="Import " + " ".join(CLASSES))
    until(lambda: observe(folder).ended, seconds=60, what="the import to fail")
    return place


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[RunningApp]:
    with running_app(home) as app:
        yield app


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    """A page as high as there are classes, so that what is drawn when it comes into view is drawn."""
    with open_page(browser, size=(1440, 3000)) as page:
        guard(page)
        yield page


def guard(page: Page) -> None:
    """Notice code that runs."""
    page.add_init_script("window.alert = window.confirm = window.prompt = () => { window.shouted = 1; };")


def look(page: Page) -> set[str]:
    """The names that stand whole in the page's body; fails when one stands in pieces or became more than text."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_load_state("networkidle")
    seen = page.evaluate(WORDS)
    assert (seen["found"], seen["shouted"]) == ([], 0)
    assert seen["title"] in {"Specimen", *(room.title for room in ROOMS)}
    for name, piece in CLASSES.items():
        near = [plainly for word in seen["words"] if piece in (plainly := word.replace("\u2060", ""))]
        torn = [word for word in near if name not in word and ".png" not in word and not is_start(word, name)]
        assert torn == [], f"{name} came apart"
    return {name for name in CLASSES if any(name in word.replace("\u2060", "") for word in seen["body"])}


def shows(page: Page, names: set[str]) -> bool:
    return look(page) >= names


def is_start(word: str, name: str) -> bool:
    """Whether it is the name, cut short."""
    return word.endswith("\u2026") and name.startswith(word[:-1])


def tree(home: Path) -> dict[str, int]:
    """Every original with its size."""
    images = home / "data" / "images"
    return {os.fspath(path.relative_to(images)): path.stat().st_size for path in images.rglob("*") if path.is_file()}


def test_every_page(desktop: Page, served: RunningApp, home: Path) -> None:
    before, run = tree(home), list_runs(Workspace(home))[0].run
    addresses = [f"/{room.name}" for room in ROOMS if room.name not in ("overview", "clean", "dataset")]
    for address in (*addresses, "/clean?bin=1", f"/try?run={run}"):
        desktop.goto(served.url(address))
        desktop.get_by_role("heading", level=1).first.wait_for()
        look(desktop)
    short = {name for name in CLASSES if len(name) <= 20}  # the axes of a confusion matrix cut longer ones
    for address, expected in {
        "/": set(CLASSES),
        "/clean": set(CLASSES),
        "/dataset": set(CLASSES),
        f"/runs?run={run}": short,
    }.items():
        desktop.goto(served.url(address))
        desktop.get_by_role("heading", level=1).first.wait_for()
        # Charts and tables are drawn a moment after the page.
        until(partial(shows, desktop, expected), seconds=30, what=f"all names on {address}")
    assert tree(home) == before


def test_on_a_phone(browser: Browser, served: RunningApp) -> None:
    with open_page(browser, size=PHONE) as page:
        guard(page)
        for address in ("/", "/duplicates", "/dataset"):
            page.goto(served.url(address))
            page.get_by_role("heading", level=1).first.wait_for()
            look(page)


def test_the_gallery_its_palette_and_its_large_view(desktop: Page, served: RunningApp) -> None:
    desktop.goto(served.url("/clean"))
    tile = desktop.get_by_role("option").first
    tile.click()
    desktop.keyboard.press("m")
    desktop.get_by_role("combobox", name="Class").last.wait_for()
    until(lambda: look(desktop) == set(CLASSES), what="all names in the palette")
    desktop.keyboard.press("Escape")
    desktop.keyboard.press("Space")
    desktop.get_by_role("dialog", name="Large view").wait_for()
    look(desktop)


def test_a_toast_says_the_name_and_the_table_has_it_exactly(desktop: Page, served: RunningApp, home: Path) -> None:
    before = tree(home)
    name = next(iter(CLASSES))
    desktop.goto(served.url("/dataset"))
    desktop.get_by_role("button", name="Delete", exact=False).first.click()
    desktop.get_by_role("button", name="Delete the class").click()
    desktop.get_by_test_id("stToast").get_by_text(f"{name} deleted").wait_for()
    look(desktop)
    kept = {row["class_name"] for row in rows_of(home)}
    until(lambda: {row["class_name"] for row in rows_of(home)} == kept - {name}, what="annotations.csv")
    assert kept >= set(CLASSES) - {name}
    assert tree(home) == before


def rows_of(home: Path) -> list[dict[str, str]]:
    with (home / "data" / "annotations.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
