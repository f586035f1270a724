"""The workspace that all contestants show: made once and kept, copied for each run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.crowd import draw_crowd
from core.workspace import CHECKOUT, Workspace, open_workspace

__all__ = ["copied", "made"]


def made(home: Path, pictures: int) -> Workspace:
    """The workspace of drawn pictures at `home`, scanned; drawn first when it is not there (minutes)."""
    workspace = open_workspace(home, environ={})
    marker = home / f"made-{pictures}"
    if not marker.exists():
        print(f"Drawing and scanning {pictures} pictures into {home}, once.", file=sys.stderr)
        draw_crowd(workspace.images, pictures)
        subprocess.run([sys.executable, "-m", "core", "--home", str(home), "scan"], cwd=CHECKOUT, check=True)
        marker.touch()
    return workspace


def copied(workspace: Workspace, home: Path) -> Workspace:
    """A copy to decide in; the pictures themselves, which nobody changes, are linked."""
    target = open_workspace(home, environ={})
    shutil.copytree(workspace.images, target.images, copy_function=os.link, dirs_exist_ok=True)
    for source in (workspace.catalog, workspace.thumbnails):
        place = home / source.relative_to(workspace.home)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    return target
