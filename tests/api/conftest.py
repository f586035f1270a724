"""An API on a small drawn catalogue, asked without a network."""

from collections.abc import Iterator

import pytest

from core.api.app import create_api
from core.api.desk import Desk
from core.catalog.store import open_catalog
from core.workspace import Workspace
from tests.support.catalogue import fill_catalogue
from tests.support.client import TestClient


@pytest.fixture
def desk(workspace: Workspace) -> Iterator[Desk]:
    """A desk on twelve drawn images of three classes, in turn; ids 1 to 12."""
    db = open_catalog(workspace)
    fill_catalogue(workspace, db, images=12)
    db.close()
    opened = Desk(workspace)
    yield opened
    opened.close()


@pytest.fixture
def api(desk: Desk) -> Iterator[TestClient]:
    with TestClient(create_api(desk), raise_server_exceptions=False) as client:
        yield client
