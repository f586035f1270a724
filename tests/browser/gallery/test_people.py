"""Two people on two browsers: each sees the other's decisions, and none is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from core.catalog.decisions import history
from core.database import Database
from tests.support.app import RunningApp
from tests.support.browser import open_page
from tests.support.gallery_hands import tile, verdicts, wait_for
from tests.support.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def ann(browser: Browser, app: RunningApp) -> Iterator[Page]:
    """Somebody else's browser, whose name was asked."""
    with open_page(browser) as page:
        page.goto(app.url())
        page.locator(".tile img:not([hidden])").first.wait_for()
        page.locator(".ask input").fill("Ann")
        page.locator(".ask").get_by_role("button", name="Use it").click()
        page.locator(".name-button", has_text="Ann").wait_for()
        yield page


def test_each_sees_the_others_decisions_where_they_are(gallery: Page, ann: Page, db: Database) -> None:
    gallery.locator(".scroller").evaluate("node => node.scrollTop = 40")
    tile(ann, 8).click()
    ann.keyboard.press("r")
    gallery.locator("#tile-8.reject").wait_for()
    gallery.locator(".name-button", has_text="me, Ann").wait_for()
    assert gallery.locator(".scroller").evaluate("node => node.scrollTop") == 40
    assert gallery.locator(".standing .pace").inner_text().startswith("1 of 400 looked at")
    tile(gallery, 9).click()
    gallery.keyboard.press("k")
    ann.locator("#tile-9.keep").wait_for()
    assert [batch.who for batch in history(db)] == ["me", "Ann"]


def test_both_decisions_on_one_picture_stand_in_the_history(gallery: Page, ann: Page, db: Database) -> None:
    changes = "**/api/changes?*"
    gallery.route(changes, lambda route: route.abort())
    tile(ann, 3).click()
    ann.keyboard.press("r")
    wait_for(db, {3: "reject"})
    tile(gallery, 3).click()
    gallery.keyboard.press("k")
    wait_for(db, {3: "keep"})
    gallery.unroute(changes)
    ann.locator("#tile-3.keep").wait_for()
    assert [batch.who for batch in history(db)] == ["me", "Ann"]


def test_undo_takes_ones_own_back(gallery: Page, ann: Page, db: Database) -> None:
    tile(gallery, 1).click()
    gallery.keyboard.press("r")
    wait_for(db, {1: "reject"})
    tile(ann, 2).click()
    ann.keyboard.press("r")
    wait_for(db, {1: "reject", 2: "reject"})
    gallery.keyboard.press("z")
    wait_for(db, {2: "reject"})
    ann.locator("#tile-1.unreviewed").wait_for()
    ann.keyboard.press("z")
    until(lambda: set(verdicts(db)) == {"unreviewed"}, what="Ann's own taken back")


def test_the_name_is_asked_once_a_browser(ann: Page, app: RunningApp) -> None:
    ann.goto(app.url())
    ann.locator(".tile img:not([hidden])").first.wait_for()
    assert not ann.locator(".ask").is_visible()
    assert ann.locator(".name-button").inner_text() == "Ann"
