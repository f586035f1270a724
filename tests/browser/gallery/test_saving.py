"""Nothing that was decided is lost: in fast succession, across reloads, crashes, full disks and closed tabs."""

import pytest
from playwright.sync_api import Browser, Page, Route

from core.database import Database
from tests.support.app import RunningApp
from tests.support.browser import open_page
from tests.support.gallery_hands import open_gallery, tile, verdicts, wait_for, wait_saved
from tests.support.waiting import until

pytestmark = pytest.mark.browser

SPACING_MS = 30
DECISIONS = "**/api/decisions"
NEVER_SENT = """() => {
  const send = window.fetch;
  window.fetch = (to, how) => (String(to).endsWith("/decisions") ? Promise.reject(new Error()) : send(to, how));
}"""


def test_keys_in_fast_succession_are_all_on_disk_in_their_order(gallery: Page, db: Database) -> None:
    tile(gallery, 0).click()
    for number in range(30):
        gallery.keyboard.press("k" if number % 3 else "r")
        gallery.wait_for_timeout(SPACING_MS)
    wait_for(db, {place: "keep" if place % 3 else "reject" for place in range(30)})
    with db.read() as connection:
        rows = connection.execute("SELECT image, after FROM decision ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [(place + 1, "keep" if place % 3 else "reject") for place in range(30)]


def test_unsaved_decisions_are_shown_and_saved_after_a_reload(gallery: Page, app: RunningApp, db: Database) -> None:
    gallery.route(DECISIONS, lambda route: route.abort())
    # What a page sends while it goes away passes that route by.
    gallery.evaluate(NEVER_SENT)
    tile(gallery, 0).click()
    for _ in range(8):
        gallery.keyboard.press("r")
    gallery.locator(".saved.trouble").wait_for()
    open_gallery(gallery, app)
    gallery.locator("#tile-7.reject").wait_for()
    assert verdicts(db, 8) == ["unreviewed"] * 8
    gallery.unroute(DECISIONS)
    wait_for(db, dict.fromkeys(range(8), "reject"))
    wait_saved(gallery)


def test_a_full_disk_is_said_in_the_servers_words(gallery: Page, db: Database) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=507, json={"error": "The disk is full; free some space."})

    gallery.route(DECISIONS, refuse)
    tile(gallery, 2).click()
    gallery.keyboard.press("r")
    gallery.locator(".saved.trouble").wait_for()
    said = gallery.locator(".saved").inner_text()
    assert said == "Not saved: The disk is full; free some space. 1 decision is kept in this browser and sent again."
    assert "reject" in str(tile(gallery, 2).get_attribute("class"))
    gallery.unroute(DECISIONS)
    wait_for(db, {2: "reject"})
    wait_saved(gallery)


def test_pictures_of_another_workspace_are_not_shown(gallery: Page, app: RunningApp) -> None:
    def elsewhere(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "x-workspace": "another"})

    gallery.route("**/api/ids?*", elsewhere)
    gallery.goto(app.url("/?where=id%20%3E%203"))
    gallery.get_by_text("Specimen has another workspace open now. Load this page again.").wait_for()
    assert gallery.locator(".tile").count() == 0


def test_a_killed_server_loses_nothing(gallery: Page, app: RunningApp, db: Database) -> None:
    tile(gallery, 0).click()
    for _ in range(5):
        gallery.keyboard.press("r")
    app.kill()
    for _ in range(10):
        gallery.keyboard.press("k")
    gallery.locator(".saved.trouble").wait_for()
    assert "kept in this browser" in gallery.locator(".saved").inner_text()
    app.start()
    wait_for(db, {**dict.fromkeys(range(5), "reject"), **dict.fromkeys(range(5, 15), "keep")})
    wait_saved(gallery)


def test_unsaved_decisions_survive_a_closed_tab(app: RunningApp, db: Database, browser: Browser) -> None:
    with open_page(browser) as page:
        open_gallery(page, app)
        tile(page, 0).click()
        app.kill()
        for _ in range(10):
            page.keyboard.press("r")
        page.locator(".saved.trouble").wait_for()
        again = page.context.new_page()
        page.close()
        app.start()
        open_gallery(again, app)
        until(lambda: verdicts(db, 10) == ["reject"] * 10, seconds=40, what="the closed tab's decisions")


def test_leaving_at_once_loses_nothing(gallery: Page, app: RunningApp, db: Database) -> None:
    tile(gallery, 0).click()
    for _ in range(20):
        gallery.keyboard.press("r")
    gallery.goto("about:blank")
    wait_for(db, dict.fromkeys(range(20), "reject"))


def test_undo_survives_a_reload(gallery: Page, app: RunningApp, db: Database) -> None:
    tile(gallery, 1).click()
    gallery.keyboard.press("r")
    wait_for(db, {1: "reject"})
    open_gallery(gallery, app)
    gallery.locator("#tile-1.reject").wait_for()
    gallery.keyboard.press("z")
    wait_for(db, {})
    gallery.locator("#tile-1.unreviewed").wait_for()
