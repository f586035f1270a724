"""One app with the gallery on 400 drawn pictures of five classes, for all tests of this folder."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from core.catalog.store import open_catalog
from core.database import Database
from core.workspace import open_workspace
from tests.support.app import ROOT, RunningApp, running_app
from tests.support.catalogue import fill_catalogue
from tests.support.gallery_hands import CLASSES, IMAGES, open_gallery


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningApp, Database]]:
    workspace = open_workspace(tmp_path_factory.mktemp("gallery") / "home", environ={})
    db = open_catalog(workspace)
    fill_catalogue(workspace, db, images=IMAGES, classes=CLASSES)
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
    return open_gallery(page, app)
