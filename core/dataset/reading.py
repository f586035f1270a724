"""annotations.csv as people and spreadsheets leave it: any order of columns, any usual separator and encoding."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from core.catalog.records import Split
from core.errors import InputError
from core.files import digest, storage_error

__all__ = ["Annotations", "ReadRow", "parse_annotations", "read_annotations", "refuse_twins"]

_SEPARATORS = (",", ";", "\t", "|")
_PARTS = ("train", "val", "test")
_WHOLE = re.compile(r"'?([0-9]{1,9})(?:[.,]0+)?")
"""A whole number as spreadsheets write it: 3, 3.0, 3,00, or '3 as text."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One line of the file; a cell that is absent or empty is None."""

    line: int
    img_name: str
    class_id: int | None
    class_name: str | None
    split: Split | None


@dataclass(frozen=True, slots=True)
class Annotations:
    sha256: str
    """Of the file's bytes."""
    columns: frozenset[str]
    """Which of img_name, class_id, class_name and split the file has; others are not looked at."""
    rows: tuple[ReadRow, ...]
    """Each image once, in the file's order."""


def read_annotations(path: Path) -> Annotations:
    """What an annotations file says.

    Raises InputError with the line number for what cannot be read, StorageError when the file cannot be opened.
    """
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise storage_error(exc, path) from exc
    return parse_annotations(content, name=path.name)


def parse_annotations(content: bytes, *, name: str) -> Annotations:
    """What the bytes of an annotations file say; `name` stands in the errors.

    UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252; separators `,` `;` tab `|`; any line
    end. A column `img_name` is needed; a lone column `<anything>_id` beside it counts as class_id.
    """
    lines = io.StringIO(_decode(content, name), newline="")
    table = _Table(lines, name)
    columns = _columns(table.header, name)
    rows: dict[str, ReadRow] = {}
    for line, cells in table.rows():
        if any(cell.strip() for cell in cells[len(table.header) :]):
            raise InputError(
                f"{name}, line {line}: {len(cells)} cells under {len(table.header)} columns; put quotes around a text "
                "that holds the separator."
            )
        row = _row(line, cells, columns, name=name)
        refuse_twins(rows.setdefault(row.img_name, row), row, name=name)
    return Annotations(digest(content), frozenset(columns), tuple(rows.values()))


def refuse_twins(first: ReadRow, second: ReadRow, *, name: str) -> None:
    """Raise InputError when two lines of one image say different things."""
    if _said(first) != _said(second):
        raise InputError(
            f"{name}, line {second.line}: {second.img_name} stands in line {first.line} too, with other values; "
            "keep one."
        )


class _Table:
    """The header and the rows of a CSV text, with the line on which each row starts."""

    def __init__(self, lines: io.StringIO, name: str) -> None:
        self._name = name
        first = lines.readline()
        self._skipped = 0
        if first.lower().startswith("sep="):
            first, self._skipped = lines.readline(), 1
        self._separator = max(_SEPARATORS, key=lambda separator: _count_outside_quotes(first, separator))
        lines.seek(0)
        for _ in range(self._skipped):
            lines.readline()
        self._reader = csv.reader(lines, delimiter=self._separator, strict=True)
        self.header = next((cells for _, cells in self.rows()), [])

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows that are not blank."""
        while True:
            line = self._reader.line_num + 1 + self._skipped
            try:
                cells = next(self._reader, None)
            except csv.Error as exc:
                raise InputError(
                    f"{self._name}, line {line}: the line cannot be read ({exc}); mend its quotes."
                ) from exc
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield line, cells


def _decode(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as exc:
            line = content[: exc.start].count(b"\n") + 1
        else:
            if "\0" not in text:
                return text
            line = text[: text.index("\0")].count("\n") + 1
    raise InputError(f"{name}, line {line}: this is no text in UTF-8 or Windows-1252; save it as CSV UTF-8.")


def _columns(header: list[str], name: str) -> dict[str, int]:
    """Where each column that we know stands."""
    names = [cell.strip().casefold() for cell in header]
    if "img_name" not in names:
        found = ", ".join(cell.strip()[:40] for cell in header[:8]) or "nothing"
        raise InputError(f"{name}, line 1: there is no column img_name, only {found}; name the columns in line 1.")
    twice = [cell for cell in ("img_name", "class_id", "class_name", "split") if names.count(cell) > 1]
    if twice:
        raise InputError(f"{name}, line 1: the column {twice[0]} is there twice; keep one.")
    ids = [cell for cell in names if cell.endswith("_id")]
    if "class_id" not in names and "class_name" not in names and len(ids) == 1:
        names[names.index(ids[0])] = "class_id"
    return {cell: names.index(cell) for cell in ("img_name", "class_id", "class_name", "split") if cell in names}


def _row(line: int, cells: list[str], columns: dict[str, int], *, name: str) -> ReadRow:
    def cell(column: str) -> str | None:
        place = columns.get(column, len(cells))
        return (cells[place] if place < len(cells) else "") or None

    img_name = cell("img_name")
    if img_name is None:
        raise InputError(f"{name}, line {line}: img_name is empty; fill it in or delete the line.")
    split = (cell("split") or "").strip().casefold()
    if split and split not in _PARTS:
        raise InputError(f"{name}, line {line}: split is {split[:40]!r}; use train, val, test or leave it empty.")
    return ReadRow(
        line=line,
        img_name=img_name,
        class_id=_class_id(cell("class_id"), f"{name}, line {line}"),
        class_name=cell("class_name"),
        split=cast("Split", split) if split else None,
    )


def _class_id(text: str | None, place: str) -> int | None:
    if text is None or not text.strip():
        return None
    whole = _WHOLE.fullmatch(text.strip())
    if whole is None:
        raise InputError(f"{place}: the class number is {text[:40]!r}; use a whole number such as 3.")
    return int(whole[1])


def _said(row: ReadRow) -> tuple[int | None, str | None, str | None]:
    return row.class_id, row.class_name, row.split


def _count_outside_quotes(line: str, separator: str) -> int:
    return sum(part.count(separator) for part in line.split('"')[::2])
