"""Duplicates: new pictures like rejected or deleted ones are told apart, and answered one way or the other."""

from streamlit.testing.v1 import AppTest

from core.api.desk import Opened
from core.catalog.decisions import decide
from core.catalog.images import get_image, get_many
from core.catalog.records import Operation
from core.images.bin import empty_bin
from core.workspace import read_settings
from tests.support.catalogue import fill_catalogue
from tests.ui.conftest import Visit
from tests.ui.copies import plant_copy


def _planted(opened: Opened) -> tuple[int, int]:
    """New copies of a rejected picture, 1, and of a deleted one, 2; beside them two open copies of 3."""
    fill_catalogue(opened.workspace, opened.db, images=12)
    decide(opened.db, [Operation(2, "reject", reason="watermark")], who="ann")
    empty_bin(opened.workspace, opened.db, who="ann")
    decide(opened.db, [Operation(1, "reject", reason="blurred")], who="ann")
    plant_copy(opened.db, 3)
    return plant_copy(opened.db, 1, bits=2), plant_copy(opened.db, 2, bits=2)


def _verdicts(opened: Opened, *images: int) -> list[str]:
    return [row.verdict for row in get_many(opened.db, images)]


def _titles(app: AppTest) -> list[str]:
    return [words.value for words in app.main.markdown if words.value.startswith("**")]


def test_they_come_first_with_a_kind_of_their_own_and_the_reason(visit: Visit, opened: Opened) -> None:
    _planted(opened)

    app = visit("duplicates")

    assert app.caption[0].value == "1 group of copies open, 1 picture would go; 2 new pictures like rejected ones"
    assert ["Looks like a rejected picture" in title for title in _titles(app)] == [True, True, False]
    assert app.button(key="duplicates.resolve").label == "Resolve 1 group"
    lines = [words.value for words in app.main.caption]
    assert len([line for line in lines if line.startswith(("blurred", "watermark")) and "by ann" in line]) == 2
    squares = [block.proto.body for block in app.main.get("html") if "specimen-picture" in block.proto.body]
    assert len([square for square in squares if "Deleted on" in square and "<img" not in square]) == 1


def test_one_is_rejected_too_and_the_row_stays(visit: Visit, opened: Opened) -> None:
    one, other = _planted(opened)
    app = visit("duplicates")

    app.button(key=f"none.{one}-1").click().run()

    assert _verdicts(opened, one, other) == ["reject", "unreviewed"]
    assert get_image(opened.db, one).reason == "looks like one rejected before: blurred"
    assert "rejected too" in _titles(app)[0]

    app.button(key=f"reopen.{one}-1").click().run()
    assert _verdicts(opened, one, 1) == ["unreviewed", "reject"]


def test_one_is_kept_after_all_and_not_asked_about_again(visit: Visit, opened: Opened) -> None:
    one, other = _planted(opened)
    app = visit("duplicates", kind="rejected")

    app.button(key=f"keep.{other}-2.{other}").click().run()

    assert _verdicts(opened, one, other) == ["unreviewed", "keep"]
    assert "kept" in _titles(app)[1]
    again = visit("duplicates", kind="rejected")
    assert [str(button.key) for button in again.main.button if str(button.key).startswith("none.")] == [f"none.{one}-1"]


def test_all_of_the_kind_go_at_once_and_come_back(visit: Visit, opened: Opened) -> None:
    one, other = _planted(opened)
    app = visit("duplicates", kind="rejected")
    assert app.button(key="duplicates.again").label == "Reject 2 pictures"

    app.button(key="duplicates.again").click().run()
    assert _verdicts(opened, one, other, 3, 13) == ["reject", "reject", "unreviewed", "unreviewed"]
    assert app.button(key="duplicates.again").disabled

    app.button(key="duplicates.undo").click().run()
    assert _verdicts(opened, one, other) == ["unreviewed", "unreviewed"]
    assert app.button(key="duplicates.again").label == "Reject 2 pictures"


def test_resolving_all_leaves_them_for_a_person(visit: Visit, opened: Opened) -> None:
    one, other = _planted(opened)
    app = visit("duplicates")

    app.button(key="duplicates.resolve").click().run()

    assert _verdicts(opened, one, other, 3, 13) == ["unreviewed", "unreviewed", "unreviewed", "reject"]


def test_what_is_deleted_is_never_numbered_among_the_copies(opened: Opened) -> None:
    _, other = _planted(opened)
    opened.copies.number_clusters(read_settings(opened.workspace).duplicate_distance)

    assert [row.cluster for row in get_many(opened.db, [2, other, 3, 13])] == [None, None, 3, 3]
