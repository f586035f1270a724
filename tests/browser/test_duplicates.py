"""Duplicates in a real browser: keys decide, nothing jumps, the difference is drawn, and the distance is learnt."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.catalog.images import get_image, image_table
from core.catalog.store import open_catalog
from core.database import Database
from core.duplicates.clusters import update_clusters
from core.images.thumbnails import open_thumbnails
from core.workspace import Workspace, read_settings
from tests.support.app import running_app
from tests.support.catalogue import draw_picture, fill_catalogue, thumbnail_of
from tests.support.waiting import until
from tests.ui.copies import plant_copy


def planted(workspace: Workspace, *, bits: tuple[int, ...]) -> Database:
    """A catalogue in which the pictures 1, 2 … have a copy each, so many bits apart."""
    db = open_catalog(workspace)
    fill_catalogue(workspace, db, images=20)
    for image, apart in enumerate(bits, start=1):
        plant_copy(db, image, bits=apart)
    update_clusters(db, distance=6)
    return db


def in_focus(page: Page) -> str:
    """The name of the group that has the ring around it; empty for none."""
    return str(
        page.evaluate(
            "() => [...document.querySelectorAll('[class*=st-key-group_]')]"
            ".filter(node => getComputedStyle(node).outlineStyle === 'solid')"
            ".map(node => [...node.classList].find(name => name.startsWith('st-key-group_'))).join(' ')"
        )
    )


def rejected(db: Database) -> list[object]:
    return list(image_table(db, ["id"], "verdict = reject")["id"])


@pytest.mark.browser
def test_keys_move_and_decide_and_the_page_stays_where_it_is(workspace: Workspace, page: Page) -> None:
    db = planted(workspace, bits=(0, 0, 0, 0, 0, 0))
    with running_app(workspace.home) as app:
        page.goto(app.url("/duplicates"))
        expect(page.get_by_role("button", name="Accept")).to_have_count(6)
        until(lambda: in_focus(page) == "st-key-group_1-21", seconds=30, what="the first group to be in focus")
        for key, name in (("j", "2-22"), ("ArrowRight", "3-23"), ("ArrowLeft", "2-22"), ("k", "1-21")):
            page.keyboard.press(key)
            assert in_focus(page) == f"st-key-group_{name}"
        for _ in range(4):
            page.keyboard.press("j")
        page.wait_for_function("() => document.querySelector('.stMain').scrollTop > 0")
        before = page.locator(".st-key-group_5-25").bounding_box()
        page.keyboard.press("Enter")
        expect(page.locator(".st-key-group_5-25").get_by_text("resolved")).to_be_visible()
        assert rejected(db) == [25]
        assert in_focus(page) == "st-key-group_6-26"
        after = page.locator(".st-key-group_5-25").bounding_box()
        assert before is not None
        assert after is not None
        assert abs(after["y"] - before["y"]) <= 1
        page.keyboard.press("2")
        expect(page.locator(".st-key-group_6-26").get_by_text("resolved")).to_be_visible()
        assert rejected(db) == [6, 25]
        page.keyboard.press("k")
        page.keyboard.press("k")
        page.keyboard.press("r")
        expect(page.locator(".st-key-group_4-24").get_by_text("resolved")).to_be_visible()
        assert rejected(db) == [4, 6, 24, 25]
    db.close()


@pytest.mark.browser
def test_the_difference_is_drawn_when_it_is_asked_for(workspace: Workspace, page: Page) -> None:
    db = planted(workspace, bits=(2, 2))
    store = open_thumbnails(workspace)
    store.put_many([(str(get_image(db, copy).sha256), thumbnail_of(draw_picture(copy, 96))) for copy in (21, 22)])
    store.close()
    db.close()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/difference/" in request.url else None)
    with running_app(workspace.home) as app:
        page.goto(app.url("/duplicates"))
        expect(page.get_by_role("button", name="Accept")).to_have_count(2)
        until(lambda: in_focus(page) == "st-key-group_1-21", seconds=30, what="the keys to be listened to")
        assert asked == []
        page.keyboard.press("d")
        shown = page.get_by_alt_text("difference")
        expect(shown).to_be_visible()
        page.wait_for_function("() => document.querySelector('img[alt=difference]').naturalWidth > 0")
        assert [re.sub(r"\?.*", "", url) for url in asked] == [app.url("/api/difference/1/21")]
        page.keyboard.press("d")
        expect(shown).to_have_count(0)


@pytest.mark.browser
def test_the_distance_is_learnt_by_two_keys(workspace: Workspace, page: Page) -> None:
    db = planted(workspace, bits=(1, 2, 3, 4))
    db.close()
    with running_app(workspace.home) as app:
        page.goto(app.url("/duplicates"))
        page.get_by_role("button", name="Learn my distance").click()
        for number in range(1, 5):
            expect(page.get_by_text(f"{number} of 4")).to_be_visible()
            page.keyboard.press("y")
        page.get_by_role("button", name="Use distance 4").click()
        expect(page.get_by_role("slider")).to_have_value("4")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert read_settings(workspace).duplicate_distance == 4
        expect(page.get_by_role("button", name="Accept")).to_have_count(4)
