"""The class of each file of a source: what a person said, else a table that comes along, else folders and names."""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.collect.listing import Listing, Rejected
from core.images.naming import class_of_flat

__all__ = ["Labels", "column_name", "label_items", "match_rows", "read_table", "table_rows"]

_BESIDE = ("", "images/", "data/images/")
"""Where the files of a table lie, seen from its folder."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The class names of a source."""

    classes: Mapping[str, str]
    """By item name."""
    absent: Sequence[Rejected]
    """Rows of tables whose file is not there."""


def label_items(listing: Listing, *, class_name: str | None) -> Labels:
    """A class for every item of the listing; `class_name`, when given, for all of them."""
    names = [item.name for item in listing.items]
    if class_name is not None:
        return Labels(dict.fromkeys(names, class_name), [])
    classes = _by_folder(names, listing.root)
    absent: list[Rejected] = []
    for table, content in listing.tables.items():
        rows = read_table(content)
        found = match_rows(rows, names, folder=str(PurePosixPath(table).parent))
        if found:
            classes.update({name: rows[row] for row, name in found.items()})
            absent += [
                Rejected(row, f"listed in {table}, but there is no such file") for row in rows if row not in found
            ]
    return Labels(classes, absent)


def read_table(content: bytes) -> dict[str, str]:
    """File name to class name, from a CSV with `img_name` and `class_name` or `<anything>_id`; empty for other tables.

    UTF-8 or cp1252; commas, semicolons or tabs.
    """
    rows = table_rows(content)
    if len(rows) < 2:
        return {}
    header = [column_name(cell) for cell in rows[0]]
    if "img_name" not in header:
        return {}
    name_at = header.index("img_name")
    pairs = [(row[name_at].strip().replace("\\", "/"), row) for row in rows[1:] if len(row) > name_at and row[name_at]]
    if "class_name" in header:
        return _cells(pairs, header.index("class_name"))
    ids = [index for index, column in enumerate(header) if column.endswith("_id") and column != "img_id"]
    return _named_ids(_cells(pairs, ids[0])) if ids else {}


def table_rows(content: bytes) -> list[list[str]]:
    """The cells of a CSV, the header first: UTF-8 or cp1252; commas, semicolons or tabs."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def column_name(cell: str) -> str:
    """The name of a column as it is compared."""
    return re.sub(r"[\s-]+", "_", cell.strip().lower())


def _cells(pairs: Iterable[tuple[str, list[str]]], at: int) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, row in pairs:
        if len(row) > at and row[at].strip():
            cells.setdefault(name, row[at].strip())
    return cells


def _named_ids(ids: Mapping[str, str]) -> dict[str, str]:
    """File name to class name: the stem that an id has for itself (`abra001.jpg` of id 62 → abra), else the id."""
    stems: dict[str, set[str]] = defaultdict(set)
    numbers: dict[str, set[str]] = defaultdict(set)
    for name, number in ids.items():
        stem = _stem(name)
        stems[number].add(stem)
        numbers[stem].add(number)
    shared = {number: next(iter(found)) for number, found in stems.items() if len(found) == 1}
    names = {number: stem for number, stem in shared.items() if stem and len(numbers[stem]) == 1}
    return {name: names.get(number, number) for name, number in ids.items()}


def _stem(name: str) -> str:
    """The file's stem without its trailing number; "" when it carries none."""
    stem = PurePosixPath(name).stem
    plain = re.sub(r"[\s_.-]*\d+$", "", stem)
    return plain if plain != stem else ""


def _by_folder(names: Sequence[str], root: str) -> dict[str, str]:
    """The folder next above a file; for files right in the source what their names tell, else the source's name."""
    flat = class_of_flat(name for name in names if "/" not in name)
    return {name: PurePosixPath(name).parent.name or flat.get(name, root) for name in names}


def match_rows(rows: Iterable[str], names: Sequence[str], *, folder: str) -> dict[str, str]:
    """Row to item name: by path from the table's folder, else by a file name that is there only once."""
    base = "" if folder == "." else f"{folder}/"
    by_path = {_normal(name): name for name in names}
    by_file: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if name.startswith(base):
            by_file[_normal(PurePosixPath(name).name)].append(name)
    found: dict[str, str] = {}
    for row in rows:
        paths = [by_path[key] for place in _BESIDE if (key := _normal(base + place + row)) in by_path]
        alike = by_file.get(_normal(PurePosixPath(row).name), [])
        if paths:
            found[row] = paths[0]
        elif len(alike) == 1:
            found[row] = alike[0]
    return found


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)
