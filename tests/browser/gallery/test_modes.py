"""Ways of looking: the sweep, one by one, page by page, the large view; and how far one is."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.catalog.images import get_many
from core.database import Database
from tests.support.app import RunningApp
from tests.support.browser import PHONE, open_page
from tests.support.gallery_hands import EVIL, IMAGES, count, open_gallery, tile, verdicts, wait_for
from tests.support.waiting import until

pytestmark = pytest.mark.browser

OF_ONE_CLASS = IMAGES // 5


@pytest.fixture
def phone(app: RunningApp, db: Database, browser: Browser) -> Iterator[Page]:
    with open_page(browser, size=PHONE) as page:
        yield open_gallery(page, app)


def _columns(page: Page) -> int:
    tops = page.locator(".tile").evaluate_all("nodes => nodes.map(node => node.getBoundingClientRect().top)")
    return sum(top == tops[0] for top in tops)


def _seen(page: Page) -> int:
    return int(page.locator(".seen").inner_text())


def _scroll_rows(page: Page, rows: int) -> None:
    box = tile(page, 0).bounding_box()
    assert box
    page.locator(".scroller").evaluate("(node, far) => (node.scrollTop = far)", rows * box["height"])


def _swipe(page: Page, by: int) -> None:
    """One finger across the picture, `by` pixels to the right."""
    session = page.context.new_cdp_session(page)
    start = {"x": 195, "y": 400}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [start]})
    for step in range(1, 5):
        point = {"x": 195 + by * step / 4, "y": 400}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def _picture(page: Page, dialog: str = ".one") -> Locator:
    return page.locator(f"{dialog} .stage img")


def test_a_sweep_keeps_what_was_scrolled_past_and_not_clicked(gallery: Page, db: Database) -> None:
    columns = _columns(gallery)
    gallery.keyboard.press("s")
    tile(gallery, 2).click()
    wait_for(db, {2: "reject"})
    tile(gallery, 4).click()
    tile(gallery, 4).click()
    until(lambda: _seen(gallery) >= 3 * columns - 1, what="a look at the first rows")
    assert count(db, "keep") == 0
    _scroll_rows(gallery, 2)
    passed = {place: "reject" if place == 2 else "keep" for place in range(2 * columns)}
    wait_for(db, passed)
    assert "keep" not in verdicts(db, IMAGES)[2 * columns :]
    gallery.keyboard.press("z")
    wait_for(db, {2: "reject"})


def test_a_jump_in_a_sweep_keeps_nothing_that_was_not_seen(gallery: Page, db: Database) -> None:
    gallery.keyboard.press("s")
    until(lambda: _seen(gallery) > 0, what="a look at the first rows")
    gallery.keyboard.press("End")
    tile(gallery, IMAGES - 1).locator("img:not([hidden])").wait_for()
    until(lambda: count(db, "keep") > 0, what="the first rows kept")
    gallery.keyboard.press("Home")
    assert "keep" not in verdicts(db, IMAGES)[100:300]


def test_the_last_row_of_a_sweep_can_be_scrolled_past(gallery: Page, app: RunningApp, db: Database) -> None:
    open_gallery(gallery, app, "/?where=id%20%3C%2013")
    gallery.keyboard.press("s")
    until(lambda: _seen(gallery) == 12, what="a look at all of them")
    gallery.locator(".scroller").evaluate("node => (node.scrollTop = node.scrollHeight)")
    wait_for(db, dict.fromkeys(range(12), "keep"))
    gallery.get_by_text("All 12 pictures here are looked at.").wait_for()


def test_keep_all_that_was_seen_and_reject_the_rest(gallery: Page, db: Database) -> None:
    tile(gallery, 1).click()
    gallery.keyboard.press("r")
    wait_for(db, {1: "reject"})
    until(lambda: _seen(gallery) > 20, what="a look at the first rows")
    gallery.keyboard.press("Shift+K")
    until(lambda: count(db, "keep") > 20, what="what was seen kept")
    kept = count(db, "keep")
    wait_for(db, {place: "reject" if place == 1 else "keep" for place in range(kept + 1)}, kept + 20)
    expect(gallery.locator(".saved")).to_have_text(f"Kept: {kept} pictures")
    gallery.keyboard.press("Shift+R")
    until(lambda: count(db, "reject") > 20, what="the rest rejected")
    rejected = [place for place, verdict in enumerate(verdicts(db, IMAGES)) if verdict == "reject"]
    assert rejected == [1, *range(kept + 1, rejected[-1] + 1)]
    gallery.keyboard.press("z")
    until(lambda: count(db, "reject") == 1, what="the page taken back")


def test_one_by_one_with_keys(gallery: Page, db: Database) -> None:
    tile(gallery, 2).click()
    gallery.keyboard.press("k")
    gallery.keyboard.press("Home")
    gallery.keyboard.press("ArrowRight")
    gallery.keyboard.press("o")
    expect(_picture(gallery)).to_have_attribute("alt", re.compile("mew001"))
    gallery.keyboard.press("r")
    expect(_picture(gallery)).to_have_attribute("alt", re.compile(r"/.*001\.png$"))
    assert "mew001" not in str(_picture(gallery).get_attribute("alt"))
    wait_for(db, {1: "reject", 2: "keep"})
    assert gallery.locator(".one .pace").inner_text().startswith("2 of 400 looked at")
    gallery.keyboard.press("z")
    expect(_picture(gallery)).to_have_attribute("alt", re.compile("mew001"))
    wait_for(db, {2: "keep"})
    gallery.keyboard.press("1")
    until(lambda: get_many(db, [2])[0].class_id == 0, what="the class on disk")
    expect(gallery.locator(".one .words")).to_contain_text("Abra · not reviewed")
    gallery.keyboard.press("Escape")
    assert gallery.locator(".one[open]").count() == 0
    assert gallery.locator(".tile.focused").get_attribute("data-place") == "1"


def test_one_by_one_on_a_phone_by_swipes(phone: Page, db: Database) -> None:
    phone.get_by_role("button", name="One by one").tap()
    expect(_picture(phone)).to_have_attribute("alt", re.compile("abra001"))
    _swipe(phone, 120)
    wait_for(db, {0: "keep"})
    expect(_picture(phone)).to_have_attribute("alt", re.compile("mew001"))
    _swipe(phone, -120)
    wait_for(db, {0: "keep", 1: "reject"})
    third = phone.locator(".one .words").inner_text()
    _swipe(phone, 20)
    assert phone.locator(".one .words").inner_text() == third
    phone.locator(".one [data-does=undo]").click()  # a tap becomes a long press where the machine is slow
    expect(_picture(phone)).to_have_attribute("alt", re.compile("mew001"))
    wait_for(db, {0: "keep"})
    sizes = phone.locator(".one button:visible").evaluate_all("nodes => nodes.map(node => node.offsetHeight)")
    assert min(sizes) >= 40


def test_one_by_one_ends_with_words_and_the_next_class(gallery: Page, app: RunningApp, db: Database) -> None:
    with db.write() as connection:
        connection.execute("UPDATE image SET verdict = 'keep' WHERE class_id = 1 AND id > 10")
    open_gallery(gallery, app, "/?class=Mew")
    gallery.keyboard.press("o")
    for _ in range(2):
        gallery.keyboard.press("k")
    gallery.locator(".over", has_text=f"Mew is finished: {OF_ONE_CLASS} kept of 100 wanted.").wait_for()
    gallery.locator(".over [data-does=next-class]").click()
    expect(gallery.locator(".one .words")).to_contain_text(EVIL[0])


def test_the_large_view_zooms_and_arrows_move_what_is_zoomed(gallery: Page) -> None:
    tile(gallery, 4).dblclick()
    picture = _picture(gallery, ".large")
    first = picture.get_attribute("alt")
    gallery.keyboard.press("+")
    gallery.keyboard.press("ArrowRight")
    assert re.search(r"translate\(-\d.*scale\(1\.2\)", str(picture.get_attribute("style")))
    assert picture.get_attribute("alt") == first
    gallery.keyboard.press("0")
    gallery.keyboard.press("ArrowRight")
    expect(picture).not_to_have_attribute("alt", str(first))


def test_ctrl_and_wheel_zoom_around_the_pointer_and_the_browser_keeps_the_size(gallery: Page, app: RunningApp) -> None:
    _scroll_rows(gallery, 5)
    held = gallery.locator(".tile[data-place='50']")
    held.hover()
    before = held.bounding_box()
    gallery.keyboard.down("Control")
    for _ in range(3):
        gallery.mouse.wheel(0, -100)
    gallery.keyboard.up("Control")
    after = until(lambda: (box := held.bounding_box()) != before and box)
    assert before
    assert after
    assert after["width"] > before["width"]
    assert abs(after["y"] - before["y"]) < 2
    open_gallery(gallery, app)
    again = tile(gallery, 0).bounding_box()
    assert again
    assert again["width"] == pytest.approx(after["width"], abs=1)


def test_what_is_see_through_lies_on_a_checkerboard(gallery: Page, app: RunningApp, db: Database) -> None:
    with db.write() as connection:
        connection.execute("UPDATE image SET transparent = 0.5 WHERE id = 1")
    open_gallery(gallery, app)
    tile(gallery, 0).locator(".see-through img:not([hidden])").wait_for()
    assert "/api/image/1?version=" in str(tile(gallery, 0).locator("img").get_attribute("src"))
    assert tile(gallery, 1).locator(".see-through").count() == 0
    with db.write() as connection:
        connection.execute("UPDATE image SET transparent = 0 WHERE id = 1")


def test_a_finished_class_leads_to_the_next_one_and_back(gallery: Page, app: RunningApp, db: Database) -> None:
    open_gallery(gallery, app, "/?class=Mew")
    assert gallery.locator(".finish").is_hidden()
    assert (
        gallery.locator(".standing .pace").inner_text() == f"0 of {OF_ONE_CLASS} looked at · 0 kept, 15 to the minimum"
    )
    gallery.keyboard.press("Control+a")
    gallery.keyboard.press("k")
    gallery.locator(".finish", has_text=f"Mew is finished: {OF_ONE_CLASS} kept of 100 wanted.").wait_for()
    gallery.keyboard.press("n")
    expect(tile(gallery, 0).locator(".name")).to_have_text(EVIL[0])
    gallery.wait_for_url(lambda address: "class=%3Cimg" in address)
    gallery.go_back()
    expect(tile(gallery, 0).locator(".name")).to_have_text("Mew")


def test_all_classes_and_how_far_each_is(gallery: Page, db: Database) -> None:
    tile(gallery, 1).click()
    gallery.keyboard.press("r")
    wait_for(db, {1: "reject"})
    gallery.keyboard.press("c")
    row = gallery.locator(".classes li", has_text="Mew").first
    expect(row.locator(".ladder-words")).to_have_text(f"1 of {OF_ONE_CLASS} · 0 kept, 15 to the minimum")
    row.get_by_role("button").click()
    expect(tile(gallery, 1).locator(".name")).to_have_text("Mew")


def test_pace_and_time_left_follow_the_work_without_a_run_of_the_script(gallery: Page) -> None:
    tile(gallery, 0).click()

    def work() -> str | bool:
        gallery.keyboard.press("k")
        words = gallery.locator(".standing .pace").inner_text()
        return "a minute" in words and words

    assert re.fullmatch(r"\d+ of 400 looked at · [\d,]+ a minute · .* left", str(until(work, what="a pace")))
