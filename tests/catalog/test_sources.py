"""Where pictures came from: what their own files tell is kept beside what was found on the web."""

from dataclasses import replace
from pathlib import Path

from core.catalog.images import add_images, list_images, move_path, record_measured
from core.catalog.records import Measured, NewImage, NewSource
from core.catalog.sources import (
    Origin,
    find_licensed,
    find_origins,
    inherit_sources,
    origin_in_words,
    record_source,
)
from core.catalog.store import open_catalog
from core.database import Database
from core.images.scan import scan
from core.workspace import Workspace, open_workspace
from tests.images.test_credit import BY, FULL, picture

SEEN = Measured(
    sha256="a" * 64, bytes=1, mtime_ns=1, inode=1, width=1, height=1, format="JPEG", mode="RGB", orientation=1,
    phash=1, phash_mirror=2, sharpness=1.0, brightness=0.5, contrast=0.1, entropy=1.0, border_white=0.0,
    transparent=0.0, author="Ada", licence="CC BY 4.0", licence_url="https://creativecommons.org/licenses/by/4.0/",
)  # fmt: skip


def told(db: Database, image: int) -> list[tuple[str | None, str | None, str]]:
    return [(origin.author, origin.licence, origin.engine) for origin in find_origins(db, [image]).get(image, [])]


def add(db: Database, seen: Measured, path: str = "abra/abra001.jpg") -> int:
    with db.write() as connection:
        connection.execute("INSERT OR IGNORE INTO class (class_id, name, slug) VALUES (0, 'abra', 'abra')")
    return add_images(db, [NewImage(path, path, 0, seen)])[0]


def test_what_a_file_tells_is_an_origin_without_a_place(db: Database) -> None:
    image = add(db, SEEN)
    (origin,) = find_origins(db, [image])[image]
    assert origin == Origin(
        source=origin.source, file_url="abra/abra001.jpg", page_url=None, engine="", title=None, author="Ada",
        licence="CC BY 4.0", licence_url="https://creativecommons.org/licenses/by/4.0/", inherited=False,
    )  # fmt: skip
    assert origin.address is None
    assert find_licensed(db) == {image}
    assert find_origins(db, [add(db, replace(SEEN, author="", licence=""), "abra/abra002.jpg")]) == {}


def test_a_changed_file_tells_anew(db: Database) -> None:
    image = add(db, SEEN)
    for seen, expected in (
        (SEEN, [("Ada", "CC BY 4.0", "")]),
        (replace(SEEN, author="Bo", licence=""), [("Bo", None, "")]),
        (replace(SEEN, author="", licence=""), []),
        (SEEN, [("Ada", "CC BY 4.0", "")]),
    ):
        record_measured(db, [("abra/abra001.jpg", seen, None)])
        assert told(db, image) == expected
    record_measured(db, [("abra/abra001.jpg", SEEN, "truncated JPEG")])
    assert told(db, image) == []


def test_a_moved_file_tells_once(db: Database) -> None:
    image = add(db, SEEN)
    move_path(db, "abra/abra001.jpg", "abra/other.jpg")
    record_measured(db, [("abra/other.jpg", SEEN, None)])
    assert told(db, image) == [("Ada", "CC BY 4.0", "")]


def test_what_was_inherited_outlives_a_change(db: Database) -> None:
    image, heir = add(db, SEEN), add(db, replace(SEEN, author="", licence=""), "abra/abra002.jpg")
    with db.write() as connection:
        connection.execute("INSERT INTO batch (batch, who, label, at, state) VALUES (1, 'me', '', 0, 'done')")
    inherit_sources(db, [(heir, find_origins(db, [image])[image][0].source)], batch=1)
    record_measured(db, [("abra/abra001.jpg", replace(SEEN, author="", licence=""), None)])
    assert (told(db, image), told(db, heir)) == ([], [("Ada", "CC BY 4.0", "")])


def test_the_web_is_kept_beside_it(db: Database) -> None:
    image = add(db, SEEN)
    found = NewSource("http://cdn.example/a.jpg", "bing", "abra", 1, 0, page_url="http://pictures.example/a")
    record_source(db, found, outcome="added", image=image)
    record_measured(db, [("abra/abra001.jpg", SEEN, None)])
    origins = find_origins(db, [image])[image]
    assert {origin.engine: origin.address for origin in origins} == {"bing": "http://pictures.example/a", "": None}
    assert origin_in_words(origins) == "from pictures.example, by Ada, CC BY 4.0"
    assert origin_in_words([]) == ""


def test_a_scan_reads_it_from_the_files(tmp_path: Path) -> None:
    workspace: Workspace = open_workspace(tmp_path, environ={})
    (workspace.images / "abra").mkdir(parents=True)
    (workspace.images / "abra" / "one.jpg").write_bytes(picture("JPEG", xmp=FULL))
    (workspace.images / "abra" / "two.png").write_bytes(picture("PNG"))
    db = open_catalog(workspace)
    try:
        scan(workspace, db)
        rows = {row.path: row.id for row in list_images(db)[1]}
        assert told(db, rows["abra/one.jpg"]) == [("Ada Lovelace, Bo", BY.name, "")]
        assert find_licensed(db) == {rows["abra/one.jpg"]}
    finally:
        db.close()
