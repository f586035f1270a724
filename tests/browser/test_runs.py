"""The pages about runs in a browser: the address is the page, and the slider answers without the server."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.runs.store import list_runs
from core.workspace import Workspace
from tests.support.app import running_app
from tests.support.runs import add_samples, live_run, made_up


@pytest.mark.browser
def test_the_address_is_the_page(workspace: Workspace, page: Page) -> None:
    made_up(workspace, "scratch-cnn", "finished")
    made_up(workspace, "dcgan", "stopped")
    newest, oldest = (row.run for row in list_runs(workspace))
    with running_app(workspace.home) as app:
        page.goto(app.url("/runs"))
        page.get_by_role("link", name=newest).click()
        expect(page).to_have_url(app.url(f"/runs?run={newest}"))
        page.get_by_text("Settings", exact=True).click()
        expect(page).to_have_url(re.compile(r"part=Settings"))
        page.reload()
        expect(page.get_by_role("heading", name=newest)).to_be_visible()
        expect(page.get_by_text("parameters.epochs")).to_be_visible()
        page.get_by_role("link", name="All runs").click()
        expect(page).to_have_url(app.url("/runs"))
        page.get_by_text("finished", exact=True).first.click()
        expect(page).to_have_url(app.url("/runs?state=finished"))
        classifier = oldest if "scratch" in oldest else newest
        page.get_by_role("link", name=classifier).click()
        expect(page.get_by_text("Loss per step")).to_be_visible()
        expect(page).to_have_url(re.compile(f"run={classifier}"))
        page.go_back()
        expect(page.get_by_role("heading", name="Runs")).to_be_visible()


@pytest.mark.browser
def test_the_slider_shows_each_epoch_and_goes_into_the_address(workspace: Workspace, page: Page) -> None:
    folder = made_up(workspace, "dcgan", "finished")
    add_samples(folder, epochs=6)
    with running_app(workspace.home) as app:
        page.goto(app.url(f"/runs?run={folder.name}"))
        drawn, slider = page.locator(".samples .drawn img"), page.locator(".samples input[type=range]")
        expect(drawn).to_have_attribute("alt", "Drawn after epoch 6")
        expect(page.locator(".samples .real img")).to_be_visible()
        slider.focus()
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
        expect(drawn).to_have_attribute("alt", "Drawn after epoch 3")
        expect(page).to_have_url(re.compile("epoch=3"))
        page.reload()
        expect(drawn).to_have_attribute("alt", "Drawn after epoch 3")
        page.get_by_role("button", name="Play the epochs").click()
        expect(drawn).to_have_attribute("alt", "Drawn after epoch 6")


@pytest.mark.browser
def test_the_grid_goes_along_with_a_live_run_unless_one_went_back(workspace: Workspace, page: Page) -> None:
    seen: list[str] = []
    with live_run(workspace, "dcgan") as (folder, _), running_app(workspace.home) as app:
        add_samples(folder, epochs=3)
        page.goto(app.url(f"/runs?run={folder.name}"))
        drawn, slider = page.locator(".samples .drawn img"), page.locator(".samples input[type=range]")
        for epochs in (3, 4):
            add_samples(folder, epochs=epochs)
            expect(drawn).to_have_attribute("alt", f"Drawn after epoch {epochs}", timeout=15_000)
            seen.append(f"newest {epochs}")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        expect(drawn).to_have_attribute("alt", "Drawn after epoch 2")
        add_samples(folder, epochs=5)
        expect(page.locator(".samples output")).to_have_text("epoch 2 of 5", timeout=15_000)
        expect(drawn).to_have_attribute("alt", "Drawn after epoch 2")
        seen.append("still 2 of 5")
    assert seen == ["newest 3", "newest 4", "still 2 of 5"]
