"""A workspace of its own for each test, whose jobs are gone when the test is."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.jobs.identity import JOB_VARIABLE
from core.workspace import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty workspace."""
    yield open_workspace(tmp_path / "home", environ={})
    for process in psutil.process_iter():
        if process.pid != os.getpid() and _belongs_to(process, tmp_path):
            process.kill()


def _belongs_to(process: psutil.Process, place: Path) -> bool:
    try:
        own = process.environ().get(JOB_VARIABLE, "")
        return own.startswith(str(place)) or str(place) in " ".join(process.cmdline())
    except psutil.Error:
        return False
