"""data/annotations.csv: written by one function, from the catalogue, under a lock; a hand edit is never overwritten.

The catalogue keeps the sha256 of what was written, the revision it shows and, while a write is under way, the sha256
of what comes: whatever else the file holds was put there by hand.
"""

import contextlib
import csv
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from core.catalog.store import get_meta, revision, set_meta
from core.database import Database, file_lock
from core.dataset.table import annotation_rows, to_csv
from core.errors import RefusedError
from core.files import digest, file_digest, storage_error, write_atomic
from core.workspace import Workspace

__all__ = [
    "AnnotationsState",
    "WriteRecord",
    "Written",
    "accept_file",
    "annotations_lock",
    "annotations_state",
    "base_path",
    "first_rows",
    "last_written",
    "needs_writing",
    "write_annotations",
]

_KEY = "annotations"
_BEHIND = -1
"""The revision of a file that shows no state of the catalogue."""


@dataclass(frozen=True, slots=True)
class Written:
    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class AnnotationsState:
    rows: int
    """In the file as it was written last; 0 when it never was."""
    written_at: float | None
    """Unix seconds."""
    stale: bool
    """The catalogue has moved on, or the file is gone."""
    hand_edited: bool
    """The file holds something that was not written here; writing pauses."""
    sha256: str | None
    """Of the file as it is; None when there is none."""


@dataclass(frozen=True, slots=True)
class WriteRecord:
    """What the catalogue remembers of the last write."""

    sha256: str | None = None
    pending: str | None = None
    revision: int = 0
    rows: int = 0
    at: float | None = None


def write_annotations(workspace: Workspace, database: Database) -> Written:
    """Bring the file up to the catalogue; on disk when this returns.

    Raises RefusedError when it was edited by hand (`take_edit` and `leave_edit` end that), StorageError when the disk
    refuses (the file is then what it was), BusyError when another process writes it for too long.
    """
    with annotations_lock(workspace):
        if annotations_state(workspace, database).hand_edited:
            raise RefusedError(
                f"{workspace.annotations} was edited by hand, so it is not overwritten; take its differences into the "
                "catalogue or leave them, on the Dataset page."
            )
        now = revision(database)
        rows = annotation_rows(database)
        content = to_csv(rows)
        name, before = digest(content), last_written(database)
        _remember(database, WriteRecord(before.sha256, name, before.revision, before.rows, before.at))
        write_atomic(workspace.annotations, content)
        _keep_base(workspace, content)
        _remember(database, WriteRecord(name, None, now, len(rows), time.time()))
        return Written(workspace.annotations, len(rows))


def annotations_state(workspace: Workspace, database: Database) -> AnnotationsState:
    """How the file stands to the catalogue; reads the file once."""
    found, record = _look(workspace, database)
    edited = found is not None and _is_foreign(found, record, database)
    behind = record.revision != revision(database) or (record.sha256 is not None and found is None)
    torn = found is not None and not edited and record.pending is not None
    return AnnotationsState(record.rows, record.at, behind or torn, edited, found)


def needs_writing(workspace: Workspace, database: Database) -> bool:
    """Whether `write_annotations` has something to do and may do it."""
    state = annotations_state(workspace, database)
    return state.stale and not state.hand_edited


@contextlib.contextmanager
def annotations_lock(workspace: Workspace) -> Iterator[None]:
    """Hold the right to write the file; not to be taken twice, nor inside a transaction of the catalogue."""
    with file_lock(workspace.data / "annotations.csv.lock"):
        yield


def first_rows(workspace: Workspace, count: int) -> list[list[str]]:
    """Up to `count` rows of the file as it was written, cells as text; none where there is no file."""
    try:
        with workspace.annotations.open(encoding="utf-8", newline="") as handle:
            return list(islice(csv.reader(handle), 1, count + 1))
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise storage_error(exc, workspace.annotations) from exc


def accept_file(database: Database, sha256: str) -> None:
    """Count a file of this digest as written here, and as behind: the next write replaces it, and no other."""
    before = last_written(database)
    _remember(database, WriteRecord(sha256, None, _BEHIND, before.rows, before.at))


def last_written(database: Database) -> WriteRecord:
    """What the catalogue remembers of the last write."""
    text = get_meta(database, _KEY)
    return WriteRecord(**json.loads(text)) if text else WriteRecord()


def base_path(workspace: Workspace) -> Path:
    """A copy of what was written last, which tells a line deleted by hand from an image that came later."""
    return workspace.cache / "annotations.csv"


def _look(workspace: Workspace, database: Database) -> tuple[str | None, WriteRecord]:
    """The file's sha256, None when there is no file, and the record that belongs to it."""
    while True:
        record = last_written(database)
        try:
            found = file_digest(workspace.annotations)
        except FileNotFoundError:
            found = None
        except OSError as exc:
            raise storage_error(exc, workspace.annotations) from exc
        # A write that ended between the two looks gives a file that the first record does not know.
        if last_written(database) == record:
            return found, record


def _is_foreign(found: str, record: WriteRecord, database: Database) -> bool:
    """Whether the file that has this sha256 was put there by hand."""
    if found in (record.sha256, record.pending):
        return False
    # A rebuilt catalogue has no record; it takes over a file that agrees with it.
    return record.sha256 is not None or found != digest(to_csv(annotation_rows(database)))


def _remember(database: Database, record: WriteRecord) -> None:
    set_meta(database, _KEY, json.dumps(asdict(record)))


def _keep_base(workspace: Workspace, content: bytes) -> None:
    # Not synced: it is checked by its sha256 when it is used, and done without when it does not match.
    with contextlib.suppress(OSError):
        base_path(workspace).parent.mkdir(parents=True, exist_ok=True)
        base_path(workspace).write_bytes(content)
