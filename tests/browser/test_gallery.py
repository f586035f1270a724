"""The gallery in a real browser on a real app: what is clicked is on disk, whatever happens in between."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page

from core.catalog.classes import list_classes
from core.catalog.images import get_many, image_table
from core.catalog.store import open_catalog
from core.database import Database
from core.workspace import open_workspace
from tests.support.app import ROOT, RunningApp, running_app
from tests.support.browser import PHONE, open_page
from tests.support.catalogue import fill_catalogue
from tests.support.waiting import until

pytestmark = pytest.mark.browser

IMAGES = 400
EVIL = ("<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "<b>Mew</b>")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningApp, Database]]:
    workspace = open_workspace(tmp_path_factory.mktemp("gallery") / "home", environ={})
    db = open_catalog(workspace)
    fill_catalogue(workspace, db, images=IMAGES, classes=("Abra", "Mew", *EVIL))
    with running_app(workspace.home, script=ROOT / "tests/support/gallery_home.py") as app:
        yield app, db
    db.close()


@pytest.fixture
def app(served: tuple[RunningApp, Database]) -> RunningApp:
    return served[0]


@pytest.fixture
def db(served: tuple[RunningApp, Database]) -> Database:
    """The catalogue under the app; each test begins with nothing decided."""
    db = served[1]
    with db.write() as connection:
        connection.execute("UPDATE image SET verdict = 'unreviewed', class_id = (id - 1) % 5, changed = 1")
        connection.execute("DELETE FROM decision")
        connection.execute("DELETE FROM batch")
    return db


@pytest.fixture
def gallery(app: RunningApp, db: Database, page: Page) -> Page:
    return _open(page, app)


def _open(page: Page, app: RunningApp, path: str = "/") -> Page:
    page.goto(app.url(path))
    page.locator(".tile img").first.wait_for()
    return page


def _tile(page: Page, place: int) -> Locator:
    return page.locator(f"#tile-{place}")


def _verdicts(db: Database, count: int = 30) -> list[str]:
    return [row.verdict for row in get_many(db, range(1, count + 1))]


def _wait_for(db: Database, expected: dict[int, str], count: int = 30) -> None:
    """Wait until of the first `count` images those in `expected` (by place) look like that and the others untouched."""
    wanted = [expected.get(place, "unreviewed") for place in range(count)]
    until(lambda: _verdicts(db, count) == wanted, what=f"{expected} on disk")


def _wait_saved(page: Page) -> None:
    page.locator(".saved[data-unsaved='0']").wait_for()


def test_a_click_selects_and_a_key_decides(gallery: Page, db: Database) -> None:
    _tile(gallery, 3).click()
    assert _tile(gallery, 3).get_attribute("aria-selected") == "true"
    assert gallery.locator(".chosen").inner_text() == "1 selected"
    gallery.keyboard.press("r")
    assert "reject" in str(_tile(gallery, 3).get_attribute("class"))
    assert _tile(gallery, 3).locator(".mark").inner_text() == "✕"
    _wait_for(db, {3: "reject"})
    _tile(gallery, 5).click()
    gallery.keyboard.press("k")
    _wait_for(db, {3: "reject", 5: "keep"})
    assert "kept" in str(_tile(gallery, 5).get_attribute("aria-label"))
    _tile(gallery, 3).click()
    gallery.keyboard.press("u")
    _wait_for(db, {5: "keep"})
    _tile(gallery, 6).click()
    gallery.keyboard.press("Delete")
    _wait_for(db, {5: "keep", 6: "reject"})


def test_buttons_of_the_bar_decide(gallery: Page, db: Database) -> None:
    _tile(gallery, 0).click()
    _tile(gallery, 2).click(modifiers=["Control"])
    assert gallery.locator(".chosen").inner_text() == "2 selected"
    gallery.locator(".bar [data-does=reject]").click()
    _wait_for(db, {0: "reject", 2: "reject"})
    gallery.locator(".bar [data-does=undo]").click()
    _wait_for(db, {})


def test_ranges_and_single_additions(gallery: Page, db: Database) -> None:
    _tile(gallery, 2).click()
    _tile(gallery, 7).click(modifiers=["Shift"])
    _tile(gallery, 4).click(modifiers=["Control"])
    _tile(gallery, 12).click(modifiers=["Control"])
    assert gallery.locator(".chosen").inner_text() == "6 selected"
    gallery.keyboard.press("k")
    _wait_for(db, dict.fromkeys((2, 3, 5, 6, 7, 12), "keep"))


def test_undo_and_redo_take_whole_batches(gallery: Page, db: Database) -> None:
    _tile(gallery, 0).click()
    _tile(gallery, 9).click(modifiers=["Shift"])
    gallery.keyboard.press("r")
    _tile(gallery, 20).click()
    gallery.keyboard.press("k")
    first = dict.fromkeys(range(10), "reject")
    _wait_for(db, {**first, 20: "keep"})
    gallery.keyboard.press("z")
    assert "unreviewed" in str(_tile(gallery, 20).get_attribute("class"))
    _wait_for(db, first)
    gallery.keyboard.press("z")
    _wait_for(db, {})
    gallery.keyboard.press("Shift+Z")
    gallery.keyboard.press("Shift+Z")
    _wait_for(db, {**first, 20: "keep"})
    assert "keep" in str(_tile(gallery, 20).get_attribute("class"))


def test_undo_survives_a_reload(gallery: Page, app: RunningApp, db: Database) -> None:
    _tile(gallery, 1).click()
    gallery.keyboard.press("r")
    _wait_for(db, {1: "reject"})
    _open(gallery, app)
    gallery.locator("#tile-1.reject").wait_for()
    gallery.keyboard.press("z")
    _wait_for(db, {})
    gallery.locator("#tile-1.unreviewed").wait_for()


def test_classes_by_number_and_by_name(gallery: Page, db: Database) -> None:
    names = {row.name: row.class_id for row in list_classes(db)}
    _tile(gallery, 0).click()
    gallery.keyboard.press("2")
    until(lambda: get_many(db, [1])[0].class_id == names["Mew"], what="the class on disk")
    assert _tile(gallery, 0).locator(".name").inner_text() == "Mew"
    _tile(gallery, 1).click()
    gallery.keyboard.press("m")
    gallery.locator(".palette input").fill("calc")
    gallery.keyboard.press("Enter")
    until(lambda: get_many(db, [2])[0].class_id == names[EVIL[1]], what="the class on disk")
    gallery.keyboard.press("z")
    until(lambda: get_many(db, [2])[0].class_id == 1, what="the class taken back")


def test_arrows_move_and_keys_follow(gallery: Page, db: Database) -> None:
    _tile(gallery, 0).click()
    gallery.keyboard.press("ArrowRight")
    gallery.keyboard.press("ArrowDown")
    columns = int(str(gallery.locator(".tile.focused").get_attribute("data-place"))) - 1
    gallery.keyboard.press("r")
    _wait_for(db, {1 + columns: "reject"})
    gallery.keyboard.press("k")
    _wait_for(db, {1 + columns: "reject", 2 + columns: "keep"})
    gallery.keyboard.press("Home")
    for _ in range(3):
        gallery.keyboard.press("Shift+ArrowRight")
    assert gallery.locator(".chosen").inner_text() == "4 selected"
    gallery.keyboard.press("Escape")
    assert gallery.locator(".chosen").inner_text() == f"{IMAGES} pictures"


def test_fast_keys_are_all_saved_in_order(gallery: Page, db: Database) -> None:
    _tile(gallery, 0).click()
    for number in range(30):
        gallery.keyboard.press("k" if number % 3 else "r")
    _wait_for(db, {place: "keep" if place % 3 else "reject" for place in range(30)})


def test_the_large_view_walks_and_decides(gallery: Page, db: Database) -> None:
    _tile(gallery, 4).dblclick()
    gallery.locator(".large[open]").wait_for()
    gallery.keyboard.press("ArrowRight")
    gallery.keyboard.press("r")
    _wait_for(db, {5: "reject"})
    gallery.keyboard.press("Space")
    assert gallery.locator(".large[open]").count() == 0
    gallery.keyboard.press("?")
    gallery.locator(".help[open]").wait_for()
    gallery.keyboard.press("Escape")


def test_everything_that_the_filter_shows(gallery: Page, app: RunningApp, db: Database) -> None:
    _open(gallery, app, "/?where=class%20%3D%20Mew")
    gallery.keyboard.press("Control+a")
    assert gallery.locator(".chosen").inner_text() == f"{IMAGES // 5} selected"
    gallery.keyboard.press("r")
    until(lambda: _count(db, "reject") == IMAGES // 5, what="the whole class on disk")
    gallery.keyboard.press("z")
    until(lambda: _count(db, "reject") == 0, what="all of it taken back")


def _count(db: Database, verdict: str) -> int:
    return image_table(db, ["verdict"])["verdict"].count(verdict)


def test_scrolling_reaches_the_last_image(gallery: Page) -> None:
    gallery.keyboard.press("End")
    last = _tile(gallery, IMAGES - 1)
    last.locator("img").wait_for()
    assert last.locator(".name").inner_text() == EVIL[2]
    assert gallery.locator(".tile").count() < 150


def test_a_run_of_the_script_moves_nothing(gallery: Page, db: Database) -> None:
    gallery.locator(".scroller").evaluate("node => node.scrollTop = 1500")
    gallery.locator(".tile[data-place='100']").wait_for()
    gallery.locator(".tile[data-place='100']").click()
    before = gallery.locator(".scroller").evaluate("node => node.scrollTop")
    gallery.get_by_role("button", name="Run again").click()
    gallery.get_by_text("run 2,").wait_for()
    assert gallery.locator(".scroller").evaluate("node => node.scrollTop") == before
    assert gallery.locator(".tile.selected").get_attribute("data-place") == "100"
    gallery.keyboard.press("r")
    until(lambda: get_many(db, [101])[0].verdict == "reject", what="the decision on disk")


def test_counters_follow_without_a_run_for_each_decision(gallery: Page, db: Database) -> None:
    _tile(gallery, 0).click()
    for _ in range(12):
        gallery.keyboard.press("r")
    gallery.get_by_text("kept 0, rejected 12").wait_for()
    runs = int(gallery.get_by_text("kept 0, rejected 12").inner_text().split(",")[0].removeprefix("run "))
    assert runs <= 4


def test_others_decisions_appear(gallery: Page, db: Database, browser: Browser, app: RunningApp) -> None:
    with open_page(browser) as other:
        _open(other, app)
        _tile(other, 8).click()
        other.keyboard.press("r")
        gallery.locator("#tile-8.reject").wait_for()


def test_a_killed_server_loses_nothing(gallery: Page, app: RunningApp, db: Database) -> None:
    _tile(gallery, 0).click()
    for _ in range(5):
        gallery.keyboard.press("r")
    app.kill()
    for _ in range(10):
        gallery.keyboard.press("k")
    gallery.locator(".saved.trouble").wait_for()
    assert "kept in this browser" in gallery.locator(".saved").inner_text()
    app.start()
    _wait_for(db, {**dict.fromkeys(range(5), "reject"), **dict.fromkeys(range(5, 15), "keep")})
    _wait_saved(gallery)


def test_unsaved_decisions_survive_a_closed_tab(app: RunningApp, db: Database, browser: Browser) -> None:
    with open_page(browser) as page:
        _open(page, app)
        _tile(page, 0).click()
        app.kill()
        for _ in range(10):
            page.keyboard.press("r")
        page.locator(".saved.trouble").wait_for()
        again = page.context.new_page()
        page.close()
        app.start()
        _open(again, app)
        until(lambda: _verdicts(db, 10) == ["reject"] * 10, seconds=40, what="the closed tab's decisions")


def test_leaving_at_once_loses_nothing(gallery: Page, app: RunningApp, db: Database) -> None:
    _tile(gallery, 0).click()
    for _ in range(20):
        gallery.keyboard.press("r")
    gallery.goto("about:blank")
    _wait_for(db, dict.fromkeys(range(20), "reject"))


def test_names_are_text_only(gallery: Page, app: RunningApp, db: Database) -> None:
    alerts: list[str] = []

    def note(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    gallery.on("dialog", note)
    assert _tile(gallery, 2).locator(".name").inner_text() == EVIL[0]
    _tile(gallery, 2).click()
    gallery.keyboard.press("m")
    gallery.locator(".palette li").nth(4).wait_for()
    gallery.keyboard.press("Escape")
    gallery.keyboard.press("Space")
    gallery.locator(".large[open] .words").wait_for()
    assert gallery.locator("img[src='x'], .gallery b").count() == 0
    assert alerts == []


def test_on_a_phone_three_a_row_and_a_tap_selects(app: RunningApp, db: Database, browser: Browser) -> None:
    with open_page(browser, size=PHONE) as page:
        _open(page, app)
        tops = [_tile(page, place).bounding_box() for place in range(4)]
        assert all(tops)
        assert len({box["y"] for box in tops[:3] if box}) == 1
        assert tops[3]
        assert tops[0]
        assert tops[3]["y"] > tops[0]["y"]
        _tile(page, 1).tap()
        _tile(page, 4).tap()
        assert page.locator(".chosen").inner_text() == "2 selected"
        page.locator(".bar [data-does=reject]").tap()
        _wait_for(db, {1: "reject", 4: "reject"})


def test_an_empty_answer_says_so(gallery: Page, app: RunningApp) -> None:
    gallery.goto(app.url("/?where=width%20%3E%209999"))
    gallery.get_by_text("No picture fits").wait_for()


def test_zoom_by_wheel(gallery: Page) -> None:
    before = _tile(gallery, 0).bounding_box()
    _tile(gallery, 0).hover()
    gallery.keyboard.down("Control")
    for _ in range(3):
        gallery.mouse.wheel(0, -100)
    gallery.keyboard.up("Control")
    after = until(lambda: (box := _tile(gallery, 0).bounding_box()) != before and box)
    assert before
    assert after
    assert after["width"] > before["width"]
