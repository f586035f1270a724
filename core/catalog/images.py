"""The images: adding, measuring, finding, counting."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from core.catalog.among import rows_among
from core.catalog.batches import bring_back_classes
from core.catalog.bin import save_from_deletion
from core.catalog.columns import COLUMNS
from core.catalog.hashes import mode_in
from core.catalog.looks import write_looks
from core.catalog.records import FileStamp, ImageRow, Measured, NewImage, Split, Verdict
from core.catalog.selection import selecting
from core.catalog.sources import write_told_origins
from core.catalog.store import next_revision
from core.database import Database
from core.errors import InputError, NotFoundError
from core.workspace import HashMode

__all__ = [
    "Unseen",
    "add_images",
    "count_unseen",
    "get_by_path",
    "get_image",
    "get_many",
    "get_many_by_path",
    "image_table",
    "known_digests",
    "known_files",
    "list_ids",
    "list_images",
    "mark_missing",
    "move_path",
    "record_measured",
    "reserve_paths",
    "set_splits",
]

Cell = str | int | float | None

_ELSEWHERE = ("pixel_digest", "cells", "detail", "inner", "hash_mode", "author", "licence", "licence_url")
_MEASURED = tuple(field.name for field in fields(Measured) if field.name not in _ELSEWHERE)
_IDENTITY = ("sha256", "bytes", "mtime_ns", "inode")
_ROW = ", ".join("class.name" if field.name == "class_name" else f"image.{field.name}" for field in fields(ImageRow))
_FROM = "FROM image JOIN class USING (class_id)"
_LARGEST_SIGNED = (1 << 63) - 1


def reserve_paths(database: Database, class_id: int, extensions: Sequence[str]) -> list[str]:
    """One path that no picture ever had for each extension (without its dot), such as `abra/abra001.jpg`.

    They are numbered upwards in the class's folder.

    Raises NotFoundError when there is no such class.
    """
    with database.write() as connection:
        row = connection.execute("SELECT slug, next_number FROM class WHERE class_id = ?", (class_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"There is no class number {class_id}.")
        slug, number = str(row[0]), int(row[1])
        taken = _stems_in(connection, slug)
        paths: list[str] = []
        while len(paths) < len(extensions):
            stem = f"{slug}/{slug}{number:03d}"
            if stem not in taken:
                paths.append(f"{stem}.{extensions[len(paths)]}")
            number += 1
        connection.execute("UPDATE class SET next_number = ? WHERE class_id = ?", (number, class_id))
    return paths


def add_images(database: Database, rows: Sequence[NewImage]) -> list[int]:
    """Put new images into the catalogue, unreviewed; their ids, in the order given.

    A class that was ended while somebody gathered pictures for it comes back.
    """
    columns = ("path", "original", "class_id", "error", "added", "changed", *_MEASURED)
    statement = f"INSERT INTO image ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) RETURNING id"
    with database.write() as connection:
        mode = mode_in(connection)
        revision = next_revision(connection)
        stamp = (time.time(), revision)
        ids = [
            int(
                connection.execute(
                    statement,
                    (row.path, row.original, row.class_id, row.error, *stamp, *_cells(row.measured, row.error, mode)),
                ).fetchone()[0]
            )
            for row in rows
        ]
        looks = [None if row.error else row.measured for row in rows]
        write_looks(connection, list(zip(ids, looks, strict=True)), revision=revision)
        told = [(image, row.path, look) for image, row, look in zip(ids, rows, looks, strict=True)]
        write_told_origins(connection, told)
        bring_back_classes(connection, revision)
    return ids


def record_measured(database: Database, rows: Sequence[tuple[str, Measured | None, str | None]]) -> None:
    """Replace what is known of files that are in the catalogue: (path, measured, error); they count as present."""
    assignments = ", ".join(f"{name} = ?" for name in _MEASURED)
    with database.write() as connection:
        mode = mode_in(connection)
        stamp = next_revision(connection)
        save_from_deletion(connection, [path for path, _, _ in rows])
        connection.executemany(
            f"UPDATE image SET {assignments}, error = ?, changed = ?, missing = 0, emptied = NULL WHERE path = ?",
            [(*_cells(measured, error, mode), error, stamp, path) for path, measured, error in rows],
        )
        numbers = _numbers_of(connection, [path for path, _, _ in rows])
        looks = [(numbers[path], None if error else measured) for path, measured, error in rows if path in numbers]
        write_looks(connection, looks, revision=stamp)
        told = [(numbers[path], path, None if error else seen) for path, seen, error in rows if path in numbers]
        write_told_origins(connection, told)


def mark_missing(database: Database, paths: Sequence[str], missing: bool) -> None:
    """Say whether these files are on disk."""
    if not paths:
        return
    with database.write() as connection:
        stamp = next_revision(connection)
        connection.executemany(
            "UPDATE image SET missing = ?, changed = ? WHERE path = ? AND emptied IS NULL",
            [(int(missing), stamp, path) for path in paths],
        )


def move_path(database: Database, old: str, new: str) -> None:
    """A file was renamed by hand: its row follows and counts as present."""
    with database.write() as connection:
        save_from_deletion(connection, [old])
        connection.execute(
            "UPDATE image SET path = ?, missing = 0, emptied = NULL, changed = ? WHERE path = ?",
            (new, next_revision(connection), old),
        )


def get_image(database: Database, image_id: int) -> ImageRow:
    """The image of that number; raises NotFoundError."""
    with database.read() as connection:
        row = connection.execute(f"SELECT {_ROW} {_FROM} WHERE image.id = ?", (image_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no image number {image_id}.")
    return _image(row)


def get_by_path(database: Database, path: str) -> ImageRow:
    """The image at that path under `data/images`; raises NotFoundError."""
    with database.read() as connection:
        row = connection.execute(f"SELECT {_ROW} {_FROM} WHERE image.path = ?", (path,)).fetchone()
    if row is None:
        raise NotFoundError(f"The catalogue holds no {path}; paths count from data/images, and `scan` finds new files.")
    return _image(row)


def get_many(database: Database, ids: Sequence[int]) -> list[ImageRow]:
    """The images of these numbers, in the order asked for; unknown ones are left out."""
    found: dict[int, ImageRow] = {}
    with database.read() as connection:
        rows = rows_among(connection, f"SELECT {_ROW} {_FROM} WHERE image.id IN ({{marks}})", ids)
        found.update((int(row["id"]), _image(row)) for row in rows)
    return [found[number] for number in ids if number in found]


def get_many_by_path(database: Database, paths: Sequence[str]) -> dict[str, ImageRow]:
    """The images at these paths; unknown ones are left out."""
    found: dict[str, ImageRow] = {}
    with database.read() as connection:
        rows = rows_among(connection, f"SELECT {_ROW} {_FROM} WHERE image.path IN ({{marks}})", paths)
        found.update((str(row["path"]), _image(row)) for row in rows)
    return found


def known_files(database: Database) -> dict[str, FileStamp]:
    """What a scan compares the disk with, by path."""
    with database.read(seconds=60.0) as connection:
        rows = connection.execute("SELECT path, bytes, mtime_ns, inode, sha256, error, missing, emptied FROM image")
        return {
            row[0]: FileStamp(row[1], row[2], row[3], row[4], row[5], bool(row[6]), row[7] is not None) for row in rows
        }


def known_digests(database: Database) -> dict[str, set[int]]:
    """The classes that hold, or held, each content (sha256); rejected images included."""
    classes: dict[str, set[int]] = {}
    with database.read(seconds=60.0) as connection:
        for sha256, class_id in connection.execute("SELECT sha256, class_id FROM image WHERE sha256 IS NOT NULL"):
            classes.setdefault(sha256, set()).add(class_id)
    return classes


def list_images(
    database: Database, *, where: str = "", order: str = "id", offset: int = 0, limit: int = 100
) -> tuple[int, list[ImageRow]]:
    """How many images the filter lets through, and one page of them.

    Files that cannot be decoded or are gone are left out unless the filter speaks of `error` or `missing`.
    Raises InputError for a filter or an order that is not understood.
    """
    with selecting(database, where, order=order, columns=["class"]) as (connection, asked):
        rest = f"FROM {asked.tables} WHERE {asked.condition}"
        total = connection.execute(f"SELECT COUNT(*) {rest}", asked.parameters).fetchone()[0]
        page = (*asked.parameters, max(limit, 0), max(offset, 0))
        found = f"SELECT {_ROW} {rest} ORDER BY {asked.order} LIMIT ? OFFSET ?"
        return int(total), [_image(row) for row in connection.execute(found, page)]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Images that no page shows."""

    missing: int
    """Their files are gone."""
    unreadable: int
    """Their files are there, but no pictures."""


def count_unseen(database: Database) -> Unseen:
    """How many images no page shows, and why; those that went with the bin are none of them."""
    with database.read() as connection:
        row = connection.execute(
            "SELECT COALESCE(SUM(missing = 1), 0), COALESCE(SUM(missing = 0), 0) FROM image "
            "WHERE (error IS NOT NULL OR missing = 1) AND emptied IS NULL"
        ).fetchone()
    return Unseen(int(row[0]), int(row[1]))


def list_ids(database: Database, *, where: str = "", order: str = "id") -> tuple[int, list[tuple[int, Verdict]]]:
    """The catalogue's revision, and number and verdict of all images that the filter lets through, in that order.

    Raises InputError for a filter or an order that is not understood.
    """
    with selecting(database, where, order=order) as (connection, asked):
        stamp = connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()[0]
        found = f"SELECT image.id, image.verdict FROM {asked.tables} WHERE {asked.condition} ORDER BY {asked.order}"
        return int(stamp), [(row[0], row[1]) for row in connection.execute(found, asked.parameters)]


def image_table(database: Database, columns: Sequence[str], where: str = "") -> dict[str, list[Cell]]:
    """Whole columns of the images that the filter lets through, by id: {name: values}; hashes are unsigned."""
    unknown = [
        name for name in columns if name not in COLUMNS and name not in ("phash", "phash_mirror", "inode", "mtime_ns")
    ]
    if unknown:
        raise InputError(f"The catalogue has no column {unknown[0]!r}.")
    selected = ", ".join(COLUMNS[name].sql if name in COLUMNS else f"image.{name}" for name in columns)
    with selecting(database, where, columns=columns, seconds=60.0) as (connection, asked):
        found = f"SELECT {selected} FROM {asked.tables} WHERE {asked.condition} ORDER BY image.id"
        rows = connection.execute(found, asked.parameters).fetchall()
    table: dict[str, list[Cell]] = {}
    for position, name in enumerate(columns):
        values = [row[position] for row in rows]
        table[name] = [_unsigned(value) for value in values] if name.startswith("phash") else values
    return table


def set_splits(database: Database, splits: Mapping[int, Split | None]) -> None:
    """Put each image into its part of the split; only what differs is written."""
    with database.write() as connection:
        present = dict(connection.execute("SELECT id, split FROM image").fetchall())
        changes = [(split, image) for image, split in splits.items() if image in present and present[image] != split]
        if changes:
            stamp = next_revision(connection)
            connection.executemany(f"UPDATE image SET split = ?, changed = {stamp} WHERE id = ?", changes)


def _numbers_of(connection: sqlite3.Connection, paths: Sequence[str]) -> dict[str, int]:
    rows = rows_among(connection, "SELECT path, id FROM image WHERE path IN ({marks})", paths)
    return {row[0]: row[1] for row in rows}


def _stems_in(connection: sqlite3.Connection, slug: str) -> set[str]:
    rows = connection.execute("SELECT path FROM image WHERE path >= ? AND path < ?", (f"{slug}/", f"{slug}0"))
    return {row[0].rpartition(".")[0] for row in rows}


def _cells(measured: Measured | None, error: str | None, mode: HashMode) -> tuple[Cell, ...]:
    """The columns of `Measured`; of a file that cannot be decoded only what identifies it is kept.

    Hashes of another mode than the catalogue's are not: it changed while somebody was at work.
    """
    cells: dict[str, Cell] = dict.fromkeys(_MEASURED)
    cells.update({"bytes": 0, "mtime_ns": 0, "inode": 0, "width": 0, "height": 0, "format": "", "mode": ""})
    cells["orientation"] = 1
    if measured is not None:
        kept = _IDENTITY if error else _MEASURED
        cells.update({name: getattr(measured, name) for name in kept})
    for name in ("phash", "phash_mirror"):
        value = cells[name]
        fits = measured is not None and measured.hash_mode == mode
        cells[name] = _signed(value) if fits and isinstance(value, int) else None
    return tuple(cells.values())


def _image(row: sqlite3.Row) -> ImageRow:
    cells = dict(zip((field.name for field in fields(ImageRow)), row, strict=True))
    cells["phash"], cells["phash_mirror"] = _unsigned(cells["phash"]), _unsigned(cells["phash_mirror"])
    cells["missing"] = bool(cells["missing"])
    return ImageRow(**cells)


def _signed(value: int) -> int:
    return value - (1 << 64) if value > _LARGEST_SIGNED else value


def _unsigned(value: int | None) -> int | None:
    return None if value is None else value % (1 << 64)
