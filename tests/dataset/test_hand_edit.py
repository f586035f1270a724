"""What was edited in annotations.csv by hand: seen as a difference, taken in one batch, or left."""

import pytest

from core.catalog.classes import list_classes
from core.catalog.decisions import decide, undo
from core.catalog.images import get_image, get_many, set_splits
from core.catalog.records import Operation
from core.database import Database
from core.dataset.annotations import annotations_state, base_path, needs_writing, write_annotations
from core.dataset.hand_edit import KINDS, Difference, difference, leave_edit, take_edit
from core.errors import InputError, RefusedError
from core.workspace import Workspace
from tests.duplicates.drawn import Drawn, add_drawn


@pytest.fixture
def written(workspace: Workspace, db: Database) -> Workspace:
    """Four images a b c d of abra, e of mew, d rejected; written."""
    add_drawn(db, *(Drawn(f"{name}.jpg", number) for number, name in enumerate("abcd")), Drawn("e.jpg", 9, "mew"))
    decide(db, [Operation(4, "reject")], who="me")
    write_annotations(workspace, db)
    return workspace


def edit(workspace: Workspace, *replacements: tuple[str, str], encoding: str = "utf-8") -> None:
    text = workspace.annotations.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    workspace.annotations.write_bytes(text.encode(encoding))


def in_short(found: Difference) -> dict[str, object]:
    return {
        "classes": [(change.path, change.before, change.after) for change in found.classes],
        "splits": [(change.path, change.before, change.after) for change in found.splits],
        "removed": list(found.removed),
        "restored": list(found.restored),
        "new": list(found.new_classes),
        "unknown": list(found.unknown),
    }


NOTHING: dict[str, object] = {"classes": [], "splits": [], "removed": [], "restored": [], "new": [], "unknown": []}


def test_a_file_saved_by_a_spreadsheet_says_nothing_new(written: Workspace, db: Database) -> None:
    edit(written, ("\n", "\r\n"), (",", ";"), encoding="utf-8-sig")
    assert annotations_state(written, db).hand_edited
    found = difference(written, db)
    assert in_short(found) == NOTHING
    assert found.empty


def test_every_kind_of_difference(written: Workspace, db: Database) -> None:
    edit(
        written,
        ("a.jpg,0,abra,,", "a.jpg,0,mew,train,"),
        ("b.jpg,0,abra,,\n", ""),
        ("c.jpg,0,abra", "c.jpg,1,abra"),
        ("e.jpg,1,mew,,\n", "e.jpg,1,Über,,\nd.jpg,0,abra,,\nnobody.jpg,0,abra,,\n"),
    )
    assert in_short(difference(written, db)) == {
        "classes": [("a.jpg", "abra", "mew"), ("c.jpg", "abra", "mew"), ("e.jpg", "mew", "Über")],
        "splits": [("a.jpg", None, "train")],
        "removed": ["b.jpg"],
        "restored": ["d.jpg"],
        "new": ["Über"],
        "unknown": [(6, "nobody.jpg")],
    }
    taken = take_edit(written, db, who="me", sha256=difference(written, db).sha256)
    assert (taken.decided.changed, taken.splits) == (5, 1)
    assert write_annotations(written, db).rows == 4
    rows = get_many(db, [1, 2, 3, 4, 5])
    assert [row.class_name for row in rows] == ["mew", "abra", "mew", "abra", "Über"]
    assert [row.verdict for row in rows] == ["unreviewed", "reject", "unreviewed", "unreviewed", "unreviewed"]
    assert rows[1].reason == "line deleted in annotations.csv"
    assert [row.name for row in list_classes(db)] == ["abra", "mew", "Über"]
    assert not annotations_state(written, db).hand_edited
    assert written.annotations.read_text(encoding="utf-8").splitlines()[1:] == [
        "a.jpg,1,mew,train,", "c.jpg,1,mew,,", "d.jpg,0,abra,,", "e.jpg,2,Über,,",
    ]  # fmt: skip
    assert undo(db, who="me").changed == 5
    assert [row.class_name for row in get_many(db, [1, 2, 3, 4, 5])] == ["abra", "abra", "abra", "abra", "mew"]
    assert get_image(db, 2).verdict == "unreviewed"
    assert needs_writing(written, db)


def test_what_the_app_decided_since_is_no_difference(written: Workspace, db: Database) -> None:
    """Also images that came in after the last write: a line that never was is not a line deleted."""
    edit(written, ("a.jpg,0,abra", "a.jpg,0,mew"))
    decide(db, [Operation(2, "class", 1), Operation(3, "reject")], who="me")
    set_splits(db, {5: "val"})
    add_drawn(db, Drawn("later.jpg", 77))
    assert in_short(difference(written, db)) == {**NOTHING, "classes": [("a.jpg", "abra", "mew")]}


def test_without_the_written_copy_the_catalogue_is_compared_and_no_line_counts_as_deleted(
    written: Workspace, db: Database
) -> None:
    base_path(written).unlink()
    edit(written, ("a.jpg,0,abra", "a.jpg,1,mew"), ("b.jpg,0,abra,,\n", ""))
    assert in_short(difference(written, db)) == {**NOTHING, "classes": [("a.jpg", "abra", "mew")]}


def test_columns_that_are_gone_change_nothing(written: Workspace, db: Database) -> None:
    set_splits(db, {1: "train"})
    write_annotations(written, db)
    written.annotations.write_text("remark,img_name\nx,a.jpg\nx,b.jpg\nx,c.jpg\nx,e.jpg\n", encoding="utf-8")
    assert in_short(difference(written, db)) == NOTHING


def test_the_form_with_two_columns(written: Workspace, db: Database) -> None:
    written.annotations.write_text("img_name,pokemon_id\na.jpg,1\nb.jpg,0\nc.jpg,0\ne.jpg,1\n", encoding="utf-8")
    assert in_short(difference(written, db)) == {**NOTHING, "classes": [("a.jpg", "abra", "mew")]}


@pytest.mark.parametrize(
    ("replacement", "message"),
    [
        ("a.jpg,7,abra", "line 2: there is no class number 7"),
        ("a.jpg,0,a\x07b", "line 2: The class name"),
        (f"a.jpg,0,{'x' * 81}", "line 2: The class name"),
    ],
)
def test_classes_that_cannot_be_are_named_with_their_line(
    written: Workspace, db: Database, replacement: str, message: str
) -> None:
    edit(written, ("a.jpg,0,abra", replacement))
    for call in (lambda: difference(written, db), lambda: take_edit(written, db, who="me")):
        with pytest.raises(InputError, match=message):
            call()
    assert get_image(db, 1).class_name == "abra"
    assert annotations_state(written, db).hand_edited


def test_another_edit_since_it_was_looked_at_is_not_taken(written: Workspace, db: Database) -> None:
    edit(written, ("a.jpg,0,abra", "a.jpg,0,mew"))
    seen = difference(written, db).sha256
    edit(written, ("b.jpg,0,abra,,\n", ""))
    with pytest.raises(RefusedError, match="changed again"):
        take_edit(written, db, who="me", sha256=seen)
    assert get_image(db, 1).class_name == "abra"


def test_kinds_are_taken_each_by_itself_and_the_rest_is_left(written: Workspace, db: Database) -> None:
    edit(
        written,
        ("a.jpg,0,abra,,", "a.jpg,0,mew,train,"),
        ("b.jpg,0,abra,,\n", ""),
        ("c.jpg,0,abra", "c.jpg,0,Über"),
        ("e.jpg,1,mew,,\n", "e.jpg,1,mew,,\nd.jpg,0,abra,,\n"),
    )
    found = difference(written, db)
    parts = {kind: in_short(found.only([kind])) for kind in KINDS}
    said = {kind: [name for name in part if part[name] and name != "new"] for kind, part in parts.items()}
    assert said == {
        "classes": ["classes"], "new_classes": ["classes"], "splits": ["splits"], "removed": ["removed"],
        "restored": ["restored"],
    }  # fmt: skip
    taken = take_edit(written, db, who="me", sha256=found.sha256, kinds=["new_classes", "removed"])
    assert (taken.decided.changed, taken.splits) == (2, 0)
    write_annotations(written, db)
    assert written.annotations.read_text(encoding="utf-8").splitlines()[1:] == [
        "a.jpg,0,abra,,", "c.jpg,2,Über,,", "e.jpg,1,mew,,",
    ]  # fmt: skip


def test_an_edit_made_while_one_is_taken_is_not_overwritten(written: Workspace, db: Database) -> None:
    edit(written, ("a.jpg,0,abra", "a.jpg,0,mew"))
    seen = difference(written, db).sha256
    take_edit(written, db, who="me", sha256=seen)
    edit(written, ("b.jpg,0,abra", "b.jpg,0,mew"))
    assert annotations_state(written, db).hand_edited
    with pytest.raises(RefusedError, match="edited by hand"):
        write_annotations(written, db)
    assert in_short(difference(written, db)) == {**NOTHING, "classes": [("b.jpg", "abra", "mew")]}


def test_another_edit_since_it_was_looked_at_is_not_dropped(written: Workspace, db: Database) -> None:
    edit(written, ("a.jpg,0,abra", "a.jpg,0,mew"))
    seen = difference(written, db).sha256
    edit(written, ("b.jpg,0,abra,,\n", ""))
    with pytest.raises(RefusedError, match="changed again"):
        leave_edit(written, db, sha256=seen)
    assert annotations_state(written, db).hand_edited


def test_a_formula_is_a_name_like_any_other(written: Workspace, db: Database) -> None:
    edit(written, ("a.jpg,0,abra", "a.jpg,0,=1+1"))
    take_edit(written, db, who="me")
    write_annotations(written, db)
    assert "a.jpg,2,=1+1,," in written.annotations.read_text(encoding="utf-8")
