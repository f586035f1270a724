"""One app a workspace, and one desk an app."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.api.desk import Desk, close_desk, desk
from core.catalog.store import open_catalog
from core.errors import RefusedError
from core.workspace import Workspace, open_workspace
from tests.support.app import ROOT

HOLD = """
import sys
from pathlib import Path
from core.api.desk import Desk
from core.workspace import open_workspace
desk = Desk(open_workspace(Path(sys.argv[1]), environ={}))
print("open", flush=True)
sys.stdin.read()
"""


def _holder(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(home)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_second_app_is_refused_until_the_first_is_dead(workspace: Workspace) -> None:
    first = _holder(workspace.home)
    try:
        with pytest.raises(RefusedError, match=f"process {first.pid}"):
            Desk(workspace)
        beside = open_catalog(workspace)  # the command line may work meanwhile
        beside.close()
    finally:
        _end(first)
    Desk(workspace).close()


def test_closing_twice_leaves_what_others_opened_meanwhile_alone(workspace: Workspace, tmp_path: Path) -> None:
    here = Desk(workspace)
    here.close()
    with (tmp_path / "other").open("wb") as other:  # the system gives it the descriptor that was the lock's
        here.close()
        other.write(b"whole")
    assert (tmp_path / "other").read_bytes() == b"whole"


def test_switching_lets_another_app_in(workspace: Workspace, tmp_path: Path) -> None:
    here = Desk(workspace)
    first = here.token
    here.switch(tmp_path / "other")
    assert here.workspace.home == tmp_path / "other"
    assert here.token != first
    again = Desk(workspace)
    assert again.token == first
    again.close()
    here.close()


def test_a_switch_that_fails_leaves_everything_open(workspace: Workspace, tmp_path: Path) -> None:
    here = Desk(workspace)
    holder = _holder(tmp_path / "taken")
    try:
        with pytest.raises(RefusedError):
            here.switch(tmp_path / "taken")
        assert here.opened.workspace == workspace
    finally:
        _end(holder)
        here.close()


def test_pages_and_api_get_one_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECIMEN_HOME", str(tmp_path / "home"))
    close_desk()
    try:
        assert desk() is desk()
        assert desk().workspace == open_workspace(tmp_path / "home", environ={})
    finally:
        close_desk()
