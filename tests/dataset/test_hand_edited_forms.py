"""annotations.csv as spreadsheets and editors leave it: read for what it means, or refused with its line."""

import csv
import io
from collections.abc import Callable

import pytest

from core.catalog.decisions import decide
from core.catalog.images import set_splits
from core.catalog.records import Operation
from core.database import Database
from core.dataset.annotations import annotations_state, write_annotations
from core.dataset.hand_edit import Difference, difference, take_edit
from core.errors import InputError
from core.workspace import Workspace
from tests.duplicates.drawn import Drawn, add_drawn

Rows = list[list[str]]
CLASSES = ("abra", "Über, klein", "=1+1", "007", "1-2", "true")


@pytest.fixture
def written(workspace: Workspace, db: Database) -> Workspace:
    """One picture `<letter>/<letter>.jpg` a class, classes that a spreadsheet spoils; z.jpg is rejected; written."""
    add_drawn(db, *(Drawn(f"{chr(97 + at)}/{chr(97 + at)}.jpg", at, name) for at, name in enumerate(CLASSES)))
    add_drawn(db, Drawn("z.jpg", 77))
    decide(db, [Operation(len(CLASSES) + 1, "reject")], who="me")
    set_splits(db, {1: "train", 2: "val"})
    write_annotations(workspace, db)
    return workspace


def _rows(workspace: Workspace) -> Rows:
    return list(csv.reader(io.StringIO(workspace.annotations.read_text(encoding="utf-8"), newline="")))


def _text(rows: Rows, *, separator: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


def _columns(rows: Rows, *wished: int) -> Rows:
    return [[row[column] for column in wished] for row in rows]


def _cells(rows: Rows, **changed: str) -> Rows:
    """The rows with other class names: `a="mew"` for the picture a/a.jpg."""
    return [[*row[:2], changed.get(row[0][0], row[2]) if "/" in row[0] else row[2], *row[3:]] for row in rows]


def _said(found: Difference) -> dict[str, object]:
    said: dict[str, object] = {
        "classes": [(change.path, change.after) for change in found.classes],
        "splits": [(change.path, change.after) for change in found.splits],
        "removed": list(found.removed),
        "restored": list(found.restored),
        "unknown": list(found.unknown),
    }
    return {kind: rows for kind, rows in said.items() if rows}


SAME: dict[str, Callable[[Rows], bytes]] = {
    "saved by Excel as CSV UTF-8: byte order mark, CRLF": lambda rows: _text(rows, end="\r\n").encode("utf-8-sig"),
    "saved by a German Excel: semicolons, Windows-1252, CRLF": lambda rows: _text(
        rows, separator=";", end="\r\n"
    ).encode("cp1252"),
    "saved by Excel as Unicode text: tabs, UTF-16": lambda rows: _text(rows, separator="\t", end="\r\n").encode(
        "utf-16"
    ),
    "tabs": lambda rows: _text(rows, separator="\t").encode(),
    "with Excel's separator line": lambda rows: b"sep=;\r\n" + _text(rows, separator=";", end="\r\n").encode(),
    "line ends of an old Mac": lambda rows: _text(rows, end="\r").encode(),
    "saved by LibreOffice with every cell quoted": lambda rows: _text(rows, quoting=csv.QUOTE_ALL).encode(),
    "columns in another order": lambda rows: _text(_columns(rows, 4, 2, 0, 3, 1)).encode(),
    "columns missing": lambda rows: _text(_columns(rows, 0, 2)).encode(),
    "columns added": lambda rows: _text([[*row, "", f"note {at}"] for at, row in enumerate(rows)]).encode(),
    "two columns, the second called otherwise": lambda rows: _text([
        ["img_name", "pokemon_id"],
        *_columns(rows[1:], 0, 1),
    ]).encode(),
    "separators at the ends of lines": lambda rows: _text([[*row, "", ""] for row in rows]).encode(),
    "blank lines": lambda rows: _text(rows).replace("\n", "\n\n,,,,\n").encode(),
    "sorted the other way, a row twice": lambda rows: _text([rows[0], *rows[:0:-1], rows[1]]).encode(),
    "formulas neutralised for a spreadsheet": lambda rows: _text(_cells(rows, c="'=1+1")).encode(),
    "formulas calculated, numbers shortened, dates made": lambda rows: _text(
        _cells(rows, c="2", d="7", e="2-Jan", f="TRUE")
    ).encode(),
    "errors of formulas, another date": lambda rows: _text(_cells(rows, c="#NAME?", e="02.01.2026")).encode(),
    "class numbers as decimals": lambda rows: _text(
        [rows[0], *([row[0], f"{row[1]},00", *row[2:]] for row in rows[1:])], separator=";"
    ).encode(),
    "paths of Windows, space around": lambda rows: _text([
        [f" .\\{row[0]} ".replace("/", "\\"), *row[1:]] if at else row for at, row in enumerate(rows)
    ]).encode(),
    "capitals in the header and the split": lambda rows: _text([
        [cell.upper() for cell in rows[0]],
        *([*row[:3], row[3].upper(), row[4]] for row in rows[1:]),
    ]).encode(),
}


@pytest.mark.parametrize("form", SAME)
def test_the_same_content_in_another_form_says_nothing_new(written: Workspace, db: Database, form: str) -> None:
    written.annotations.write_bytes(SAME[form](_rows(written)))
    assert annotations_state(written, db).hand_edited
    found = difference(written, db)
    assert _said(found) == {}
    assert found.new_classes == ()


@pytest.mark.parametrize("form", SAME)
def test_a_change_is_seen_in_every_form(written: Workspace, db: Database, form: str) -> None:
    rows = [row for row in _rows(written) if row[0] != "b/b.jpg"]
    rows[1] = ["a/a.jpg", "3", "007", "train", ""]
    written.annotations.write_bytes(SAME[form](rows))
    found = difference(written, db)
    assert _said(found) == {"classes": [("a/a.jpg", "007")], "removed": ["b/b.jpg"]}
    take_edit(written, db, who="me", sha256=found.sha256)
    write_annotations(written, db)
    assert [row[:3] for row in _rows(written)[1:3]] == [["a/a.jpg", "3", "007"], ["c/c.jpg", "2", "=1+1"]]


def test_what_a_spreadsheet_has_changed_is_told(written: Workspace, db: Database) -> None:
    rows = _cells(_rows(written), c="2", d="7", e="2-Jan", f="TRUE")
    written.annotations.write_bytes(_text(rows).encode())
    assert difference(written, db).repaired == (
        (4, "2", "=1+1"),
        (5, "7", "007"),
        (6, "2-Jan", "1-2"),
        (7, "TRUE", "true"),
    )


def test_files_that_are_not_ours_and_new_classes_are_told(written: Workspace, db: Database) -> None:
    rows = [*_cells(_rows(written), a="'=new"), ["nobody.jpg", "0", "abra", "", ""], ["z.jpg", "0", "abra", "", ""]]
    written.annotations.write_bytes(_text(rows).encode())
    found = difference(written, db)
    assert _said(found) == {
        "classes": [("a/a.jpg", "=new")], "unknown": [(8, "nobody.jpg")], "restored": ["z.jpg"],
    }  # fmt: skip
    assert found.new_classes == ("=new",)


def test_another_name_that_only_looks_like_a_number_is_heard(written: Workspace, db: Database) -> None:
    """For the picture of 007 a 7 is its class; for others it is a new one, which a person is asked about."""
    written.annotations.write_bytes(_text(_cells(_rows(written), a="7", d="8", e="3-4")).encode())
    assert _said(difference(written, db)) == {"classes": [("a/a.jpg", "7"), ("d/d.jpg", "8"), ("e/e.jpg", "3-4")]}


REFUSED: dict[str, tuple[Callable[[Rows], bytes], str]] = {
    "a class number that became a date": (
        lambda rows: _text([rows[0], ["a/a.jpg", "03.01.2026", *rows[1][2:]], *rows[2:]]).encode(),
        "line 2: the class number is '03.01.2026'",
    ),
    "an error for a class that was no formula": (
        lambda rows: _text(_cells(rows, a="#REF!")).encode(),
        "line 2: a spreadsheet has put #REF! for the class",
    ),
    "one picture twice, unlike": (
        lambda rows: _text([*rows, ["a\\a.jpg", "1", *rows[1][2:]]]).encode(),
        "line 8: a\\a.jpg stands in line 2 too, with other values",
    ),
    "a part that there is not": (
        lambda rows: _text([rows[0], [*rows[1][:3], "training", ""], *rows[2:]]).encode(),
        "line 2: split is 'training'",
    ),
    "a class number that there is not": (
        lambda rows: _text([rows[0], ["a/a.jpg", "99", *rows[1][2:]], *rows[2:]]).encode(),
        "line 2: there is no class number 99",
    ),
    "a workbook under the name of the table": (
        lambda rows: b"PK\x03\x04\x14\x00\x06\x00" + b"\x00" * 40,
        "line 1: this is no text",
    ),
    "a separator in a cell without quotes": (
        lambda rows: "\n".join(",".join(row) for row in _columns(rows, 0, 2)).encode(),
        "line 3: 3 cells under 2 columns",
    ),
    "no header": (lambda rows: _text(rows[1:]).encode(), "line 1: there is no column img_name"),
    "nothing": (lambda rows: b"", "line 1: there is no column img_name, only nothing"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_cannot_be_meant_is_refused_with_its_line(written: Workspace, db: Database, form: str) -> None:
    make, message = REFUSED[form]
    content = make(_rows(written))
    written.annotations.write_bytes(content)
    for call in (lambda: difference(written, db), lambda: take_edit(written, db, who="me")):
        with pytest.raises(InputError) as caught:
            call()
        assert str(caught.value).startswith("annotations.csv, ")
        assert message in str(caught.value)
    assert written.annotations.read_bytes() == content
