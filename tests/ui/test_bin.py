"""The bin: one click from Clean, with what lies in it; restoring is a decision, emptying names count and bytes."""

import json

from streamlit.testing.v1 import AppTest

from core.api.desk import Opened
from core.catalog.bin import bin_size, mark_emptied
from core.catalog.class_changes import delete_class
from core.catalog.decisions import decide, history, undo
from core.catalog.images import get_image, list_images
from core.catalog.records import Operation
from tests.support.catalogue import fill_catalogue
from tests.support.waiting import until
from tests.ui.conftest import Visit
from ui.words import size


def shown(app: AppTest) -> str:
    """The filter that the gallery was handed."""
    payloads = [json.loads(part.proto.json) for part in app.get("bidi_component")]
    return next(str(payload["where"]) for payload in payloads if "where" in payload)


def reject(opened: Opened, images: list[int], reason: str | None = None) -> None:
    decide(opened.db, [Operation(number, "reject", reason=reason) for number in images], who="me")


def test_one_click_from_clean(visit: Visit, opened: Opened) -> None:
    images = fill_catalogue(opened.workspace, opened.db, images=9)
    reject(opened, images[:2])
    app = visit("clean")
    bytes_there = bin_size(opened.db).bytes

    assert app.button(key="clean.bin").label == f"Bin 2 · {size(bytes_there)}"
    app.button(key="clean.bin").click().run()

    assert (app.title[0].value, shown(app)) == ("Bin", "verdict = reject")
    assert app.button(key="bin.delete").label == f"Delete 2 pictures, {size(bytes_there)}"
    app.button(key="bin.back").click().run()
    assert app.title[0].value == "Clean"


def test_an_empty_bin_says_what_belongs_there(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=3)
    app = visit("clean", bin="1")

    assert any("The bin is empty" in words.value for words in app.markdown)
    app.button(key="bin.look").click().run()
    assert app.title[0].value == "Clean"


def test_what_one_reason_put_there_is_restored_and_that_is_undone(visit: Visit, opened: Opened) -> None:
    images = fill_catalogue(opened.workspace, opened.db, images=9)
    reject(opened, images[:4], "duplicate of abra/abra001.png")
    reject(opened, images[4:6])
    app = visit("clean", bin="1", why="duplicate")

    assert shown(app) == 'verdict = reject and ((reason ~ "duplicate of "))'
    app.button(key="bin.restore_all").click().run()

    assert bin_size(opened.db).images == 2
    assert {get_image(opened.db, number).verdict for number in images[:4]} == {"unreviewed"}
    assert undo(opened.db, who=history(opened.db)[0].who).changed == 4


def test_a_class_that_was_deleted_can_be_found_by_its_reason(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=9, classes=('a "b" <i>', "Mew"))
    delete_class(opened.db, 0, who="me")
    app = visit("clean", bin="1", why='class a "b" <i> deleted')

    assert list_images(opened.db, where=shown(app))[0] == 5


def test_emptying_is_a_job_that_deletes_the_files(visit: Visit, opened: Opened) -> None:
    images = fill_catalogue(opened.workspace, opened.db, images=9)
    reject(opened, images[:3])
    app = visit("clean", bin="1")

    app.button(key="bin.delete").click().run()

    assert app.toast[0].value == "Deleting 3 pictures"
    until(lambda: len(list(opened.workspace.images.rglob("*.png"))) == 6, seconds=60, what="the files to go")
    until(lambda: bin_size(opened.db).images == 0, what="the bin to be empty")


def test_an_emptying_that_was_interrupted_is_offered_again(visit: Visit, opened: Opened) -> None:
    images = fill_catalogue(opened.workspace, opened.db, images=9)
    reject(opened, images[:3])
    mark_emptied(opened.db, who="me")
    app = visit("clean", bin="1")

    assert any("3 files given up but not deleted yet" in words.value for words in app.markdown)
    app.button(key="bin.finish").click().run()
    until(lambda: len(list(opened.workspace.images.rglob("*.png"))) == 6, seconds=60, what="the files to go")
