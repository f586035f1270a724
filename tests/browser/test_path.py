"""The whole path in a real browser: pictures, copies, decisions, split, two trainings, a prediction, five drawings."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.catalog.classes import count_classes
from core.catalog.clusters import count_open_clusters
from core.catalog.images import get_many, image_table
from core.catalog.store import open_catalog
from core.database import Database
from core.dataset.table import annotation_rows, to_csv
from core.jobs.queue import list_jobs
from core.runs.store import list_runs
from core.workspace import Workspace
from tests.support.app import RunningApp
from tests.support.pictures import broken_files, jpeg
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

SLOW_MS = 120_000


@pytest.fixture
def catalogue(app: RunningApp, workspace: Workspace) -> Database:
    """The catalogue that the running app has made, seen from outside."""
    return open_catalog(workspace)


def test_the_path_from_pictures_to_models(
    page: Page, app: RunningApp, workspace: Workspace, catalogue: Database, tmp_path: Path
) -> None:
    load_the_sample(page, app)
    import_a_folder(page, workspace, catalogue, tmp_path / "squirtle")
    resolve_the_copies(page, catalogue)
    decide_on_four(page, catalogue)
    split(page, catalogue)
    until(lambda: workspace.annotations.read_bytes() == to_csv(annotation_rows(catalogue)), what="annotations.csv")
    classifier = train(page, app, workspace, preset="scratch-cnn")
    generator = train(page, app, workspace, preset="dcgan")
    predict(page, app, classifier, workspace.images / str(image_table(catalogue, ["path"])["path"][0]))
    draw_five(page, app, generator)


def load_the_sample(page: Page, app: RunningApp) -> None:
    page.goto(app.url())
    page.get_by_role("button", name="Load the sample").click()
    page.get_by_text("Newest pictures").wait_for(timeout=SLOW_MS)
    tile = page.locator(".specimen-mosaic img").first
    until(lambda: tile.evaluate("image => image.complete && image.naturalWidth > 0"), what="a thumbnail")


def import_a_folder(page: Page, workspace: Workspace, db: Database, folder: Path) -> None:
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(jpeg(100 + number))
    (folder / "torn.jpg").write_bytes(broken_files()["half.jpg"][0])
    _go(page, "Collect")
    page.get_by_text("From a folder").click()
    page.get_by_role("textbox", name="Folder or zip").fill(str(folder))
    page.get_by_role("textbox", name="Folder or zip").press("Enter")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("1 file left out: 1 × truncated JPEG").wait_for(timeout=SLOW_MS)
    assert {row.name: row.unreviewed for row in count_classes(db)}["squirtle"] == 3
    until(lambda: all(status.ended for _, status in list_jobs(workspace)), what="the import's end")


def resolve_the_copies(page: Page, db: Database) -> None:
    _go(page, "Duplicates")
    resolve = page.get_by_role("button", name="Resolve")
    resolve.wait_for()
    waiting = count_open_clusters(db).all
    assert waiting > 10
    resolve.click()
    until(lambda: count_open_clusters(db).all < waiting / 2, what="resolved copies")
    page.get_by_role("button", name="Undo").click()
    until(lambda: count_open_clusters(db).all == waiting, what="the copies to be back")
    resolve.click()
    page.get_by_text("resolved").first.wait_for()
    until(lambda: count_open_clusters(db).all < waiting / 2, what="resolved copies")


def decide_on_four(page: Page, db: Database) -> None:
    _go(page, "Clean")
    shown = [int(image) for image in image_table(db, ["id"], "")["id"] if image is not None]
    before = {row.id: row.verdict for row in get_many(db, shown)}
    places = [place for place, image in enumerate(shown[:20]) if before[image] == "unreviewed"][:4]
    for place in places[:3]:
        page.locator(f"#tile-{place}").click()
        page.locator(".bar [data-does=reject]").click()
    page.locator(f"#tile-{places[3]}").click()
    page.keyboard.press("r")
    page.keyboard.press("z")
    wanted = before | {shown[place]: "reject" for place in places[:3]}
    until(lambda: {row.id: row.verdict for row in get_many(db, shown)} == wanted, what="three rejections on disk")
    decided = sum(verdict != "unreviewed" for verdict in wanted.values())
    page.get_by_text(f"{decided} of {len(shown)} looked at").first.wait_for()


def split(page: Page, db: Database) -> None:
    _go(page, "Dataset")
    page.get_by_role("button", name="Split", exact=True).click()
    page.get_by_text("Leaks 0").wait_for()
    assert sum(row.train + row.val + row.test for row in count_classes(db)) == sum(
        row.usable for row in count_classes(db)
    )


def train(page: Page, app: RunningApp, workspace: Workspace, *, preset: str) -> str:
    """The id of a run of two epochs that has been started, watched and finished."""
    page.goto(app.url(f"/train?preset={preset}"))
    field = page.get_by_role("spinbutton", name="Epochs")
    field.fill("2")
    field.press("Enter")
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("button", name="Watch it").click()
    run = until(lambda: next((row.run for row in list_runs(workspace) if row.preset == preset), None))
    page.get_by_role("heading", name=run).wait_for()
    until(lambda: next(row for row in list_runs(workspace) if row.run == run).state == "finished", seconds=400)
    page.get_by_role("button", name="Try it").wait_for()
    page.locator(".specimen-plot .main-svg").first.wait_for()
    return run


def predict(page: Page, app: RunningApp, run: str, picture: Path) -> None:
    page.goto(app.url(f"/try?run={run}"))
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.locator(".specimen-bars .name")).to_have_count(5, timeout=SLOW_MS)


def draw_five(page: Page, app: RunningApp, run: str) -> None:
    page.goto(app.url(f"/runs?run={run}"))
    page.locator(".specimen-plot .main-svg").first.wait_for()
    page.goto(app.url(f"/try?run={run}"))
    expect(page.locator(".specimen-drawn img")).to_have_count(5, timeout=SLOW_MS)


def _go(page: Page, room: str) -> None:
    """Through the sidebar, as a person does."""
    page.locator("[data-testid=stSidebar]").get_by_role("link", name=room).first.click()
    page.get_by_role("heading", name=room, exact=True).wait_for()
