"""Origins that come along with pictures: tables and notes beside them, in folders and zips."""

import json
import zipfile
from pathlib import Path

import pytest

from core.catalog.images import list_images
from core.catalog.licences import Licence
from core.catalog.sources import find_licensed, find_origins
from core.collect.importer import import_source
from core.collect.listing import Item, Listing
from core.collect.told import Told, ToldOrigins
from core.database import Database
from core.errors import InputError
from core.workspace import Workspace
from tests.collect.test_importer import lay
from tests.images.test_credit import FULL
from tests.support.pictures import jpeg

BY = Licence("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")


def told(table: str = "", notes: dict[str, bytes] | None = None, name: str = "fox/a.jpg") -> Told | None:
    listing = Listing("set", [Item(name, lambda: b"")], [], {"fox/list.csv": table.encode()} if table else {})
    for note, content in (notes or {}).items():
        listing.notes[note] = lambda content=content: content  # type: ignore[misc]
    return ToldOrigins(listing).of(name)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("file_name,license,author,source\na.jpg,CC BY 4.0,Ada,https://p.example/a\n",
         Told(page_url="https://p.example/a", author="Ada", licence=BY)),
        ("img_name;class_name;licence;licence_url\na.jpg;fox;Own terms;https://p.example/terms\n",
         Told(licence=Licence("Own terms", "https://p.example/terms"))),
        ("Path,OriginalURL,OriginalLandingURL,License,Author,Title\n"
         "a.jpg,https://c.example/a.jpg,https://p.example/a,https://creativecommons.org/licenses/by/4.0/,Ada,A fox\n",
         Told("https://c.example/a.jpg", "https://p.example/a", "A fox", "Ada", BY)),
        ("file_name,license,source\na.jpg,All rights reserved,flickr\n", None),
        ("file_name,license\nother.jpg,CC0\n", None),
        ("file_name,text\na.jpg,a fox\n", None),
        ("license\nCC0\n", None),
        ("file_name,license\na.jpg\n", None),
        ("file_name,source\na.jpg,javascript:alert(1)\n", None),
    ],
)  # fmt: skip
def test_tables(table: str, expected: Told | None) -> None:
    assert told(table) == expected


@pytest.mark.parametrize(
    ("note", "content", "expected"),
    [
        ("fox/a.jpg.json", {"url": "https://c.example/a.jpg", "license": "cc-by-4.0", "creator": "Ada"},
         Told("https://c.example/a.jpg", author="Ada", licence=BY)),
        ("fox/a.json", {"author": {"username": "ada1", "realname": "Ada"}, "license": {"name": "X", "url": "https://x.example"}},
         Told(author="Ada", licence=Licence("X", "https://x.example"))),
        ("fox/a.json", {"artist": ["Ada", "Bo", 7], "page_url": "https://p.example/a"},
         Told(page_url="https://p.example/a", author="Ada, Bo")),
        ("fox/a.json", {"caption": "a fox"}, None),
        ("fox/a.json", ["CC0"], None),
        ("fox/b.json", {"license": "CC0"}, None),
    ],
)  # fmt: skip
def test_notes(note: str, content: object, expected: Told | None) -> None:
    assert told(notes={note: json.dumps(content).encode()}) == expected


def test_xmp_beside_a_picture() -> None:
    assert told(notes={"fox/a.xmp": FULL}) == Told(author="Ada Lovelace, Bo", licence=BY)
    assert told(notes={"fox/a.jpg.xmp": FULL}) == Told(author="Ada Lovelace, Bo", licence=BY)


def test_notes_go_before_tables_and_broken_ones_tell_nothing() -> None:
    table = "file_name,license\na.jpg,CC0\n"
    note = told(table, {"fox/a.json": b'{"license": "CC BY 4.0"}'})
    assert note is not None
    assert note.licence == BY
    for broken in (b"{", b"[" * 100_000, b"\xff\xfe", b"null"):
        answer = told(table, {"fox/a.json": broken})
        assert answer is not None
        assert answer.licence is not None
        assert answer.licence.name == "CC0 1.0"


def test_notes_that_cannot_be_read_tell_nothing() -> None:
    def refuse() -> bytes:
        raise InputError("too large")

    listing = Listing("set", [Item("a.jpg", lambda: b"")], notes={"a.json": refuse})
    assert ToldOrigins(listing).of("a.jpg") is None


def test_pictures_of_one_address_each_keep_what_is_told_of_them(
    workspace: Workspace, db: Database, tmp_path: Path
) -> None:
    album = {"url": "https://p.example/album", "license": "CC0"}
    files = {f"foxes/{name}.jpg": jpeg(number) for number, name in enumerate("abc")}
    notes = {f"{name}.json": json.dumps(album | {"author": name}).encode() for name in files}
    assert import_source(workspace, db, str(lay(tmp_path / "set", files | notes))).added == 3
    # Another picture of the same name in another folder of the same name.
    again = {"foxes/a.jpg": jpeg(9), "foxes/a.jpg.json": json.dumps({"author": "else"}).encode()}
    assert import_source(workspace, db, str(lay(tmp_path / "other" / "set", again))).added == 1
    origins = find_origins(db, [1, 2, 3, 4])
    told = [[origin.author for origin in origins[image]] for image in (1, 2, 3, 4)]
    assert told == [["foxes/a.jpg"], ["foxes/b.jpg"], ["foxes/c.jpg"], ["else"]]


@pytest.mark.parametrize("packed", [False, True])
def test_an_import_records_them(workspace: Workspace, db: Database, tmp_path: Path, packed: bool) -> None:
    note = json.dumps({"license": "CC0", "source_url": "https://p.example/b", "author": "Bo"}).encode()
    files = {
        "foxes/a.jpg": jpeg(1),
        "foxes/b.jpg": jpeg(2),
        "foxes/b.jpg.json": note,
        "foxes/c.jpg": jpeg(3),
        "foxes/c.json": b" " * 300_000,
        "foxes/table.csv": b"file_name,license,author\na.jpg,CC BY 4.0,Ada\nb.jpg,CC BY 4.0,Ada\n",
    }
    source = lay(tmp_path / "set", files)
    if packed:
        source = tmp_path / "set.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    imported = import_source(workspace, db, str(source))
    assert (imported.added, imported.rejected) == (3, [])
    ids = {image.original.rpartition("/")[2]: image.id for image in list_images(db)[1]}
    assert find_licensed(db) == {ids["a.jpg"], ids["b.jpg"]}
    origins = find_origins(db, list(ids.values()))
    found = {name: [(o.author, o.licence, o.address, o.engine) for o in origins.get(ids[name], [])] for name in ids}
    assert found == {
        "a.jpg": [("Ada", "CC BY 4.0", None, "")],
        "b.jpg": [("Bo", "CC0 1.0", "https://p.example/b", "")],
        "c.jpg": [],
    }
