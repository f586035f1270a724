"""Dataset: classes are added from a pasted list, merged, deleted and put in order; undo stands beside it."""

from core.api.desk import Opened
from core.catalog.bin import bin_size
from core.catalog.class_changes import merge_classes
from core.catalog.classes import count_classes, list_classes
from tests.support.catalogue import fill_catalogue
from tests.ui.conftest import Visit
from ui.words import plain


def names(opened: Opened) -> list[str]:
    return [row.name for row in list_classes(opened.db)]


def test_a_pasted_list_of_151_makes_as_many_classes(visit: Visit, opened: Opened) -> None:
    app = visit("dataset")
    wished = [f"species {number}" for number in range(150)] + ["<img src=x onerror=alert(1)>"]

    app.text_area(key="classes.lines.0").set_value("\n".join([*wished, "", "species 3", "x" * 300])).run()
    assert app.button(key="dataset.add").label == "Add 151 classes"
    told = next(words.value for words in app.caption if words.value.startswith("2 lines left out"))
    assert f"Line 153, species 3: {plain('The same name as line 4.')}" in told
    app.button(key="dataset.add").click().run()

    assert names(opened) == wished
    assert app.toast[0].value.startswith("151 classes added; 2 lines left out, first line 153")


def test_nothing_to_add_is_a_sentence(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=3)
    app = visit("dataset")

    app.text_area(key="classes.lines.0").set_value("ABRA").run()
    app.button(key="dataset.add").click().run()
    assert "only in upper and lower case" in app.error[0].value
    app.checkbox(key="classes.twins.0").check().run()
    app.button(key="dataset.add").click().run()

    assert names(opened) == ["Abra", "Mew", "Onix", "ABRA"]


def test_merging_and_taking_it_back(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=9)
    app = visit("dataset")

    app.multiselect(key="classes.ending.0").set_value([0, 2]).run()
    assert any(words.value.startswith("6 pictures will move") for words in app.caption)
    app.button(key="dataset.merge").click().run()
    assert [(row.name, row.usable) for row in count_classes(opened.db)] == [("Mew", 9)]
    assert app.toast[0].value == "2 classes merged, 6 pictures moved"
    app.button(key="dataset.undo").click().run()

    assert app.toast[0].value == "Taken back: 6 pictures, 2 classes"
    assert names(opened) == ["Abra", "Mew", "Onix"]


def test_deleting_puts_the_pictures_into_the_bin_or_into_another_class(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=9)
    app = visit("dataset")

    app.button(key="dataset.delete").click().run()
    assert (names(opened), bin_size(opened.db).images) == (["Mew", "Onix"], 3)
    app.radio(key="classes.way.1").set_value("move to another class").run()
    app.button(key="dataset.delete").click().run()

    assert [(row.name, row.usable) for row in count_classes(opened.db)] == [("Onix", 6)]


def test_another_order_and_back(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=10)
    merge_classes(opened.db, [1], into=2, who="somebody")
    app = visit("dataset")

    app.button(key="dataset.order.pictures").click().run()
    assert names(opened) == ["Onix", "Abra"]
    app.selectbox(key="classes.moved.1").set_value(0).run()
    app.selectbox(key="classes.spot.1").set_value(2).run()
    app.button(key="dataset.move").click().run()
    assert names(opened) == ["Abra", "Onix"]
    app.button(key="dataset.undo").click().run()

    assert names(opened) == ["Onix", "Abra"]
