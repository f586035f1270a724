"""The gallery in a real browser on a real app: what is clicked is on disk, whatever happens in between."""

import pytest
from playwright.sync_api import Browser, Dialog, Page

from core.catalog.classes import list_classes
from core.catalog.images import get_many
from core.database import Database
from tests.support.app import RunningApp
from tests.support.browser import PHONE, open_page
from tests.support.gallery_hands import EVIL, IMAGES, count, open_gallery, tile, wait_for
from tests.support.waiting import until

pytestmark = pytest.mark.browser


def test_a_click_selects_and_a_key_decides(gallery: Page, db: Database) -> None:
    tile(gallery, 3).click()
    assert tile(gallery, 3).get_attribute("aria-selected") == "true"
    assert gallery.locator(".chosen").inner_text() == "1 selected"
    gallery.keyboard.press("r")
    assert "reject" in str(tile(gallery, 3).get_attribute("class"))
    assert tile(gallery, 3).locator(".mark").inner_text() == "✕"
    wait_for(db, {3: "reject"})
    tile(gallery, 5).click()
    gallery.keyboard.press("k")
    wait_for(db, {3: "reject", 5: "keep"})
    assert "kept" in str(tile(gallery, 5).get_attribute("aria-label"))
    tile(gallery, 3).click()
    gallery.keyboard.press("u")
    wait_for(db, {5: "keep"})
    tile(gallery, 6).click()
    gallery.keyboard.press("Delete")
    wait_for(db, {5: "keep", 6: "reject"})


def test_buttons_of_the_bar_decide(gallery: Page, db: Database) -> None:
    tile(gallery, 0).click()
    tile(gallery, 2).click(modifiers=["Control"])
    assert gallery.locator(".chosen").inner_text() == "2 selected"
    gallery.locator(".bar [data-does=reject]").click()
    wait_for(db, {0: "reject", 2: "reject"})
    gallery.locator(".bar [data-does=undo]").click()
    wait_for(db, {})


def test_ranges_and_single_additions(gallery: Page, db: Database) -> None:
    tile(gallery, 2).click()
    tile(gallery, 7).click(modifiers=["Shift"])
    tile(gallery, 4).click(modifiers=["Control"])
    tile(gallery, 12).click(modifiers=["Control"])
    assert gallery.locator(".chosen").inner_text() == "6 selected"
    gallery.keyboard.press("k")
    wait_for(db, dict.fromkeys((2, 3, 5, 6, 7, 12), "keep"))


def test_undo_and_redo_take_whole_batches(gallery: Page, db: Database) -> None:
    tile(gallery, 0).click()
    tile(gallery, 9).click(modifiers=["Shift"])
    gallery.keyboard.press("r")
    tile(gallery, 20).click()
    gallery.keyboard.press("k")
    first = dict.fromkeys(range(10), "reject")
    wait_for(db, {**first, 20: "keep"})
    gallery.keyboard.press("z")
    assert "unreviewed" in str(tile(gallery, 20).get_attribute("class"))
    wait_for(db, first)
    gallery.keyboard.press("z")
    wait_for(db, {})
    gallery.keyboard.press("Shift+Z")
    gallery.keyboard.press("Shift+Z")
    wait_for(db, {**first, 20: "keep"})
    assert "keep" in str(tile(gallery, 20).get_attribute("class"))


def test_classes_by_number_and_by_name(gallery: Page, db: Database) -> None:
    names = {row.name: row.class_id for row in list_classes(db)}
    tile(gallery, 0).click()
    gallery.keyboard.press("2")
    until(lambda: get_many(db, [1])[0].class_id == names["Mew"], what="the class on disk")
    assert tile(gallery, 0).locator(".name").inner_text() == "Mew"
    tile(gallery, 1).click()
    gallery.keyboard.press("m")
    gallery.locator(".palette input").fill("calc")
    gallery.keyboard.press("Enter")
    until(lambda: get_many(db, [2])[0].class_id == names[EVIL[1]], what="the class on disk")
    gallery.keyboard.press("z")
    until(lambda: get_many(db, [2])[0].class_id == 1, what="the class taken back")


def test_arrows_move_and_keys_follow(gallery: Page, db: Database) -> None:
    tile(gallery, 0).click()
    gallery.keyboard.press("ArrowRight")
    gallery.keyboard.press("ArrowDown")
    columns = int(str(gallery.locator(".tile.focused").get_attribute("data-place"))) - 1
    gallery.keyboard.press("r")
    wait_for(db, {1 + columns: "reject"})
    gallery.keyboard.press("k")
    wait_for(db, {1 + columns: "reject", 2 + columns: "keep"})
    gallery.keyboard.press("Home")
    for _ in range(3):
        gallery.keyboard.press("Shift+ArrowRight")
    assert gallery.locator(".chosen").inner_text() == "4 selected"
    gallery.keyboard.press("Escape")
    assert gallery.locator(".chosen").inner_text() == f"{IMAGES} pictures"


def test_the_large_view_walks_and_decides(gallery: Page, db: Database) -> None:
    tile(gallery, 4).dblclick()
    gallery.locator(".large[open]").wait_for()
    gallery.keyboard.press("ArrowRight")
    gallery.keyboard.press("r")
    wait_for(db, {5: "reject"})
    gallery.keyboard.press("Space")
    assert gallery.locator(".large[open]").count() == 0
    gallery.keyboard.press("?")
    gallery.locator(".help[open]").wait_for()
    gallery.keyboard.press("Escape")


def test_everything_that_the_filter_shows(gallery: Page, app: RunningApp, db: Database) -> None:
    open_gallery(gallery, app, "/?where=class%20%3D%20Mew")
    gallery.keyboard.press("Control+a")
    assert gallery.locator(".chosen").inner_text() == f"{IMAGES // 5} selected"
    gallery.keyboard.press("r")
    until(lambda: count(db, "reject") == IMAGES // 5, what="the whole class on disk")
    gallery.keyboard.press("z")
    until(lambda: count(db, "reject") == 0, what="all of it taken back")


def test_scrolling_reaches_the_last_image(gallery: Page) -> None:
    gallery.keyboard.press("End")
    last = tile(gallery, IMAGES - 1)
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
    tile(gallery, 0).click()
    for _ in range(12):
        gallery.keyboard.press("r")
    gallery.get_by_text("kept 0, rejected 12").wait_for()
    runs = int(gallery.get_by_text("kept 0, rejected 12").inner_text().split(",")[0].removeprefix("run "))
    assert runs <= 4


def test_names_are_text_only(gallery: Page, app: RunningApp, db: Database) -> None:
    alerts: list[str] = []

    def note(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    gallery.on("dialog", note)
    assert tile(gallery, 2).locator(".name").inner_text() == EVIL[0]
    tile(gallery, 2).click()
    gallery.keyboard.press("m")
    gallery.locator(".palette li").nth(4).wait_for()
    gallery.keyboard.press("Escape")
    gallery.keyboard.press("Space")
    gallery.locator(".large[open] .words").wait_for()
    assert gallery.locator("img[src='x'], .gallery b").count() == 0
    assert alerts == []


def test_on_a_phone_three_a_row_and_a_tap_selects(app: RunningApp, db: Database, browser: Browser) -> None:
    with open_page(browser, size=PHONE) as page:
        open_gallery(page, app)
        tops = [tile(page, place).bounding_box() for place in range(4)]
        assert all(tops)
        assert len({box["y"] for box in tops[:3] if box}) == 1
        assert tops[3]
        assert tops[0]
        assert tops[3]["y"] > tops[0]["y"]
        tile(page, 1).tap()
        tile(page, 4).tap()
        assert page.locator(".chosen").inner_text() == "2 selected"
        page.locator(".bar [data-does=reject]").tap()
        wait_for(db, {1: "reject", 4: "reject"})


def test_an_empty_answer_says_so(gallery: Page, app: RunningApp) -> None:
    gallery.goto(app.url("/?where=width%20%3E%209999"))
    gallery.get_by_text("No picture fits").wait_for()


def test_zoom_by_wheel(gallery: Page) -> None:
    before = tile(gallery, 0).bounding_box()
    tile(gallery, 0).hover()
    gallery.keyboard.down("Control")
    for _ in range(3):
        gallery.mouse.wheel(0, -100)
    gallery.keyboard.up("Control")
    after = until(lambda: (box := tile(gallery, 0).bounding_box()) != before and box)
    assert before
    assert after
    assert after["width"] > before["width"]


def test_page_down_goes_on_by_a_screen_wherever_the_focus_is(gallery: Page) -> None:
    """From a place in the middle of the view, no row comes twice and none is passed over."""
    tile(gallery, 9).click()
    scroller = gallery.locator(".scroller")
    height, row = scroller.evaluate("node => [node.clientHeight, node.querySelector('.tile').offsetHeight]")
    whole = height // row
    gallery.keyboard.press("PageDown")
    gallery.wait_for_function("node => node.scrollTop > 0", arg=scroller.element_handle())
    assert abs(scroller.evaluate("node => node.scrollTop") - whole * row) <= whole
