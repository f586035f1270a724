"""Dataset: classes are named and added in place, the split keeps copies together, a hand edit is offered."""

from core.api.desk import Opened
from core.catalog.images import image_table
from core.catalog.records import ClassCounts
from tests.support.catalogue import fill_catalogue
from tests.ui.conftest import Visit
from tests.ui.copies import plant_copy
from ui.classes import class_frame


def test_one_click_splits_and_copies_stay_together(visit: Visit, opened: Opened) -> None:
    images = fill_catalogue(opened.workspace, opened.db, images=60)
    copies = {image: plant_copy(opened.db, image, bits=1) for image in images[:12]}
    app = visit("dataset")

    app.button(key="dataset.split_now").click().run()

    table = image_table(opened.db, ["id", "split"])
    parts = dict(zip(table["id"], table["split"], strict=True))
    assert set(parts.values()) == {"train", "val", "test"}
    assert [parts[image] for image in copies] == [parts[copy] for copy in copies.values()]
    assert any(words.value.startswith("Leaks 0 (split by chance:") for words in app.caption)
    assert app.button(key="dataset.train_model").label == "Train a model"


def test_shares_that_are_not_a_hundred_are_a_sentence(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=12)
    app = visit("dataset")

    app.number_input(key="dataset.train").set_value(90).run()
    app.button(key="dataset.split_now").click().run()

    assert len(app.error) == 1
    assert set(image_table(opened.db, ["split"])["split"]) == {None}


def test_thin_classes_are_flagged() -> None:
    counts = count_classes_of(("abra", 15), ("mew", 14))

    assert list(class_frame(counts, 15)["note"]) == ["", "1 short"]


def count_classes_of(*usable: tuple[str, int]) -> list[ClassCounts]:
    return [
        ClassCounts(number, name, kept=kept, unreviewed=0, rejected=0, train=0, val=0, test=0)
        for number, (name, kept) in enumerate(usable)
    ]
