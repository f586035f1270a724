"""Nothing that was decided is lost: in fast succession, across reloads, crashes, full disks and closed tabs."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from core.database import Database
from tests.support.app import RunningApp
from tests.support.browser import open_page
from tests.support.gallery_hands import open_gallery, tile, verdicts, wait_for, wait_saved
from tests.support.waiting import until

pytestmark = pytest.mark.browser

SPACING_MS = 30
DECISIONS = "**/api/decisions"
NOTICES = """() => {
  window.notices = 0;
  const count = () => (window.notices += document.querySelectorAll("[role=dialog] h2").length);
  new MutationObserver(count).observe(document.body, { childList: true });
}"""
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


def test_a_server_that_is_away_takes_neither_the_view_nor_the_keys(
    gallery: Page, app: RunningApp, db: Database
) -> None:
    gallery.evaluate(NOTICES)
    tile(gallery, 0).click()
    app.kill()
    gallery.wait_for_function("window.notices > 0")
    gallery.get_by_text("Specimen does not answer. What you decide now is kept in this browser").wait_for()
    expect(gallery.get_by_role("dialog")).to_have_count(0)
    for place in range(5):
        gallery.keyboard.press("r")
        gallery.locator(f"#tile-{place}.reject").wait_for()
    app.start()
    wait_for(db, dict.fromkeys(range(5), "reject"))
    wait_saved(gallery)
    gallery.get_by_text("saved ✓").wait_for()


def test_a_key_before_the_pictures_are_there_is_refused_in_words(page: Page, app: RunningApp, db: Database) -> None:
    open_gallery(page, app)
    held: list[Route] = []
    page.route("**/api/ids?*", lambda route: held.append(route))
    page.get_by_label("Filter").fill("id > 3")
    page.get_by_label("Filter").press("Enter")
    until(lambda: _turn(page) and bool(held), what="the new list to be asked for")
    page.locator(".scroller").focus()
    page.keyboard.press("r")
    page.get_by_text("Still opening: press again when the pictures are there.").wait_for()
    held.pop().continue_()
    page.locator("#tile-0[data-image='4']").wait_for()
    page.keyboard.press("r")
    wait_for(db, {3: "reject"})


def _turn(page: Page) -> bool:
    """Let the page's events be heard."""
    page.wait_for_timeout(10)
    return True


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
