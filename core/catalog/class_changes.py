"""Classes renamed, merged, deleted and put in order: each one batch, which undo takes back.

A class that is merged or deleted keeps its row, so that its number is never given again and the images in the bin
still know what they were; adding a class of its name brings it back.
"""

import sqlite3
from collections.abc import Sequence

from core.catalog.batches import (
    ClassChange,
    VerdictOrClass,
    new_batch,
    store_class_changes,
    store_image_changes,
)
from core.catalog.class_names import clean_class_name
from core.catalog.records import ClassRow, Decided
from core.database import Database
from core.errors import InputError, NotFoundError

__all__ = ["delete_class", "merge_classes", "order_classes", "rename_class"]

_NOTHING = Decided(batch=0, changed=0)


def rename_class(database: Database, class_id: int, name: str, *, who: str) -> ClassRow:
    """Give a class another name; its number and its folder stay.

    Raises InputError when the name is taken or cannot be, NotFoundError when there is no such class.
    """
    cleaned = clean_class_name(name)
    with database.write() as connection:
        before = _live(connection, class_id)
        if before.name != cleaned:
            _refuse_taken(connection, cleaned)
            batch = new_batch(connection, who=who, label=f"class {before.name} renamed to {cleaned}")
            store_class_changes(connection, batch, [ClassChange(class_id, "name", before.name, cleaned)])
    return ClassRow(class_id, cleaned, before.slug)


def merge_classes(database: Database, class_ids: Sequence[int], *, into: int, who: str) -> Decided:
    """Move all images of these classes, rejected and unreadable ones too, to the class `into`, and end the classes.

    Raises NotFoundError for a class that there is not, InputError when `into` is among those to end.
    """
    with database.write() as connection:
        target = _live(connection, into)
        ending = [_live(connection, number) for number in dict.fromkeys(class_ids)]
        if into in class_ids:
            raise InputError(f"The class {target.name!r} cannot be merged into itself; choose another one.")
        if not ending:
            return _NOTHING
        changes = [
            VerdictOrClass(row["id"], "class", str(old.class_id), str(into), row["reason"], row["reason"])
            for old in ending
            for row in connection.execute("SELECT id, reason FROM image WHERE class_id = ?", (old.class_id,))
        ]
        batch = new_batch(connection, who=who, label=f"{_names(ending)} merged into {target.name}")
        store_image_changes(connection, batch, changes)
        store_class_changes(connection, batch, [ClassChange(old.class_id, "retired", "0", "1") for old in ending])
    return Decided(batch, len(changes), classes=len(ending))


def delete_class(database: Database, class_id: int, *, who: str) -> Decided:
    """End a class; its images are rejected, and so go to the bin.

    Raises NotFoundError when there is no such class.
    """
    with database.write() as connection:
        old = _live(connection, class_id)
        rows = connection.execute(
            "SELECT id, verdict, reason FROM image WHERE class_id = ? AND verdict != 'reject'", (class_id,)
        ).fetchall()
        reason = f"class {old.name} deleted"
        changes = [
            VerdictOrClass(row["id"], "verdict", row["verdict"], "reject", row["reason"], reason) for row in rows
        ]
        batch = new_batch(connection, who=who, label=f"class {old.name} deleted")
        store_image_changes(connection, batch, changes)
        store_class_changes(connection, batch, [ClassChange(class_id, "retired", "0", "1")])
    return Decided(batch, len(changes), classes=1)


def order_classes(database: Database, class_ids: Sequence[int], *, who: str) -> Decided:
    """Show these classes first, in this order, and the others behind them as they stand; no number changes.

    Raises NotFoundError for a class that there is not.
    """
    with database.write() as connection:
        first = [_live(connection, number).class_id for number in dict.fromkeys(class_ids)]
        places = {
            int(row[0]): int(row[1])
            for row in connection.execute(
                "SELECT class_id, place FROM class WHERE retired = 0 ORDER BY place, class_id"
            )
        }
        wished = [*first, *(number for number in places if number not in first)]
        changes = [
            ClassChange(number, "place", str(places[number]), str(place))
            for place, number in enumerate(wished)
            if places[number] != place
        ]
        if wished == list(places) or not changes:
            return _NOTHING
        batch = new_batch(connection, who=who, label="classes put in order")
        store_class_changes(connection, batch, changes)
    return Decided(batch, 0, classes=len(changes))


def _live(connection: sqlite3.Connection, class_id: int) -> ClassRow:
    row = connection.execute(
        "SELECT class_id, name, slug FROM class WHERE class_id = ? AND retired = 0", (class_id,)
    ).fetchone()
    if row is None:
        raise NotFoundError(f"There is no class number {class_id}.")
    return ClassRow(*row)


def _refuse_taken(connection: sqlite3.Connection, name: str) -> None:
    taken = connection.execute("SELECT retired FROM class WHERE name = ?", (name,)).fetchone()
    if taken is None:
        return
    if taken["retired"]:
        raise InputError(f"{name!r} is the name of a deleted class; choose another, or add it again and merge into it.")
    raise InputError(f"There is a class {name!r} already; choose another name, or merge the two.")


def _names(rows: Sequence[ClassRow]) -> str:
    shown = ", ".join(row.name for row in rows[:3])
    return f"{shown} and {len(rows) - 3} more" if len(rows) > 3 else shown
