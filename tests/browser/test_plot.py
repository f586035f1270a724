"""A live plot grows in place: the zoom stays, the node stays, new figures come."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from core.runs.metrics import MetricsWriter
from core.workspace import Workspace
from tests.support.app import running_app
from tests.support.runs import live_run
from tests.support.waiting import until

PLOT = ".st-key-runs\\.panel\\.loss .specimen-plot, [class*='st-key-runs-panel-loss'] .specimen-plot"


def write_steps(folder: Path, first: int, last: int) -> None:
    with MetricsWriter(folder) as writer:
        for step in range(first, last):
            writer.write("step", step, 1, **{"loss/train": 100.0 / (step + 20)})


def x_range(page: Page) -> list[float]:
    return [float(value) for value in page.evaluate(f'() => document.querySelector("{PLOT}").layout.xaxis.range')]


def newest_step(page: Page) -> float:
    return float(page.evaluate(f'() => Math.max(...document.querySelector("{PLOT}").data.flatMap((t) => t.x))'))


def drag_across(page: Page) -> None:
    """Zoom into the middle of the plot, as a person does."""
    box = page.locator(f"{PLOT} .nsewdrag").first.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], middle, steps=5)
    page.mouse.move(box["x"] + 0.6 * box["width"], middle, steps=5)
    page.mouse.up()


@pytest.mark.browser
def test_the_zoom_stays_while_figures_come_in(workspace: Workspace, page: Page) -> None:
    seen: dict[str, object] = {}
    with live_run(workspace, "scratch-cnn") as (folder, reporter), running_app(workspace.home) as app:
        write_steps(folder, 1, 60)
        reporter.progress(60, 200)
        page.goto(app.url(f"/runs?run={folder.name}"))
        page.wait_for_selector(f"{PLOT} .main-svg")
        page.evaluate(f'() => {{ document.querySelector("{PLOT}").marked = true; }}')
        drag_across(page)
        seen["zoomed"] = until(lambda: found if (found := x_range(page))[0] > 10 else None, what="the zoom")
        write_steps(folder, 60, 120)
        until(lambda: newest_step(page) >= 119, what="the new figures")
        seen["later"] = x_range(page)
        seen["marked"] = page.evaluate(f'() => document.querySelector("{PLOT}").marked === true')
        seen["plots"] = page.locator(PLOT).count()
    # A job's block keeps its exceptions to itself, so the figures are judged outside of it.
    assert seen == {"zoomed": seen.get("zoomed"), "later": seen.get("zoomed"), "marked": True, "plots": 1}
