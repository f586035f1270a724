"""Emptying the bin: the one place that deletes originals."""

import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.catalog.bin import Doomed, count_doomed, doomed_files, mark_emptied, strike_off, unused_digests
from core.database import Database, file_lock
from core.errors import BusyError, StoppedError, StorageError
from core.files import file_digest, storage_error, sync_folder
from core.images.thumbnails import Thumbnails, open_thumbnails
from core.jobs.reporter import SILENT, Reporter
from core.workspace import Workspace

__all__ = ["Emptied", "Left", "empty_bin", "finish_emptying", "turn_of_bin"]

_BATCH: Final = 200
_TURN_SECONDS: Final = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Left:
    """A file that was not deleted."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of a doomed file."""

    file: Doomed
    reason: str = ""
    """Why it is still there; empty when it is gone."""
    again: bool = False
    """Whether the next call should try it once more."""


@dataclass(frozen=True, slots=True)
class Emptied:
    deleted: int
    """Files deleted, those included that an earlier call which was interrupted had left."""
    bytes: int
    left: list[Left]
    """Files that stay, and why; the images are given up all the same."""


@contextmanager
def turn_of_bin(workspace: Workspace) -> Iterator[None]:
    """Either a scan or the emptying of the bin: a scan would take a file that is going for one that went missing."""
    with file_lock(workspace.data / "bin.lock", seconds=_TURN_SECONDS):
        yield


def empty_bin(
    workspace: Workspace, db: Database, *, who: str, expected: int | None = None, reporter: Reporter = SILENT
) -> Emptied:
    """Delete the files of all rejected images for good; the images stay known, so that they are not taken in again.

    Killed at any moment, it leaves either the bin as it was, or files that the next call or the next scan deletes. A
    file that was changed by hand since it was measured stays. Raises RefusedError when the bin does not hold
    `expected` images, StoppedError when asked to stop: what is left then goes with the next call.
    """
    with turn_of_bin(workspace):
        mark_emptied(db, who=who, expected=expected)
        return finish_emptying(workspace, db, reporter=reporter)


def finish_emptying(workspace: Workspace, db: Database, *, reporter: Reporter = SILENT) -> Emptied:
    """Delete what an emptying, perhaps an interrupted one, has given up; the caller holds `turn_of_bin`."""
    total = count_doomed(db)
    tried: list[_Tried] = []
    if not total:
        return Emptied(0, 0, [])
    with closing(open_thumbnails(workspace)) as thumbnails:
        while files := doomed_files(db, after=tried[-1].file.image if tried else 0, limit=_BATCH):
            batch = [_delete(workspace.images, file) for file in files]
            _make_sure(workspace, db, batch, thumbnails=thumbnails)
            tried += batch
            reporter.progress(len(tried), total)
            if reporter.stopped() and len(tried) < total:
                raise StoppedError(f"{total - len(tried):,} files are still to be deleted; `bin empty` goes on.")
    gone = [outcome.file for outcome in tried if not outcome.reason]
    left = [Left(outcome.file.path, outcome.reason) for outcome in tried if outcome.reason]
    return Emptied(len(gone), sum(file.bytes for file in gone), left)


def _delete(images: Path, file: Doomed) -> _Tried:
    """Delete the file if it is still the one that was measured."""
    path = images / file.path
    try:
        if not path.parent.resolve().is_relative_to(images.resolve()):
            return _Tried(file, "a link leads out of data/images")
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return _Tried(file, "it is no plain file any more")
        known = (file.bytes, file.mtime_ns, file.inode)
        if (status.st_size, status.st_mtime_ns, status.st_ino) != known and file_digest(path) != file.sha256:
            return _Tried(file, "it holds something else now; scan registers it as a new picture")
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return _Tried(file)
    except OSError as exc:
        return _Tried(file, str(storage_error(exc, path)), again=True)
    return _Tried(file)


def _make_sure(workspace: Workspace, db: Database, batch: Sequence[_Tried], *, thumbnails: Thumbnails) -> None:
    """Bring the deletions to disk, free the thumbnails, and only then forget that there was something to do."""
    gone = [outcome.file for outcome in batch if not outcome.reason]
    for folder in {(workspace.images / file.path).parent for file in gone}:
        with suppress(FileNotFoundError):
            sync_folder(folder)
    digests = unused_digests(db, [file.sha256 for file in gone if file.sha256])
    # Thumbnails are disposable: a store that cannot be written now is no reason to keep the files.
    with suppress(StorageError, BusyError):
        thumbnails.drop_many(digests)
    strike_off(db, [outcome.file.image for outcome in batch if not outcome.again])
