"""A small catalogue for the tests of this folder."""

from pathlib import Path

import pytest

from core.catalog.store import open_catalog
from core.database import Database
from core.workspace import open_workspace
from tests.catalog.rows import fill


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = open_catalog(open_workspace(tmp_path, environ={}))
    fill(opened, {"abra": 3, "mew": 2})
    return opened
