"""Decisions on images: taken in batches, kept for ever, undone and redone across restarts.

A batch is one commit. Undo takes the newest batch of one person back where nobody decided otherwise since; a new batch
of that person ends the possibility to redo.
"""

import sqlite3
from collections.abc import Sequence

from core.catalog.batches import (
    ImageLook,
    Stepped,
    VerdictOrClass,
    bring_back_classes,
    image_looks,
    new_batch,
    step_back_or_forth,
    step_class,
    store_image_changes,
)
from core.catalog.records import (
    Acknowledged,
    BatchRow,
    ClientOperation,
    Decided,
    ImageChange,
    Operation,
)
from core.catalog.store import next_revision
from core.database import Database
from core.errors import InputError, NotFoundError, RefusedError, SpecimenError

__all__ = [
    "apply_client",
    "changes_since",
    "decide",
    "different_pairs",
    "history",
    "mark_different",
    "redo",
    "undo",
]

_VERDICTS = {"keep": "keep", "reject": "reject", "unreview": "unreviewed"}
_NOTHING = Decided(batch=0, changed=0)


def decide(database: Database, operations: Sequence[Operation], *, who: str, label: str = "") -> Decided:
    """Take decisions, all in one batch: on disk when this returns.

    Raises NotFoundError for an image or a class that there is not; nothing is decided then.
    """
    with database.write() as connection:
        changes = _plan(connection, operations)
        if not changes:
            return _NOTHING
        batch = new_batch(connection, who=who, label=label)
        store_image_changes(connection, batch, changes)
    return Decided(batch, len({change.image for change in changes}))


def undo(database: Database, *, who: str) -> Decided:
    """Take the newest batch of `who` back; what somebody decided otherwise since stays as it is."""
    return _walk(database, who=who, forward=False)


def redo(database: Database, *, who: str) -> Decided:
    """Take the batch that `who` undid last again."""
    return _walk(database, who=who, forward=True)


def apply_client(database: Database, *, client: str, who: str, operations: Sequence[ClientOperation]) -> Acknowledged:
    """What one browser tab sends: each (client, seq) counts once, in order; on disk when this returns.

    An operation that cannot be done is refused with a sentence and counts as acknowledged.
    """
    refused: list[tuple[int, str]] = []
    ordered = sorted(operations, key=lambda operation: operation.seq)
    with database.write() as connection:
        for operation in ordered:
            known = connection.execute(
                "SELECT refused FROM operation WHERE client = ? AND seq = ?", (client, operation.seq)
            ).fetchone()
            reason = known[0] if known else _apply_one(database, connection, operation, client=client, who=who)
            if reason:
                refused.append((operation.seq, reason))
        highest = connection.execute("SELECT MAX(seq) FROM operation WHERE client = ?", (client,)).fetchone()[0]
    return Acknowledged(int(highest or 0), tuple(refused))


def mark_different(database: Database, pairs: Sequence[tuple[int, int]], *, who: str) -> Decided:
    """Remember that these pairs are no duplicates of each other, whatever the hashes say."""
    ordered = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    with database.write() as connection:
        known = {(row[0], row[1]) for row in connection.execute("SELECT first, second FROM different")}
        fresh = [pair for pair in ordered if pair not in known]
        if not fresh:
            return _NOTHING
        batch = new_batch(connection, who=who, label="not duplicates")
        connection.executemany("INSERT INTO different VALUES (?, ?)", fresh)
        connection.executemany(
            "INSERT INTO decision (batch, image, field, before, after) VALUES (?, ?, 'different', NULL, ?)",
            [(batch, first, str(second)) for first, second in fresh],
        )
        next_revision(connection)
    return Decided(batch, len(fresh))


def different_pairs(database: Database) -> set[tuple[int, int]]:
    """The pairs that a person called different, the smaller id first."""
    with database.read() as connection:
        return {(row[0], row[1]) for row in connection.execute("SELECT first, second FROM different")}


def history(database: Database, limit: int = 50) -> list[BatchRow]:
    """The newest batches first."""
    with database.read() as connection:
        rows = connection.execute(
            "SELECT batch, who, label, at, state, (SELECT COUNT(*) FROM decision WHERE decision.batch = batch.batch) "
            "FROM batch ORDER BY batch DESC LIMIT ?",
            (limit,),
        ).fetchall()
    return [BatchRow(*row) for row in rows]


def changes_since(database: Database, since: int, limit: int = 1000) -> list[ImageChange]:
    """Images that changed after the revision `since`, oldest change first."""
    with database.read() as connection:
        rows = connection.execute(
            "SELECT image.id, verdict, class_id, class.name, changed FROM image JOIN class USING (class_id) "
            "WHERE changed > ? ORDER BY changed, image.id LIMIT ?",
            (since, limit),
        ).fetchall()
    return [ImageChange(*row) for row in rows]


def _plan(connection: sqlite3.Connection, operations: Sequence[Operation]) -> list[VerdictOrClass]:
    looks = image_looks(connection, [operation.image for operation in operations])
    classes = {row[0] for row in connection.execute("SELECT class_id FROM class WHERE retired = 0")}
    changes: list[VerdictOrClass] = []
    for operation in operations:
        look = looks.get(operation.image)
        if look is None:
            raise NotFoundError(f"There is no image number {operation.image}.")
        if look.emptied:
            raise RefusedError(
                f"{look.path} was deleted when the bin was emptied; put the file into data/images and scan to have it "
                "back."
            )
        change = (
            _class_change(operation, look, classes) if operation.action == "class" else _verdict_change(operation, look)
        )
        if change is not None:
            changes.append(change)
    return changes


def _verdict_change(operation: Operation, look: ImageLook) -> VerdictOrClass | None:
    after = _VERDICTS[operation.action]
    reason = operation.reason if after == "reject" else None
    if look.verdict == after:
        return None
    change = VerdictOrClass(operation.image, "verdict", look.verdict, after, look.reason, reason)
    look.verdict, look.reason = after, reason
    return change


def _class_change(operation: Operation, look: ImageLook, classes: set[int]) -> VerdictOrClass | None:
    if operation.class_id is None:
        raise InputError("Moving an image to a class needs the class's number (class_id).")
    if operation.class_id not in classes:
        raise NotFoundError(f"There is no class number {operation.class_id}.")
    if look.class_id == operation.class_id:
        return None
    before, look.class_id = look.class_id, operation.class_id
    return VerdictOrClass(operation.image, "class", str(before), str(operation.class_id), look.reason, look.reason)


def _walk(database: Database, *, who: str, forward: bool) -> Decided:
    newest = "SELECT MIN(batch) FROM batch WHERE who = ? AND state = 'undone'"
    last = "SELECT MAX(batch) FROM batch WHERE who = ? AND state = 'done'"
    with database.write() as connection:
        batch = connection.execute(newest if forward else last, (who,)).fetchone()[0]
        if batch is None:
            return _NOTHING
        stamp = next_revision(connection)
        classes = _walk_classes(connection, batch, stamp, forward=forward)
        changed, deleted = _walk_images(connection, batch, stamp, forward=forward)
        bring_back_classes(connection, stamp)
        connection.execute("UPDATE batch SET state = ? WHERE batch = ?", ("done" if forward else "undone", batch))
    return Decided(int(batch), len(changed), classes=classes, deleted=len(deleted))


def _walk_classes(connection: sqlite3.Connection, batch: int, stamp: int, *, forward: bool) -> int:
    rows = connection.execute(
        "SELECT class_id, field, before, after FROM class_change "
        f"WHERE batch = ? ORDER BY id {'' if forward else 'DESC'}",
        (batch,),
    ).fetchall()
    return len({row["class_id"] for row in rows if step_class(connection, row, stamp, forward=forward)})


def _walk_images(connection: sqlite3.Connection, batch: int, stamp: int, *, forward: bool) -> tuple[set[int], set[int]]:
    """The images that changed, and those that could not since their files are deleted."""
    rows = connection.execute(
        "SELECT image, field, before, after, reason_before, reason_after FROM decision "
        f"WHERE batch = ? ORDER BY id {'' if forward else 'DESC'}",
        (batch,),
    ).fetchall()
    looks = image_looks(connection, [row["image"] for row in rows])
    found: dict[Stepped, set[int]] = {"changed": set(), "otherwise": set(), "deleted": set()}
    for row in rows:
        image = int(row["image"])
        if row["field"] == "different":
            stepped: Stepped = "changed" if _step_different(connection, row, forward=forward) else "otherwise"
        else:
            stepped = step_back_or_forth(connection, row, looks[image], stamp, forward=forward)
        found[stepped].add(image)
    return found["changed"], found["deleted"]


def _step_different(connection: sqlite3.Connection, row: sqlite3.Row, *, forward: bool) -> bool:
    statement = (
        "INSERT OR IGNORE INTO different VALUES (?, ?)"
        if forward
        else "DELETE FROM different WHERE first = ? AND second = ?"
    )
    return connection.execute(statement, (int(row["image"]), int(row["after"]))).rowcount > 0


def _apply_one(
    database: Database, connection: sqlite3.Connection, operation: ClientOperation, *, client: str, who: str
) -> str | None:
    try:
        with database.write():
            reason = _run_client(database, connection, operation, client=client, who=who)
    except SpecimenError as exc:
        reason = str(exc)
    connection.execute("INSERT INTO operation VALUES (?, ?, ?)", (client, operation.seq, reason))
    return reason


def _run_client(
    database: Database, connection: sqlite3.Connection, operation: ClientOperation, *, client: str, who: str
) -> str | None:
    """What a person should hear of it, when not all was done."""
    if operation.action == "undo" or operation.action == "redo":
        return _walk(database, who=who, forward=operation.action == "redo").refusal or None
    if operation.image is None:
        raise InputError(f"The decision {operation.action!r} needs the image's number.")
    changes = _plan(connection, [Operation(operation.image, operation.action, operation.class_id)])
    if changes:
        store_image_changes(connection, _client_batch(connection, operation, client=client, who=who), changes)
    return None


def _client_batch(connection: sqlite3.Connection, operation: ClientOperation, *, client: str, who: str) -> int:
    """The open batch that this operation belongs to: a tab may send one batch in several requests."""
    if operation.batch is not None:
        newest = connection.execute(
            "SELECT batch, client, client_batch FROM batch "
            "WHERE who = ? AND state = 'done' ORDER BY batch DESC LIMIT 1",
            (who,),
        ).fetchone()
        if newest is not None and (newest["client"], newest["client_batch"]) == (client, operation.batch):
            return int(newest["batch"])
    return new_batch(connection, who=who, label="", client=client, number=operation.batch)
