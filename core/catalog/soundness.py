"""Whether the catalogue's pages are sound, looked at once for each state of its files and each start of the machine."""

import contextlib
import json
from pathlib import Path

from core.database import Database
from core.errors import DamagedError, StorageError
from core.files import write_atomic
from core.jobs.identity import boot_id

__all__ = ["check_pages"]


def check_pages(database: Database, note: Path, *, mend: str) -> None:
    """Look through all pages, unless `note` says that these very files were found sound since the machine started.

    `note` is rewritten where they were not. Of 100,000 pictures the look takes 0.08 s from memory, 1 s from the disk.
    Raises DamagedError, which ends with `mend`.
    """
    state = _state(database.path)
    if _read(note) == state:
        return
    with database.read(seconds=120.0) as connection:
        answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise DamagedError(f"{database.path} is damaged ({str(answer).splitlines()[-1]}); {mend}.")
    with contextlib.suppress(OSError, StorageError):  # on a full or closed disk the next opening looks again
        write_atomic(note, state)


def _state(path: Path) -> bytes:
    """What changes with every byte written to the file or to its log: no program can set a time of change back."""
    files = [path, path.with_name(f"{path.name}-wal")]
    known = [file.stat() for file in files if file.exists()]
    marks = [(entry.st_ino, entry.st_size, entry.st_mtime_ns, entry.st_ctime_ns) for entry in known if entry.st_size]
    return json.dumps([boot_id(), marks]).encode()


def _read(note: Path) -> bytes:
    try:
        return note.read_bytes()
    except OSError:
        return b""
