"""Batches as they lie in the catalogue: what one person changed in one commit, kept so that undo can walk it."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.catalog.among import rows_among
from core.catalog.store import next_revision

__all__ = [
    "ClassChange",
    "ImageLook",
    "Stepped",
    "VerdictOrClass",
    "bring_back_classes",
    "image_looks",
    "new_batch",
    "step_back_or_forth",
    "step_class",
    "store_class_changes",
    "store_image_changes",
]

Stepped = Literal["changed", "otherwise", "deleted"]
"""otherwise: somebody decided so since, and it stays; deleted: the image's file went with the bin."""


@dataclass(slots=True)
class ImageLook:
    """An image as the batch under way sees it."""

    verdict: str
    class_id: int
    reason: str | None
    path: str
    emptied: bool
    """Its file was deleted with the bin."""


@dataclass(frozen=True, slots=True)
class VerdictOrClass:
    """One field of one image, before and after."""

    image: int
    field: Literal["verdict", "class"]
    before: str
    after: str
    reason_before: str | None
    reason_after: str | None


@dataclass(frozen=True, slots=True)
class ClassChange:
    """One field of one class, before and after; `retired` is "0" or "1", `place` a number."""

    class_id: int
    field: Literal["name", "place", "retired"]
    before: str
    after: str


def image_looks(connection: sqlite3.Connection, images: Sequence[int]) -> dict[int, ImageLook]:
    """Those of the images that there are, by number."""
    statement = "SELECT id, verdict, class_id, reason, path, emptied IS NOT NULL FROM image WHERE id IN ({marks})"
    rows = rows_among(connection, statement, images)
    return {row[0]: ImageLook(row[1], row[2], row[3], row[4], bool(row[5])) for row in rows}


def new_batch(
    connection: sqlite3.Connection, *, who: str, label: str, client: str | None = None, number: int | None = None
) -> int:
    """The number of a new batch; what `who` had undone can no longer be redone."""
    connection.execute("UPDATE batch SET state = 'dropped' WHERE who = ? AND state = 'undone'", (who,))
    row = connection.execute(
        "INSERT INTO batch (who, label, at, client, client_batch, state) "
        "VALUES (?, ?, ?, ?, ?, 'done') RETURNING batch",
        (who, label, time.time(), client, number),
    ).fetchone()
    return int(row[0])


def store_image_changes(connection: sqlite3.Connection, batch: int, changes: Sequence[VerdictOrClass]) -> None:
    """Keep the changes in the batch and carry them out; a deleted class comes back with the first image it regains."""
    connection.executemany(
        "INSERT INTO decision (batch, image, field, before, after, reason_before, reason_after) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (batch, change.image, change.field, change.before, change.after, change.reason_before, change.reason_after)
            for change in changes
        ],
    )
    stamp = next_revision(connection)
    for change in changes:
        _write(connection, change.image, change.field, change.after, change.reason_after, stamp)
    store_class_changes(
        connection, batch, [ClassChange(number, "retired", "1", "0") for number in _regained(connection)]
    )


def store_class_changes(connection: sqlite3.Connection, batch: int, changes: Sequence[ClassChange]) -> None:
    """The same for changes of classes; images of a renamed class count as changed."""
    if not changes:
        return
    connection.executemany(
        "INSERT INTO class_change (batch, class_id, field, before, after) VALUES (?, ?, ?, ?, ?)",
        [(batch, change.class_id, change.field, change.before, change.after) for change in changes],
    )
    stamp = next_revision(connection)
    for change in changes:
        _write_class(connection, change.class_id, change.field, change.after, stamp)


def step_back_or_forth(
    connection: sqlite3.Connection, row: sqlite3.Row, look: ImageLook, stamp: int, *, forward: bool
) -> Stepped:
    """Turn one decision on an image back or take it again, unless the image no longer looks as that decision left it.

    A picture whose file is gone stays rejected.
    """
    field = str(row["field"])
    expected, wanted = (row["before"], row["after"]) if forward else (row["after"], row["before"])
    present = look.verdict if field == "verdict" else str(look.class_id)
    if present != expected:
        return "otherwise"
    if field == "verdict" and look.emptied:
        return "deleted"
    if field == "verdict":
        look.verdict = wanted
    else:
        look.class_id = int(wanted)
    reason = row["reason_after"] if forward else row["reason_before"]
    _write(connection, int(row["image"]), field, wanted, reason, stamp)
    return "changed"


def step_class(connection: sqlite3.Connection, row: sqlite3.Row, stamp: int, *, forward: bool) -> bool:
    """The same for a change of a class; False where the class was changed since, or its old name is in use."""
    field, class_id = str(row["field"]), int(row["class_id"])
    expected, wanted = (row["before"], row["after"]) if forward else (row["after"], row["before"])
    present = connection.execute(f"SELECT {field} FROM class WHERE class_id = ?", (class_id,)).fetchone()
    if str(present[0]) != expected:
        return False
    taken = "SELECT 1 FROM class WHERE name = ?"
    if field == "name" and connection.execute(taken, (wanted,)).fetchone() is not None:
        return False
    _write_class(connection, class_id, field, wanted, stamp)
    return True


def bring_back_classes(connection: sqlite3.Connection, stamp: int) -> None:
    """No image that is not rejected stays in a class that is deleted."""
    for number in _regained(connection):
        _write_class(connection, number, "retired", "0", stamp)


def _regained(connection: sqlite3.Connection) -> list[int]:
    rows = connection.execute(
        "SELECT class_id FROM class WHERE retired = 1 "
        "AND EXISTS (SELECT 1 FROM image WHERE image.class_id = class.class_id AND verdict != 'reject')"
    )
    return [int(row[0]) for row in rows]


def _write(connection: sqlite3.Connection, image: int, field: str, value: str, reason: str | None, stamp: int) -> None:
    if field == "verdict":
        connection.execute(
            "UPDATE image SET verdict = ?, reason = ?, changed = ? WHERE id = ?", (value, reason, stamp, image)
        )
    else:
        connection.execute("UPDATE image SET class_id = ?, changed = ? WHERE id = ?", (int(value), stamp, image))


def _write_class(connection: sqlite3.Connection, class_id: int, field: str, value: str, stamp: int) -> None:
    cell = value if field == "name" else int(value)
    connection.execute(f"UPDATE class SET {field} = ? WHERE class_id = ?", (cell, class_id))
    if field == "name":
        connection.execute("UPDATE image SET changed = ? WHERE class_id = ?", (stamp, class_id))
