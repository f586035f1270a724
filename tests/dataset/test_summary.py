"""What the Dataset page says of the classes and warns of."""

from core.catalog.classes import ensure_class
from core.catalog.decisions import decide
from core.catalog.images import add_images, mark_missing, set_splits
from core.catalog.records import NewImage, Operation
from core.database import Database
from core.dataset.annotations import write_annotations
from core.dataset.split import leakage, make_split
from core.dataset.summary import Check, class_table, dataset_checks
from core.duplicates.clusters import update_clusters
from core.workspace import Workspace
from tests.dataset.test_split import lonely
from tests.duplicates.drawn import Drawn, add_drawn


def test_the_class_table_flags_thin_classes(db: Database) -> None:
    add_drawn(db, *lonely(20, "abra"), *lonely(15, "mew"))
    decide(db, [Operation(21, "reject")], who="me")
    table = class_table(db, minimum=15)
    assert [(row.counts.name, row.images, row.below_minimum) for row in table] == [
        ("abra", 20, False), ("mew", 14, True),
    ]  # fmt: skip


def test_an_empty_dataset_says_so(workspace: Workspace, db: Database) -> None:
    assert dataset_checks(workspace, db, leaks=leakage(db)) == [
        Check("warning", "There is no picture yet; collect or import some.")
    ]


def test_a_sound_dataset(workspace: Workspace, db: Database) -> None:
    ids = add_drawn(db, *lonely(40, "abra"), *lonely(40, "mew"))
    decide(db, [Operation(image, "keep") for image in ids], who="me")
    make_split(db)
    write_annotations(workspace, db)
    assert dataset_checks(workspace, db, leaks=leakage(db)) == [
        Check("good", "Each class has at least 15 pictures."),
        Check("good", "No copies wait for a decision."),
        Check("good", "No test picture has a near twin in train; a split by lot would have 0."),
    ]


def test_a_class_without_a_picture_is_below_the_minimum(workspace: Workspace, db: Database) -> None:
    add_drawn(db, *lonely(40, "abra"), *lonely(40, "mew"))
    ensure_class(db, "onix")

    checks = dataset_checks(workspace, db, leaks=leakage(db))

    assert checks[0] == Check("warning", "onix (0) is below the minimum of 15 pictures; collect more.")
    assert [check for check in checks if "at least" in check.message or "largest" in check.message] == []


def test_everything_that_is_wrong_is_said_worst_first(workspace: Workspace, db: Database) -> None:
    add_drawn(db, *lonely(60, "abra"), *lonely(6, "mew"))
    write_annotations(workspace, db)
    workspace.annotations.write_text("img_name\n", encoding="utf-8")
    add_drawn(
        db,
        Drawn("x1.jpg", 0x0F0F), Drawn("x2.jpg", 0x0F0F, "mew"),
        Drawn("y1.jpg", 0xFFFF00FF00FF0F0F), Drawn("y2.jpg", 0xFFFF00FF00FF0F0F),
    )  # fmt: skip
    add_images(db, [NewImage("broken.jpg", "/from/broken.jpg", 0, None, "truncated JPEG")])
    mark_missing(db, ["abra/0000.jpg"], True)
    set_splits(db, {**{number: "train" for number in range(2, 66)}, 67: "train", 68: "test", 69: "train"})
    update_clusters(db, distance=6)
    assert dataset_checks(workspace, db, leaks=leakage(db)) == [
        Check("warning", "mew (7) is below the minimum of 15 pictures; collect more."),
        Check("warning", "Copies stand in two classes in 1 cluster; decide on the Duplicates page."),
        Check("warning", "2 pictures are in no part of the split; split again."),
        Check("warning", "abra is without a picture in test; split again."),
        Check("warning", "1 test picture has a near twin in train (a split by lot would have 0); split again."),
        Check(
            "warning", "annotations.csv was edited by hand; take its differences or leave them before it is written."
        ),
        Check("warning", "1 file is gone from data/images; put back what you still need."),
        Check("note", "69 pictures are not looked at yet, which counts as kept."),
        Check("note", "Copies wait in 1 cluster; resolve them on the Duplicates page."),
        Check("note", "1 file is no readable picture and is left out."),
    ]
