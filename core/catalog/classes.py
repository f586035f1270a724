"""The classes: names that people read, numbers that stay."""

import sqlite3
import unicodedata

from core.catalog.records import ClassCounts, ClassRow
from core.catalog.store import next_revision
from core.database import Database
from core.errors import InputError, NotFoundError
from core.files import slugify

__all__ = [
    "clean_class_name",
    "count_classes",
    "ensure_class",
    "list_classes",
    "rename_class",
    "restore_class",
]

_LONGEST_NAME = 80


def clean_class_name(name: str) -> str:
    """The name as it is kept: NFC, without space around it.

    Raises InputError when it is empty, too long, or holds control characters.
    """
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned:
        raise InputError("A class needs a name; type at least one character.")
    if len(cleaned) > _LONGEST_NAME:
        raise InputError(
            f"The class name {cleaned[:30]!r}… has {len(cleaned)} characters; use {_LONGEST_NAME} or fewer."
        )
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in cleaned):
        raise InputError(f"The class name {cleaned!r} holds a control character or a line break; leave it out.")
    return cleaned


def ensure_class(database: Database, name: str) -> ClassRow:
    """The class of that name, made at the end of the list when it is new."""
    cleaned = clean_class_name(name)
    with database.write() as connection:
        row = connection.execute("SELECT class_id, name, slug FROM class WHERE name = ?", (cleaned,)).fetchone()
        if row is not None:
            return ClassRow(*row)
        class_id = int(connection.execute("SELECT COALESCE(MAX(class_id) + 1, 0) FROM class").fetchone()[0])
        slug = _free_slug(connection, cleaned, class_id)
        connection.execute("INSERT INTO class (class_id, name, slug) VALUES (?, ?, ?)", (class_id, cleaned, slug))
        next_revision(connection)
        return ClassRow(class_id, cleaned, slug)


def restore_class(database: Database, class_id: int, name: str, *, folder: str) -> None:
    """Make a class whose number is known; `folder` stays its folder where that is one we make and no other class has.

    Nothing happens where number or name are in use. Raises InputError for a name that cannot be.
    """
    cleaned = clean_class_name(name)
    with database.write() as connection:
        rows = connection.execute("SELECT class_id, name, slug FROM class").fetchall()
        if any(row["class_id"] == class_id or row["name"] == cleaned for row in rows):
            return
        ours = slugify(folder) == folder and folder not in {row["slug"] for row in rows}
        slug = folder if ours else _free_slug(connection, cleaned, class_id)
        connection.execute("INSERT INTO class (class_id, name, slug) VALUES (?, ?, ?)", (class_id, cleaned, slug))
        next_revision(connection)


def list_classes(database: Database) -> list[ClassRow]:
    """All classes by number."""
    with database.read() as connection:
        rows = connection.execute("SELECT class_id, name, slug FROM class ORDER BY class_id").fetchall()
    return [ClassRow(*row) for row in rows]


def rename_class(database: Database, class_id: int, name: str) -> ClassRow:
    """Give a class another name; its number and its folder stay.

    Raises InputError when the name is taken or cannot be, NotFoundError when there is no such class.
    """
    cleaned = clean_class_name(name)
    with database.write() as connection:
        taken = connection.execute("SELECT class_id FROM class WHERE name = ?", (cleaned,)).fetchone()
        if taken is not None and taken[0] != class_id:
            raise InputError(f"There is a class {cleaned!r} already; choose another name.")
        changed = connection.execute("UPDATE class SET name = ? WHERE class_id = ?", (cleaned, class_id)).rowcount
        if not changed:
            raise NotFoundError(f"There is no class number {class_id}.")
        next_revision(connection)
        slug = connection.execute("SELECT slug FROM class WHERE class_id = ?", (class_id,)).fetchone()[0]
    return ClassRow(class_id, cleaned, slug)


def count_classes(database: Database) -> list[ClassCounts]:
    """Counts by verdict and by part of the split, of the readable images that are present."""
    with database.read() as connection:
        rows = connection.execute(
            """
            SELECT class.class_id, class.name,
                   COALESCE(SUM(verdict = 'keep'), 0), COALESCE(SUM(verdict = 'unreviewed'), 0),
                   COALESCE(SUM(verdict = 'reject'), 0),
                   COALESCE(SUM(split = 'train' AND verdict != 'reject'), 0),
                   COALESCE(SUM(split = 'val' AND verdict != 'reject'), 0),
                   COALESCE(SUM(split = 'test' AND verdict != 'reject'), 0)
            FROM class LEFT JOIN image ON image.class_id = class.class_id AND error IS NULL AND missing = 0
            GROUP BY class.class_id ORDER BY class.class_id
            """
        ).fetchall()
    return [ClassCounts(*row) for row in rows]


def _free_slug(connection: sqlite3.Connection, name: str, class_id: int) -> str:
    """The folder of a new class: its ASCII form, else `class<id>`, never one in use."""
    wished = [slugify(name), f"class{class_id}"]
    taken = {row[0] for row in connection.execute("SELECT slug FROM class")}
    numbered = (f"class{class_id}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (*wished, *numbered) if slug and slug not in taken)
