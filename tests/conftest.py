"""Fixtures that several rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.catalog.store import open_catalog
from core.database import Database
from core.workspace import Workspace, open_workspace
from tests.support.app import RunningApp, running_app
from tests.support.browser import open_browser, open_page


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace of its own."""
    return open_workspace(tmp_path / "home", environ={})


@pytest.fixture
def db(workspace: Workspace) -> Iterator[Database]:
    """The empty catalogue of `workspace`."""
    database = open_catalog(workspace)
    yield database
    database.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1440x900 in a context of its own."""
    with open_page(browser) as opened:
        yield opened


@pytest.fixture
def app(workspace: Workspace) -> Iterator[RunningApp]:
    """The real app on `workspace`: fill the workspace first, with another process or before asking for this fixture."""
    with running_app(workspace.home) as running:
        yield running
