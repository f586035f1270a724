"""Frozen annotations: what a run was trained on, in a file named by its content."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from core.catalog.records import Split
from core.database import Database
from core.dataset.table import HEADER, AnnotationRow, annotation_rows, to_csv
from core.errors import StorageError
from core.files import digest, storage_error, write_atomic
from core.workspace import Workspace

__all__ = ["Snapshot", "SnapshotRow", "read_snapshot", "snapshot_path", "take_snapshot"]

_ID_DIGITS = 12

SnapshotRow = AnnotationRow


@dataclass(frozen=True, slots=True)
class Snapshot:
    id: str
    """The first 12 hexadecimal digits of the sha256 of the file."""
    path: Path
    rows: int


def take_snapshot(workspace: Workspace, database: Database, *, where: str = "") -> Snapshot:
    """The not rejected images that the filter lets through, frozen; equal content gives the same snapshot.

    Raises InputError for a filter that is not understood, StorageError when the disk refuses.
    """
    rows = annotation_rows(database, where)
    content = to_csv(rows)
    name = digest(content)[:_ID_DIGITS]
    path = snapshot_path(workspace, name)
    if not (path.is_file() and path.read_bytes() == content):
        write_atomic(path, content)
    return Snapshot(name, path, len(rows))


def snapshot_path(workspace: Workspace, name: str) -> Path:
    """Where the snapshot of that id lies."""
    return workspace.snapshots / f"{name}.csv"


def read_snapshot(path: Path) -> list[SnapshotRow]:
    """The rows of a snapshot.

    Raises StorageError when it is absent or is no longer what its name says.
    """
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise storage_error(exc, path) from exc
    if digest(content)[:_ID_DIGITS] != path.stem:
        raise StorageError(f"{path} was changed after it was taken; restore it from a copy, or start a new run.")
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    if tuple(next(rows, ())) != HEADER:
        raise StorageError(f"{path} has other columns than {', '.join(HEADER)}; it was made by another version.")
    return [
        SnapshotRow(
            name,
            int(class_id),
            class_name,
            cast("Split", split) if split else None,
            int(cluster) if cluster else None,
        )
        for name, class_id, class_name, split, cluster in rows
    ]
