"""The filters of Clean in a browser: the box helps and says what is wrong, Back works, a cell opens its pictures."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core.catalog.store import open_catalog
from core.runs.store import list_runs
from core.workspace import Workspace
from tests.support.app import RunningApp, running_app
from tests.support.catalogue import fill_catalogue
from tests.support.runs import add_answers, made_up

pytestmark = pytest.mark.browser

ANSWERS = [("abra/abra001.png", "Abra", "Mew"), ("abra/abra002.png", "Abra", "Mew"), ("mew/mew001.png", "Mew", "Mew")]


@pytest.fixture
def filled(workspace: Workspace) -> Iterator[RunningApp]:
    """The app on nine drawn pictures of three classes, three of which a run has answered, two wrongly."""
    db = open_catalog(workspace)
    fill_catalogue(workspace, db, images=9)
    db.close()
    add_answers(made_up(workspace, "scratch-cnn", "finished"), ANSWERS)
    with running_app(workspace.home) as app:
        yield app


def test_the_box_completes_and_says_what_is_wrong(page: Page, filled: RunningApp) -> None:
    page.goto(filled.url("/clean"))
    page.locator("label").filter(has_text="Condition").click()
    box = page.get_by_role("combobox", name="Condition")
    said = page.locator(".specimen-filter .said")

    box.press_sequentially("cla")
    options = page.get_by_role("listbox", name="What fits here").get_by_role("option")
    expect(options.first).to_contain_text("class")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "specimen-filter-option-0")
    box.press("Enter")
    expect(box).to_have_value("class ")
    box.press_sequentially("= me")
    expect(options.first).to_contain_text("Mew")
    box.press("ArrowDown")
    box.press("Tab")
    expect(box).to_have_value("class = Mew ")
    expect(said).to_have_text("3 pictures · Enter shows them")
    expect(page).to_have_url(filled.url("/clean"))
    box.press("Escape")
    box.press("Enter")
    expect(page).to_have_url(re.compile("where=class"))
    expect(page.locator(".gallery .chosen")).to_have_text("3 pictures")

    box.fill("clas = Mew")
    box.press("Enter")
    expect(said).to_contain_text("did you mean class?")
    expect(page.locator(".specimen-filter mark")).to_have_text("clas")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".gallery .chosen")).to_have_text("3 pictures")


def test_back_undoes_a_chip_for_good(page: Page, filled: RunningApp) -> None:
    """Boxes in a popover that is closed do not hear of Back, and must not bring their tick back either."""
    page.goto(filled.url("/clean?class=Mew"))
    shown = page.locator(".gallery .chosen")
    expect(shown).to_have_text("3 pictures")
    page.get_by_role("button", name="Mew").click()
    options = page.locator("[data-testid=stPopoverBody] label")
    expect(options.filter(has_text="Onix")).to_have_text("Onix 3")
    options.filter(has_text="Onix").click()
    expect(shown).to_have_text("6 pictures")
    expect(options.filter(has_text="Abra")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Mew +1")).to_be_visible()
    page.go_back()
    expect(shown).to_have_text("3 pictures")

    page.locator("label").filter(has_text="Condition").click()
    expect(page.get_by_role("combobox", name="Condition")).to_be_visible()
    expect(page).to_have_url(filled.url("/clean?class=Mew"))
    expect(shown).to_have_text("3 pictures")


def test_a_cell_of_the_matrix_opens_exactly_its_pictures(page: Page, filled: RunningApp) -> None:
    page.goto(filled.url("/runs"))
    page.get_by_role("link", name="scratch-cnn").first.click()
    expect(page.get_by_role("link", name="Abra taken for Mew")).to_be_visible()
    drawn = page.locator(".specimen-plot[aria-label^=Confusion] .nsewdrag")
    drawn.scroll_into_view_if_needed()
    area = drawn.bounding_box()
    assert area is not None
    drawn.click(position={"x": area["width"] * 0.75, "y": area["height"] * 0.25})

    expect(page.locator(".gallery .chosen")).to_have_text("2 pictures")
    expect(page.locator(".tile .told").first).to_have_text("→ Mew 80%")
    expect(page).to_have_url(re.compile("run=.*run_split=test.*truth=Abra.*predicted=Mew"))


def test_what_was_left_in_the_box_counts_before_the_button_beside_it(
    page: Page, filled: RunningApp, workspace: Workspace
) -> None:
    before = list_runs(workspace)
    page.goto(filled.url("/train"))
    box = page.get_by_role("combobox", name="Only pictures where")
    box.fill("colour = red")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    expect(page).to_have_url(re.compile("where=colour"))
    box.fill("class in (Abra, Mew)")
    box.press("Enter")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    assert list_runs(workspace) == before
