"""A hand edit of annotations.csv on the pages: described kind by kind, taken or left, undone in one step."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.api.desk import Opened
from core.catalog.classes import count_classes
from core.catalog.decisions import decide, undo
from core.catalog.images import get_by_path
from core.catalog.records import Operation
from core.dataset.annotations import annotations_state, write_annotations
from tests.support.catalogue import fill_catalogue
from tests.ui.conftest import Visit


@pytest.fixture
def edited(opened: Opened) -> Path:
    """A written file of twelve pictures with a line of each kind: see `KINDS_SAID`."""
    fill_catalogue(opened.workspace, opened.db, images=12)
    decide(opened.db, [Operation(12, "reject")], who="me")
    write_annotations(opened.workspace, opened.db)
    path = opened.workspace.annotations
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = "abra/abra001.png,0,Mew,,"
    lines[2] = "abra/abra002.png,0,Ditto,,"
    lines[3] = "abra/abra003.png,0,Abra,train,"
    del lines[4]
    lines += ["onix/onix004.png,2,Onix,,", "nobody.png,0,Abra,,"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


KINDS_SAID = {
    "classes": "1 picture gets another class",
    "new_classes": "1 picture goes into a new class\\: Ditto",
    "splits": "1 picture changes its part of the split",
    "removed": "1 picture has no line any more and is rejected",
    "restored": "1 picture was rejected and is back",
}


def _said(app: AppTest) -> str:
    return "\n".join(words.value for words in (*app.main.markdown, *app.main.caption))


def test_every_kind_is_said_and_shown(visit: Visit, opened: Opened, edited: Path) -> None:
    app = visit("dataset")
    assert "annotations.csv was changed by hand" in _said(app)
    assert {kind: app.checkbox(key=f"edit.{kind}").label for kind in KINDS_SAID} == KINDS_SAID
    assert "1 line names no picture of ours and is left out." in _said(app)
    table = next(frame.value for frame in app.dataframe if "What" in frame.value.columns)
    assert list(table["What"]) == ["class", "new class", "split", "line is gone", "line is back", "no such picture"]
    assert not app.exception


def test_clean_says_it_in_a_line(visit: Visit, opened: Opened, edited: Path) -> None:
    app = visit("clean")
    assert "annotations.csv was changed by hand" in _said(app)
    assert app.button(key="edit.see").label == "See the changes"
    assert not any(box.key and box.key.startswith("edit.") for box in app.checkbox)


def test_all_of_it_is_taken_and_undone_in_one_step(visit: Visit, opened: Opened, edited: Path) -> None:
    visit("dataset").button(key="edit.take").click().run()
    assert [get_by_path(opened.db, f"abra/abra00{number}.png").class_name for number in (1, 2)] == ["Mew", "Ditto"]
    assert get_by_path(opened.db, "abra/abra003.png").split == "train"
    assert get_by_path(opened.db, "abra/abra004.png").verdict == "reject"
    assert get_by_path(opened.db, "onix/onix004.png").verdict == "unreviewed"
    state = annotations_state(opened.workspace, opened.db)
    assert (state.hand_edited, state.stale, state.rows) == (False, False, 11)
    assert undo(opened.db, who="me").changed == 4
    assert get_by_path(opened.db, "abra/abra002.png").class_name == "Abra"


def test_what_is_not_ticked_is_left(visit: Visit, opened: Opened, edited: Path) -> None:
    app = visit("dataset")
    for kind in ("new_classes", "removed", "splits"):
        app.checkbox(key=f"edit.{kind}").uncheck()
    app.run()
    app.button(key="edit.take").click().run()
    assert [get_by_path(opened.db, f"abra/abra00{number}.png").class_name for number in (1, 2)] == ["Mew", "Abra"]
    assert get_by_path(opened.db, "abra/abra003.png").split is None
    assert get_by_path(opened.db, "abra/abra004.png").verdict == "unreviewed"
    assert "Ditto" not in {row.name for row in count_classes(opened.db)}
    assert not annotations_state(opened.workspace, opened.db).hand_edited


def test_with_nothing_ticked_there_is_nothing_to_take(visit: Visit, opened: Opened, edited: Path) -> None:
    app = visit("dataset")
    for kind in KINDS_SAID:
        app.checkbox(key=f"edit.{kind}").uncheck()
    app.run()
    assert app.button(key="edit.take").disabled


def test_it_is_left(visit: Visit, opened: Opened, edited: Path) -> None:
    visit("dataset").button(key="edit.leave").click().run()
    assert len(edited.read_text(encoding="utf-8").splitlines()) == 12
    assert "Ditto" not in edited.read_text(encoding="utf-8")
    assert get_by_path(opened.db, "abra/abra001.png").class_name == "Abra"


def test_an_edit_after_the_page_was_drawn_is_neither_taken_nor_lost(visit: Visit, opened: Opened, edited: Path) -> None:
    for key in ("edit.take", "edit.leave"):
        app = visit("dataset")
        text = edited.read_text(encoding="utf-8").replace("abra/abra001.png,0,Mew", "abra/abra001.png,0,Onix")
        edited.write_text(text + "\n", encoding="utf-8")
        app.button(key=key).click().run()
        assert any("has changed again" in error.value for error in app.error)
        assert get_by_path(opened.db, "abra/abra001.png").class_name == "Abra"
        assert annotations_state(opened.workspace, opened.db).hand_edited


def test_a_file_that_cannot_be_read_is_named_with_its_line(visit: Visit, opened: Opened, edited: Path) -> None:
    app = visit("dataset")
    edited.write_text("img_name,class_id\nabra/abra001.png,![](http://two)\n", encoding="utf-8")
    app.run()
    said = [error.value.replace("\\", "") for error in app.error]
    assert len(said) == 1
    assert "line 2: the class number is '![](http" in said[0]
    assert "![" not in app.error[0].value
    edited.write_text("img_name,class_id\nabra/abra001.png,1\n", encoding="utf-8")
    app.button(key="edit.again").click().run()
    assert app.checkbox(key="edit.classes").label == "1 picture gets another class"


def test_the_same_content_in_another_form_is_written_anew(visit: Visit, opened: Opened, edited: Path) -> None:
    write_again = edited.read_text(encoding="utf-8")
    visit("dataset").button(key="edit.leave").click().run()
    written = edited.read_bytes()
    assert written.decode() != write_again
    edited.write_bytes(written.replace(b",", b";").replace(b"\n", b"\r\n"))
    app = visit("dataset")
    assert "Nothing is different" in _said(app)
    app.button(key="edit.leave").click().run()
    assert edited.read_bytes() == written
