"""Images, classes and filters of the catalogue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.class_changes import rename_class
from core.catalog.class_names import clean_class_name
from core.catalog.classes import ensure_class, list_classes
from core.catalog.filters import parse_filter
from core.catalog.images import (
    add_images,
    get_by_path,
    get_many,
    image_table,
    known_digests,
    known_files,
    list_images,
    mark_missing,
    move_path,
    record_measured,
    reserve_paths,
    set_splits,
)
from core.catalog.records import NewImage
from core.catalog.store import revision
from core.database import Database
from core.errors import InputError, NotFoundError
from tests.catalog.rows import measured


def test_paths_are_numbered_upwards_and_never_given_twice(database: Database) -> None:
    assert reserve_paths(database, 0, ["png"]) == ["abra/abra004.png"]
    add_images(database, [NewImage("abra/abra006.gif", "by hand", 0, measured(60))])
    assert reserve_paths(database, 0, ["jpg", "jpg"]) == ["abra/abra005.jpg", "abra/abra007.jpg"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Über", "uber"),
        ("皮卡丘", "class2"),
        ("../x", "x"),
        ("a/b", "a-b"),
        ("=cmd|' /C calc'!A0", "cmd-c-calc-a0"),
        ("<img src=x onerror=alert(1)>", "img-src-x-onerror-alert-1"),
        ("CON", "class2"),
        ("Abra", "class2"),
    ],
)
def test_a_class_keeps_its_name_and_gets_a_safe_folder(database: Database, name: str, slug: str) -> None:
    made = ensure_class(database, name)
    assert (made.class_id, made.name, made.slug) == (2, name, slug)
    assert ensure_class(database, name) == made


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\nb", "a\x00b"])
def test_names_that_cannot_be_are_refused_in_words(database: Database, name: str) -> None:
    with pytest.raises(InputError, match="class"):
        ensure_class(database, name)
    assert len(list_classes(database)) == 2


def test_composed_and_decomposed_forms_are_one_class(database: Database) -> None:
    assert ensure_class(database, "U\u0308ber") == ensure_class(database, "\u00dcber")
    assert clean_class_name(" caf\u0065\u0301 ") == "caf\u00e9"


def test_renaming_keeps_number_and_folder_and_refuses_a_taken_name(database: Database) -> None:
    renamed = rename_class(database, 0, "kadabra", who="me")
    assert (renamed.class_id, renamed.slug) == (0, "abra")
    assert renamed in list_classes(database)
    with pytest.raises(InputError, match="already"):
        rename_class(database, 0, "mew", who="me")
    with pytest.raises(NotFoundError):
        rename_class(database, 9, "nobody", who="me")


def test_hashes_keep_all_64_bits(database: Database) -> None:
    top = (1 << 64) - 1
    add_images(database, [NewImage("mew/top.jpg", "x", 1, measured(70, phash=top))])
    assert get_by_path(database, "mew/top.jpg").phash == top
    assert image_table(database, ["phash"], "path = mew/top.jpg") == {"phash": [top]}


def test_broken_and_vanished_files_are_left_out_unless_asked_for(database: Database) -> None:
    add_images(database, [NewImage("abra/broken.jpg", "x", 0, None, "truncated JPEG")])
    mark_missing(database, ["abra/abra001.jpg"], True)
    assert list_images(database)[0] == 4
    assert [row.path for row in list_images(database, where="error != none")[1]] == ["abra/broken.jpg"]
    assert [row.path for row in list_images(database, where="missing = 1")[1]] == ["abra/abra001.jpg"]
    record_measured(database, [("abra/broken.jpg", measured(80), None), ("abra/abra001.jpg", measured(1), None)])
    assert list_images(database)[0] == 6


def test_a_file_moved_by_hand_keeps_its_row(database: Database) -> None:
    number = get_by_path(database, "abra/abra001.jpg").id
    mark_missing(database, ["abra/abra001.jpg"], True)
    move_path(database, "abra/abra001.jpg", "abra/portrait.jpg")
    row = get_by_path(database, "abra/portrait.jpg")
    assert (row.id, row.missing) == (number, False)


def test_what_a_scan_and_an_import_compare_with(database: Database) -> None:
    assert known_files(database)["mew/mew002.jpg"].bytes == 1005
    assert known_digests(database)[f"{5:064x}"] == {1}


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("class = abra", [1, 2, 3]),
        ("class in (mew, 'abra') and sharpness >= 13", [3, 4, 5]),
        ("not (class = abra or id = 5)", [4]),
        ("border_white > .02 and border_white < 4.5e-2", [3, 4]),
        ('path ~ "mew/"', [4, 5]),
        ("path ~ '%'", []),
        ("split = none and verdict != keep", [1, 2, 3, 4, 5]),
        ("class not in (abra)", [4, 5]),
        ("aspect > 1.3 and pixels = 3072", [1, 2, 3, 4, 5]),
    ],
)
def test_filters_say_what_they_mean(database: Database, where: str, ids: list[int]) -> None:
    assert [row.id for row in list_images(database, where=where)[1]] == ids


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("wdith > 3", "no column 'wdith'"),
        ("width >", "a value was expected"),
        ("width > wide", "character 9"),
        ("(width > 3", "'\\)' was expected"),
        ("width > 3 height", "'and', 'or' or the end"),
        ("id = 1; DROP TABLE image", "'and', 'or' or the end|is a number"),
        ("width < none", "none by <"),
        ("(" * 60 + "id = 1" + ")" * 60, "nests"),
        ("not " * 2000 + "id = 1", "nests"),
        ("id=1 or " * 1100 + "id=1", "500 conditions"),
    ],
)
def test_a_wrong_filter_is_refused_with_the_place(database: Database, where: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        list_images(database, where=where)


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        parsed = parse_filter(text)
    except InputError:
        return
    assert parsed.sql.count("?") == len(parsed.parameters)


def test_pages_and_orders(database: Database) -> None:
    total, rows = list_images(database, order="-class,sharpness", offset=1, limit=2)
    assert (total, [row.id for row in rows]) == (5, [5, 1])
    with pytest.raises(InputError, match="order"):
        list_images(database, order="id; DROP TABLE image")
    assert [row.id for row in get_many(database, [5, 99, 1])] == [5, 1]


def test_writing_what_is_already_there_changes_nothing(database: Database) -> None:
    set_splits(database, {1: "train", 2: "test"})
    before = revision(database)
    set_splits(database, {1: "train", 2: "test", 99: "val"})
    assert revision(database) == before
