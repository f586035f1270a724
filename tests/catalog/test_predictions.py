"""What a run answered can be asked for beside everything else, and what it is judged by is what it was told."""

import math

from core.catalog.classes import list_classes
from core.catalog.counting import count_each, count_values
from core.catalog.decisions import decide
from core.catalog.images import image_table, list_ids
from core.catalog.predictions import Prediction, keep_predictions, known_stamp
from core.catalog.records import Operation
from core.database import Database

ROWS = [
    Prediction("abra/abra001.jpg", "abra", "mew", 0.9, 0.1, "train"),
    Prediction("abra/abra002.jpg", "abra", "abra", 0.7, 0.7, "train"),
    Prediction("abra/abra003.jpg", "abra", "mew", 0.55, 0.3, "test"),
    Prediction("mew/mew001.jpg", "mew", "mew", 0.8, 0.8, "train"),
    Prediction("gone/gone001.jpg", "mew", "mew", 0.8, 0.8, "train"),
]


def _found(database: Database, where: str, order: str = "id") -> list[int]:
    return [number for number, _ in list_ids(database, where=f"run = r1 and ({where})", order=order)[1]]


def test_answers_are_filtered_and_ordered(database: Database) -> None:
    kept = keep_predictions(database, "r1", ROWS, stamp="s1")

    assert (kept, known_stamp(database, "r1"), known_stamp(database, "r2")) == (4, "s1", None)
    assert _found(database, "wrong") == [1, 3]
    assert _found(database, "not wrong") == [2, 4]
    assert _found(database, "wrong and run_split in (val, test)") == [3]
    assert _found(database, "truth = abra and predicted = mew and run_split = train") == [1]
    assert _found(database, "probability < .6 or class = mew") == [3, 4]
    assert _found(database, "width > 0", "-loss") == [1, 3, 2, 4]
    assert [number for number, _ in list_ids(database, where="run != r1")[1]] == [5]
    assert image_table(database, ["loss"], "run = r1 and id = 1")["loss"] == [-math.log(0.1)]


def test_an_empty_answer_is_none_at_all(database: Database) -> None:
    keep_predictions(database, "r1", ROWS, stamp="s1")

    assert [number for number, _ in list_ids(database, where="run = r1 or probability is empty")[1]] == [1, 2, 3, 4, 5]
    assert [number for number, _ in list_ids(database, where="run != r1 and not wrong")[1]] == [5]


def test_a_class_is_doubted_until_it_is_what_the_run_says(database: Database) -> None:
    """Mew is given 0.8 on average to its own training pictures: 0.9 on the first abra is as sure, 0.55 is not."""
    keep_predictions(database, "r1", ROWS, stamp="s1")
    assert _found(database, "disputed") == [1]

    mew = next(row.class_id for row in list_classes(database) if row.name == "mew")
    decide(database, [Operation(1, "class", class_id=mew)], who="test")

    assert (_found(database, "disputed"), _found(database, "wrong")) == ([], [1, 3])


def test_a_newer_file_replaces_the_older_answers(database: Database) -> None:
    keep_predictions(database, "r1", ROWS, stamp="s1")
    keep_predictions(database, "r2", ROWS[:1], stamp="other")
    keep_predictions(database, "r1", ROWS[1:2], stamp="s2")

    assert (_found(database, "width > 0"), known_stamp(database, "r1")) == ([2], "s2")
    assert [number for number, _ in list_ids(database, where="run = r2")[1]] == [1]


def test_chips_are_counted_in_one_pass(database: Database) -> None:
    keep_predictions(database, "r1", ROWS, stamp="s1")
    options = {"wrong": "wrong", "abra": "class = abra", "narrow": "width < 10", "none": "cluster is empty"}

    assert count_each(database, options, where="run = r1") == {"wrong": 2, "abra": 3, "narrow": 0, "none": 4}
    assert count_each(database, {}) == {}
    assert count_values(database, "class") == {"abra": 3, "mew": 2}
    assert count_values(database, "predicted", where="run = r1") == {"mew": 3, "abra": 1}
    assert count_values(database, "split") == {"": 5}
