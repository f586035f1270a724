"""data/annotations.csv: written by one function, from the catalogue, under a lock; a hand edit is never overwritten.

The catalogue keeps the sha256 of what was written, the revision it shows and, while a write is under way, the sha256
of what comes: whatever else the file holds was put there by hand.
"""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
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
    "annotations_lock",
    "annotations_state",
    "base_path",
    "last_written",
    "needs_writing",
    "write_annotations",
    "write_locked",
]

_KEY = "annotations"


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
        if _is_hand_edited(workspace, database):
            raise RefusedError(
                f"{workspace.annotations} was edited by hand, so it is not overwritten; take its differences into the "
                "catalogue or leave them, on the Dataset page."
            )
        return write_locked(workspace, database)


def annotations_state(workspace: Workspace, database: Database) -> AnnotationsState:
    """How the file stands to the catalogue; reads the file once."""
    record = last_written(database)
    present = workspace.annotations.is_file()
    behind = record.revision != revision(database) or (record.sha256 is not None and not present)
    edited = _is_hand_edited(workspace, database)
    torn = present and not edited and record.pending is not None
    return AnnotationsState(record.rows, record.at, behind or torn, edited)


def needs_writing(workspace: Workspace, database: Database) -> bool:
    """Whether `write_annotations` has something to do and may do it."""
    state = annotations_state(workspace, database)
    return state.stale and not state.hand_edited


@contextlib.contextmanager
def annotations_lock(workspace: Workspace) -> Iterator[None]:
    """Hold the right to write the file; not to be taken twice, nor inside a transaction of the catalogue."""
    with file_lock(workspace.data / "annotations.csv.lock"):
        yield


def write_locked(workspace: Workspace, database: Database) -> Written:
    """Replace the file, whatever it holds; the caller holds `annotations_lock`."""
    now = revision(database)
    rows = annotation_rows(database)
    content = to_csv(rows)
    name, before = digest(content), last_written(database)
    _remember(database, WriteRecord(before.sha256, name, before.revision, before.rows, before.at))
    write_atomic(workspace.annotations, content)
    _keep_base(workspace, content)
    _remember(database, WriteRecord(name, None, now, len(rows), time.time()))
    return Written(workspace.annotations, len(rows))


def last_written(database: Database) -> WriteRecord:
    """What the catalogue remembers of the last write."""
    text = get_meta(database, _KEY)
    return WriteRecord(**json.loads(text)) if text else WriteRecord()


def base_path(workspace: Workspace) -> Path:
    """A copy of what was written last, which tells a line deleted by hand from an image that came later."""
    return workspace.cache / "annotations.csv"


def _is_hand_edited(workspace: Workspace, database: Database) -> bool:
    while True:
        record = last_written(database)
        try:
            found = file_digest(workspace.annotations)
        except FileNotFoundError:
            return False
        except OSError as exc:
            raise storage_error(exc, workspace.annotations) from exc
        if found in (record.sha256, record.pending):
            return False
        # A write that ended between the two looks gives a file that the first record does not know.
        if last_written(database) == record:
            break
    # A rebuilt catalogue has no record; it takes over a file that agrees with it.
    return record.sha256 is not None or found != digest(to_csv(annotation_rows(database)))


def _remember(database: Database, record: WriteRecord) -> None:
    set_meta(database, _KEY, json.dumps(asdict(record)))


def _keep_base(workspace: Workspace, content: bytes) -> None:
    # Not synced: it is checked by its sha256 when it is used, and done without when it does not match.
    with contextlib.suppress(OSError):
        base_path(workspace).parent.mkdir(parents=True, exist_ok=True)
        base_path(workspace).write_bytes(content)
