"""The classes: names that people read, numbers that stay; how they are changed is in `core.catalog.class_changes`."""

import sqlite3

from core.catalog.class_names import clean_class_name
from core.catalog.records import ClassCounts, ClassRow
from core.catalog.store import next_revision
from core.database import Database
from core.errors import NotFoundError
from core.files import slugify

__all__ = ["count_classes", "ensure_class", "find_class", "list_classes", "restore_class"]

_END = "(SELECT COALESCE(MAX(place) + 1, 0) FROM class)"


def ensure_class(database: Database, name: str) -> ClassRow:
    """The class of that name, made at the end of the list when it is new; a deleted one comes back with its number."""
    cleaned = clean_class_name(name)
    with database.write() as connection:
        row = connection.execute(
            "SELECT class_id, name, slug, retired FROM class WHERE name = ?", (cleaned,)
        ).fetchone()
        if row is not None:
            if row["retired"]:
                connection.execute(
                    f"UPDATE class SET retired = 0, place = {_END} WHERE class_id = ?", (row["class_id"],)
                )
                next_revision(connection)
            return ClassRow(row["class_id"], row["name"], row["slug"])
        class_id = int(connection.execute("SELECT COALESCE(MAX(class_id) + 1, 0) FROM class").fetchone()[0])
        slug = _free_slug(connection, cleaned, class_id)
        _insert(connection, ClassRow(class_id, cleaned, slug))
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
        _insert(connection, ClassRow(class_id, cleaned, slug))


def list_classes(database: Database) -> list[ClassRow]:
    """All classes in their order, which is that of their numbers unless a person chose another."""
    with database.read() as connection:
        rows = connection.execute(
            "SELECT class_id, name, slug FROM class WHERE retired = 0 ORDER BY place, class_id"
        ).fetchall()
    return [ClassRow(*row) for row in rows]


def find_class(database: Database, name: str) -> ClassRow:
    """The class of that name, however its accents are written.

    Raises NotFoundError when there is none, InputError for a name that cannot be.
    """
    cleaned = clean_class_name(name)
    found = next((row for row in list_classes(database) if row.name == cleaned), None)
    if found is None:
        raise NotFoundError(f"There is no class {cleaned!r}; `classes` lists them.")
    return found


def count_classes(database: Database) -> list[ClassCounts]:
    """Counts by verdict and by part of the split, of the readable images that are present; in the classes' order."""
    with database.read() as connection:
        rows = connection.execute(
            """
            WITH counted AS (
                SELECT class_id, verdict, split, COUNT(*) AS images FROM image
                WHERE error IS NULL AND missing = 0 GROUP BY class_id, verdict, split
            )
            SELECT class.class_id, class.name,
                   COALESCE(SUM(images) FILTER (WHERE verdict = 'keep'), 0),
                   COALESCE(SUM(images) FILTER (WHERE verdict = 'unreviewed'), 0),
                   COALESCE(SUM(images) FILTER (WHERE verdict = 'reject'), 0),
                   COALESCE(SUM(images) FILTER (WHERE verdict != 'reject' AND split = 'train'), 0),
                   COALESCE(SUM(images) FILTER (WHERE verdict != 'reject' AND split = 'val'), 0),
                   COALESCE(SUM(images) FILTER (WHERE verdict != 'reject' AND split = 'test'), 0)
            FROM class LEFT JOIN counted USING (class_id)
            WHERE retired = 0 GROUP BY class.class_id ORDER BY class.place, class.class_id
            """
        ).fetchall()
    return [ClassCounts(*row) for row in rows]


def _insert(connection: sqlite3.Connection, row: ClassRow) -> None:
    connection.execute(
        f"INSERT INTO class (class_id, name, slug, place) VALUES (?, ?, ?, {_END})", (row.class_id, row.name, row.slug)
    )
    next_revision(connection)


def _free_slug(connection: sqlite3.Connection, name: str, class_id: int) -> str:
    """The folder of a new class: its ASCII form, else `class<id>`, never one in use."""
    wished = [slugify(name), f"class{class_id}"]
    taken = {row[0] for row in connection.execute("SELECT slug FROM class")}
    numbered = (f"class{class_id}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (*wished, *numbered) if slug and slug not in taken)
