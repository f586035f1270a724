"""What a browser sends, kept as files with names of ours until the import has read them.

Loose files and folders go into one zip, whose entries bear the original names as text; so every upload takes the
importer's one way for zips, with its limits and its reasons.
"""

import contextlib
import os
import shutil
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO

from core.errors import InputError
from core.files import atomic_file
from core.workspace import Workspace

__all__ = ["save_uploads"]

_KEPT_SECONDS = 7 * 86_400
_CHUNK_BYTES = 1 << 20
_UNNAMED = "pictures"
_LONGEST_NAME_BYTES = 200


def save_uploads(workspace: Workspace, files: Iterable[tuple[str, IO[bytes]]]) -> list[Path]:
    """Zips under `data/cache/uploads` that hold the files (name as the browser tells it, content), to be imported.

    A zip that was sent stays a zip of its own. Each keeps its name, or that of the one folder that everything lies in:
    the importer names by it what no folder and no number tells. What is older than a week is swept away. Raises
    InputError when nothing was sent, StorageError when the disk refuses.
    """
    folder = workspace.cache / "uploads"
    _sweep(folder)
    saved, loose = [], []
    for name, content in files:
        if name.lower().endswith(".zip"):
            saved.append(_new_path(folder, name))
            with atomic_file(saved[-1]) as handle:
                shutil.copyfileobj(content, handle, _CHUNK_BYTES)
        else:
            loose.append((name, content))
    if loose:
        saved.append(_new_path(folder, _common_folder([name for name, _ in loose])))
        _pack(saved[-1], loose)
    if not saved:
        raise InputError("No files have arrived; drop pictures, a folder or a zip first.")
    return saved


def _pack(path: Path, files: Iterable[tuple[str, IO[bytes]]]) -> None:
    taken: set[str] = set()
    with atomic_file(path) as handle, zipfile.ZipFile(handle, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = _entry_name(name, taken)
            taken.add(entry)
            with archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(content, target, _CHUNK_BYTES)


def _entry_name(name: str, taken: set[str]) -> str:
    """The name as a relative path inside the zip; numbered when it is there already."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/").replace("\0", "")).parts if part not in ("/", "..")]
    path = PurePosixPath(*parts) if parts else PurePosixPath("unnamed")
    entry, number = str(path), 1
    while entry in taken:
        number += 1
        entry = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
    return entry


def _common_folder(names: Iterable[str]) -> str:
    """The folder that all names begin with, else `pictures`."""
    tops = {name.replace("\\", "/").partition("/")[0] if "/" in name.replace("\\", "/") else "" for name in names}
    top = tops.pop() if len(tops) == 1 else ""
    return f"{top or _UNNAMED}.zip"


def _new_path(folder: Path, name: str) -> Path:
    """A new place for a zip of that name (which ends in `.zip`, in any case), as far as it can be one."""
    stem = name.replace("\\", "/").rpartition("/")[2].replace("\0", "")[: -len(".zip")].strip(". ")
    if not stem or len(os.fsencode(stem)) > _LONGEST_NAME_BYTES:
        stem = _UNNAMED
    return folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(3).hex()}" / f"{stem}.zip"


def _sweep(folder: Path) -> None:
    for place in folder.iterdir() if folder.is_dir() else []:
        with contextlib.suppress(OSError):
            if time.time() - place.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(place)
