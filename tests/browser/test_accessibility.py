"""axe finds nothing to object to: every page, every view of the gallery and what unfolds, by day and by night."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from core.catalog.decisions import decide
from core.catalog.records import Operation
from core.catalog.store import open_catalog
from core.duplicates.clusters import update_clusters
from core.workspace import Workspace, open_workspace
from tests.support.app import RunningApp, running_app
from tests.support.browser import PHONE, open_page
from tests.support.catalogue import fill_catalogue
from tests.support.gallery_hands import open_gallery
from tests.support.runs import add_answers, add_samples, made_up
from tests.ui.copies import plant_copy
from ui.rooms import ROOMS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

RULES = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}
VIEWS = {"Large view": " ", "One by one": "o", "Move to class": "m", "Keys": "?", "Classes": "c"}
"""Dialog of the gallery: the key that opens it."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[Path]]:
    """A workspace with copies, decisions, a finished run of each kind and others that ended otherwise."""
    workspace = open_workspace(tmp_path_factory.mktemp("axe") / "home", environ={})
    db = open_catalog(workspace)
    images = fill_catalogue(workspace, db, images=60)
    plant_copy(db, 1)
    plant_copy(db, 2, bits=2, class_id=2)
    update_clusters(db, distance=6)
    verdicts = [Operation(image, "reject") for image in images[5:9]]
    decide(db, [*verdicts, *(Operation(image, "keep") for image in images[9:20])], who="me")
    db.close()
    for state in ("stopped", "failed"):
        made_up(workspace, "dcgan", state)
    classifier, generator = made_up(workspace, "scratch-cnn", "finished"), made_up(workspace, "dcgan", "finished")
    add_answers(classifier, [("abra/abra001.png", "Abra", "Mew"), ("mew/mew001.png", "Mew", "Mew")])
    add_samples(generator, epochs=3)
    return workspace, [classifier, generator]


@pytest.fixture(scope="module")
def served(runs: tuple[Workspace, list[Path]]) -> Iterator[RunningApp]:
    with running_app(runs[0].home) as app:
        yield app


@pytest.fixture(params=[False, True], ids=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with open_page(browser, dark=request.param) as page:
        yield page


def objections(page: Page) -> list[str]:
    """What axe objects to on the page as it stands: rule, element and reason of each."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} ({'; '.join(check['message'] for check in node['any'] + node['none'])})"
        for rule in found
        for node in rule["nodes"]
    ]


def test_every_page(page: Page, served: RunningApp, runs: tuple[Workspace, list[Path]]) -> None:
    rooms = [f"/{room.name}" for room in ROOMS if room.name != "overview"]
    of_runs = [f"/{room}?run={folder.name}" for room in ("runs", "try") for folder in runs[1]]
    for address in ("/", *rooms, *of_runs, "/clean?bin=1", "/clean?where=brightness"):
        page.goto(served.url(address))
        page.get_by_role("heading", level=1).first.wait_for()
        assert (address, objections(page)) == (address, [])


def test_the_gallery(page: Page, served: RunningApp) -> None:
    open_gallery(page, served, "/clean")
    assert objections(page) == []
    for key in ("ArrowRight", "Shift+ArrowRight", "s"):
        page.keyboard.press(key)
        assert (key, objections(page)) == (key, [])
    for name, key in VIEWS.items():
        page.keyboard.press(key)
        page.get_by_role("dialog", name=name).wait_for()
        assert (name, objections(page)) == (name, [])
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Class", exact=True).click()
    page.get_by_test_id("stPopoverBody").wait_for()
    assert objections(page) == []


def test_a_phone(browser: Browser, served: RunningApp) -> None:
    with open_page(browser, size=PHONE) as phone:
        open_gallery(phone, served, "/clean")
        assert objections(phone) == []
        phone.get_by_role("button", name="One by one").click()
        phone.get_by_role("dialog", name="One by one").wait_for()
        assert objections(phone) == []
