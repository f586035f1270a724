"""A workspace of its own for each test of the pages, and pages opened through the shell as a person opens them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.api.desk import Opened, close_desk, desk
from core.workspace import CHECKOUT
from ui.rooms import room

__all__ = ["Visit"]

Visit = Callable[..., AppTest]
_SECONDS = 60.0


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """An empty workspace, open in this process as the app would have it."""
    close_desk()
    monkeypatch.setenv("SPECIMEN_HOME", str(tmp_path / "home"))
    yield desk().opened
    close_desk()


@pytest.fixture
def visit(opened: Opened) -> Visit:
    """Opens a room by its name, with query parameters; asserts that no edge had to catch anything."""

    def go(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(CHECKOUT / "ui" / "shell.py", default_timeout=_SECONDS)
        app.run()
        for key, value in query.items():
            app.query_params[key] = value
        if name != "overview":
            app.switch_page(str(Path("..") / "pages" / room(name).file))
        app.run()
        assert [error.value for error in app.exception] == []
        assert [error.value for error in app.error] == []
        return app

    return go
