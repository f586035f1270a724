"""Classes renamed, merged, deleted and reordered, and all of it taken back."""

import pytest

from core.catalog.class_changes import delete_class, merge_classes, order_classes, rename_class
from core.catalog.classes import count_classes, ensure_class, find_class, list_classes
from core.catalog.decisions import decide, history, redo, undo
from core.catalog.images import add_images, get_image, image_table, reserve_paths
from core.catalog.records import Decided, NewImage, Operation
from core.catalog.store import revision
from core.database import Database
from core.errors import InputError, NotFoundError
from tests.catalog.rows import fill, measured

ME = "me"


def standing(database: Database) -> list[tuple[str, int, int, int]]:
    """Name, number, usable and rejected of each class, in the order shown."""
    return [(row.name, row.class_id, row.usable, row.rejected) for row in count_classes(database)]


def places(database: Database) -> list[tuple[int, str, str]]:
    table = image_table(database, ["id", "class", "verdict"])
    return list(zip(table["id"], table["class"], table["verdict"], strict=True))  # type: ignore[arg-type]


def test_a_merge_takes_every_picture_along_and_is_one_step_back(database: Database) -> None:
    decide(database, [Operation(1, "reject", reason="blurred"), Operation(2, "keep")], who=ME)
    before = places(database)
    merged = merge_classes(database, [0], into=1, who=ME)
    assert merged == Decided(batch=2, changed=3, classes=1)
    assert standing(database) == [("mew", 1, 4, 1)]
    assert get_image(database, 1).reason == "blurred"
    with pytest.raises(NotFoundError, match="'abra'"):
        find_class(database, "abra")
    assert undo(database, who=ME) == Decided(batch=2, changed=3, classes=1)
    assert standing(database) == [("abra", 0, 2, 1), ("mew", 1, 2, 0)]
    assert places(database) == before
    assert redo(database, who=ME) == Decided(batch=2, changed=3, classes=1)
    assert standing(database) == [("mew", 1, 4, 1)]


def test_a_merge_of_many_names_them_and_none_merges_into_itself(database: Database) -> None:
    for name in ("a", "b", "c", "d"):
        ensure_class(database, name)
    with pytest.raises(InputError, match="into itself"):
        merge_classes(database, [0, 1], into=1, who=ME)
    assert history(database) == []
    assert merge_classes(database, [2, 3, 4, 5], into=0, who=ME).classes == 4
    assert history(database)[0].label == "a, b, c and 1 more merged into abra"


def test_the_number_of_an_ended_class_is_never_given_again_but_to_its_name(database: Database) -> None:
    merge_classes(database, [1], into=0, who=ME)
    assert ensure_class(database, "ditto").class_id == 2
    assert ensure_class(database, "mew").class_id == 1
    assert [row.name for row in list_classes(database)] == ["abra", "ditto", "mew"]


def test_a_deleted_class_leaves_its_pictures_in_the_bin_and_comes_back_with_one(database: Database) -> None:
    deleted = delete_class(database, 0, who=ME)
    assert (deleted.changed, deleted.classes) == (3, 1)
    assert standing(database) == [("mew", 1, 2, 0)]
    assert {get_image(database, number).reason for number in (1, 2, 3)} == {"class abra deleted"}
    decide(database, [Operation(2, "unreview")], who=ME)
    assert standing(database) == [("abra", 0, 1, 2), ("mew", 1, 2, 0)]
    undo(database, who=ME)
    assert standing(database) == [("mew", 1, 2, 0)]
    undo(database, who=ME)
    assert standing(database) == [("abra", 0, 3, 0), ("mew", 1, 2, 0)]


def test_a_picture_that_another_person_restores_brings_its_class_back(database: Database) -> None:
    decide(database, [Operation(1, "reject")], who="somebody")
    delete_class(database, 0, who=ME)
    undo(database, who="somebody")
    assert standing(database) == [("abra", 0, 1, 2), ("mew", 1, 2, 0)]


def test_pictures_that_were_still_under_way_bring_their_class_back(database: Database) -> None:
    paths = reserve_paths(database, 1, ["jpg"])
    merge_classes(database, [1], into=0, who=ME)
    add_images(database, [NewImage(paths[0], "late", 1, measured(9))])
    assert standing(database) == [("abra", 0, 5, 0), ("mew", 1, 1, 0)]


def test_no_picture_moves_to_a_class_that_has_ended(database: Database) -> None:
    merge_classes(database, [1], into=0, who=ME)
    with pytest.raises(NotFoundError, match="no class number 1"):
        decide(database, [Operation(1, "class", 1)], who=ME)


def test_a_name_is_changed_and_changed_back(database: Database) -> None:
    before = revision(database)
    assert rename_class(database, 0, " Kadabra ", who=ME).name == "Kadabra"
    assert (standing(database)[0][0], get_image(database, 1).class_name) == ("Kadabra", "Kadabra")
    assert revision(database) > before
    assert rename_class(database, 0, "Kadabra", who=ME).name == "Kadabra"
    assert len(history(database)) == 1
    assert undo(database, who=ME).classes == 1
    assert find_class(database, "abra").slug == "abra"
    delete_class(database, 1, who=ME)
    with pytest.raises(InputError, match="deleted class"):
        rename_class(database, 0, "mew", who=ME)


def test_undo_leaves_a_name_that_somebody_else_has_taken(database: Database) -> None:
    rename_class(database, 0, "Kadabra", who=ME)
    ensure_class(database, "abra")
    assert undo(database, who=ME).classes == 0
    assert [row.name for row in list_classes(database)] == ["Kadabra", "mew", "abra"]


def test_another_order_changes_no_number(database: Database) -> None:
    ensure_class(database, "ditto")
    assert order_classes(database, [2, 1], who=ME).classes == 2
    assert [(row.name, row.class_id) for row in list_classes(database)] == [("ditto", 2), ("mew", 1), ("abra", 0)]
    assert [row.name for row in count_classes(database)] == ["ditto", "mew", "abra"]
    assert order_classes(database, [2], who=ME).batch == 0
    ensure_class(database, "new")
    assert [row.name for row in list_classes(database)][-1] == "new"
    undo(database, who=ME)
    assert [row.name for row in list_classes(database)] == ["abra", "mew", "ditto", "new"]


def test_a_merge_of_thousands_is_one_batch(database: Database) -> None:
    fill(database, {"many": 2000})
    assert merge_classes(database, [2], into=0, who=ME).changed == 2000
    assert undo(database, who=ME).changed == 2000
    assert standing(database)[0] == ("abra", 0, 3, 0)
