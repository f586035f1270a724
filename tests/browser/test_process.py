"""The app as a process: runs outlive it, it stays light, it says what is wrong before it serves anything."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.catalog.store import open_catalog
from core.jobs.status import observe
from core.training.launch import launch
from core.training.presets import parse_settings
from core.workspace import Workspace
from tests.support.app import ROOT, RunningApp, free_port, running_app
from tests.support.catalogue import fill_catalogue
from tests.support.waiting import until
from ui.rooms import ROOMS

pytestmark = pytest.mark.browser


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    database = open_catalog(workspace)
    fill_catalogue(workspace, database, images=60, side=32)
    database.close()
    return workspace


def start_run(workspace: Workspace, epochs: int) -> Path:
    database = open_catalog(workspace)
    config = parse_settings("scratch-cnn", [f"epochs={epochs}", "image_size=32", "width=8", "device=cpu"])
    folder = launch(workspace, database, preset="scratch-cnn", config=config)
    database.close()
    return folder


def test_a_run_outlives_a_killed_app_and_the_next_one_shows_it(filled: Workspace, page: Page) -> None:
    with running_app(filled.home) as app:
        run = start_run(filled, epochs=6)
        until(lambda: observe(run).state == "running", seconds=90, what="the run to start")
        page.goto(app.url("/runs"))
        expect(page.get_by_text(run.name).first).to_be_visible(timeout=60_000)
        app.kill()
        until(lambda: observe(run).ended, seconds=120, what="the run to end by itself")
        assert (observe(run).state, observe(run).error) == ("finished", None)
        app.start()
        page.goto(app.url(f"/runs?run={run.name}"))
        expect(page.get_by_text(run.name).first).to_be_visible(timeout=60_000)
        expect(page.get_by_text("finished").first).to_be_visible(timeout=60_000)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads the process's maps, which Linux has")
def test_no_page_loads_torch_into_the_app(filled: Workspace, page: Page) -> None:
    with running_app(filled.home) as app:
        assert app.process is not None
        for room in ROOMS:
            page.goto(app.url("/" if room.name == "overview" else f"/{room.name}"))
            expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
        maps = Path(f"/proc/{app.process.pid}/maps").read_text(encoding="utf-8")
        assert "libtorch" not in maps


def said_at_start(*arguments: str, home: Path, script: Path = ROOT / "Home.py") -> tuple[int, str]:
    command = [sys.executable, "-m", "streamlit", "run", str(script), *arguments]
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(home), "SPECIMEN_HOME": str(home / "work")}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=90, check=False, cwd=home)
    return done.returncode, done.stdout + done.stderr


def test_another_address_without_a_password_is_refused(tmp_path: Path) -> None:
    code, said = said_at_start("--server.address=0.0.0.0", f"--server.port={free_port()}", home=tmp_path)
    assert code != 0
    assert "SPECIMEN_PASSWORD" in said
    assert "Traceback" not in said


def test_a_second_app_on_one_workspace_is_refused(app: RunningApp, tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    home.mkdir()
    (home / "work").symlink_to(app.home)
    code, said = said_at_start(f"--server.port={free_port()}", home=home)
    assert code != 0
    assert "already open" in said
    assert "Traceback" not in said


def test_a_taken_port_is_said(app: RunningApp, tmp_path: Path) -> None:
    code, said = said_at_start(f"--server.port={app.port}", home=tmp_path)
    assert code != 0
    assert str(app.port) in said
