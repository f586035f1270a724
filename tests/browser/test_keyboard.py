"""Clean by keys alone, from the first Tab to the way back from the bin; where the focus is can always be seen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from core.catalog.images import get_many
from core.catalog.store import open_catalog
from core.database import Database
from core.workspace import Workspace
from tests.support.app import RunningApp, running_app
from tests.support.catalogue import fill_catalogue
from tests.support.gallery_hands import open_gallery, tile
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

MOST_TABS = 60
FOCUSED = """() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  const marks = (look) => look.boxShadow !== "none" || (look.outlineStyle !== "none" && look.outlineWidth !== "0px");
  const above = [node];
  while (above.length < 6 && above.at(-1).parentElement) above.push(above.at(-1).parentElement);
  const bordered = above.some((each) => getComputedStyle(each).borderTopColor === "rgb(47, 107, 79)");
  const looks = (nodes) => nodes.map((each) => getComputedStyle(each));
  const box = node.getBoundingClientRect();
  const around = [node, node.parentElement, node.parentElement?.parentElement, node.firstElementChild];
  const inside = [...(node.shadowRoot ?? node).querySelectorAll(".focused .frame")].flatMap((frame) =>
    [getComputedStyle(frame, "::after"), getComputedStyle(frame)]);
  return {
    name: node.getAttribute("aria-label") || node.innerText || node.getAttribute("placeholder") || "",
    role: node.getAttribute("role") || node.tagName.toLowerCase(),
    nowhere: node === document.body,
    seen: box.width > 0 && box.height > 0,
    ring: bordered || [...looks(around.filter(Boolean)), getComputedStyle(node, "::before"), ...inside].some(marks),
  };
}"""
"""The element with the focus, through shadow roots; `ring` when it, or what it lies in, is marked or has our accent."""


@pytest.fixture
def filled(workspace: Workspace) -> Iterator[tuple[RunningApp, Database]]:
    db = open_catalog(workspace)
    fill_catalogue(workspace, db, images=30)
    with running_app(workspace.home) as app:
        yield app, db
    db.close()


@pytest.fixture
def mouse(page: Page) -> list[str]:
    """What the mouse did: nothing."""
    heard: list[str] = []
    page.expose_function("heard", lambda kind: heard.append(kind))
    page.add_init_script(
        "for (const kind of ['mousedown', 'pointerdown', 'wheel'])"
        " window.addEventListener(kind, (event) => event.isTrusted && window.heard(kind), true)"
    )
    return heard


def tab_to(page: Page, name: str, *, role: str = "button", back: bool = False) -> None:
    """Press Tab until the focus is there; fail where it cannot be seen on the way."""
    passed: list[str] = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        at = page.evaluate(FOCUSED)
        passed.append(f"{at['role']} {at['name'][:30]!r}")
        if not at["nowhere"] and at["seen"]:
            assert at["ring"], f"the focus cannot be seen on {passed[-1]}"
        if at["role"] == role and str(at["name"]).startswith(name):
            return
    raise AssertionError(f"no {role} {name!r} among {passed}")


def verdict(db: Database, image: int) -> Callable[[], str]:
    return lambda: get_many(db, [image])[0].verdict


def test_clean_without_a_mouse(page: Page, filled: tuple[RunningApp, Database], mouse: list[str]) -> None:
    app, db = filled
    open_gallery(page, app, "/clean")
    decide_undo_and_move(page, db)
    look_large(page, db)
    narrow_by_the_box(page)
    to_the_bin_and_back(page)
    assert mouse == []


def decide_undo_and_move(page: Page, db: Database) -> None:
    tab_to(page, "Pictures", role="listbox")
    page.keyboard.press("r")
    until(lambda: verdict(db, 1)() == "reject", what="a rejected picture")
    page.keyboard.press("k")
    until(lambda: verdict(db, 2)() == "keep", what="a kept picture")
    page.keyboard.press("z")
    until(lambda: verdict(db, 2)() == "unreviewed", what="the decision to be taken back")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("m")
    expect(page.get_by_role("combobox", name="Class", exact=True)).to_be_focused()
    page.keyboard.type("oni")
    page.keyboard.press("Enter")
    until(lambda: get_many(db, [2])[0].class_name == "Onix", what="a moved picture")
    assert page.evaluate(FOCUSED)["role"] == "listbox"


def look_large(page: Page, db: Database) -> None:
    page.keyboard.press("Space")
    page.get_by_role("dialog", name="Large view").wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("k")
    until(lambda: verdict(db, 4)() == "keep", what="a picture kept in the large view")
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Large view").wait_for(state="hidden")
    assert page.evaluate(FOCUSED)["role"] == "listbox"


def narrow_by_the_box(page: Page) -> None:
    tab_to(page, "Condition", role="switch", back=True)
    page.keyboard.press("Space")
    page.get_by_role("combobox", name="Condition").wait_for()
    tab_to(page, "Condition", role="combobox")
    page.keyboard.type("class = Mew and verdict = unreviewed")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator(".gallery .chosen")).to_have_text("9 pictures")


def to_the_bin_and_back(page: Page) -> None:
    tab_to(page, "delete", back=True)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Bin", exact=True).wait_for()
    tile(page, 0).locator("img").wait_for()
    page.keyboard.press("u")
    expect(tile(page, 0)).to_have_attribute("aria-label", "abra/abra001.png, Abra, not reviewed")
    tab_to(page, "arrow_back", back=True)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Clean", exact=True).wait_for()
