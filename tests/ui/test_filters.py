"""What the chips of the Clean page say is understood by the catalogue, whatever the classes are called."""

import pytest

from core.api.desk import Opened
from core.catalog.columns import RUN
from core.catalog.filters import order_columns, parse_filter
from core.catalog.images import list_images
from tests.support.catalogue import fill_catalogue
from ui.filters import CONDITIONS, ORDERS, RUN_ORDERS, VERDICTS, expression, label


def test_nothing_chosen_lets_everything_through() -> None:
    assert expression({}) == ""


def test_groups_join_by_and_their_choices_by_or() -> None:
    choice = {"class": ["abra"], "verdict": ["keep"], "quality": ["dark", "white"], "split": ["val", "none"]}

    assert expression(choice, "width > 9 or height > 9") == (
        'class in ("abra") and verdict in (keep) and split in ("val", none) '
        "and (brightness < 0.15 or border_white > 0.9) and (width > 9 or height > 9)"
    )


def test_what_a_run_answered_counts_with_the_run_alone() -> None:
    choice = {"truth": ["abra"], "predicted": ["mew"], "run_split": ["test"]}

    assert expression(choice) == ""
    assert expression(choice | {RUN: ["r1"]}) == (
        'run = "r1" and truth in ("abra") and predicted in ("mew") and run_split in (test)'
    )


@pytest.mark.parametrize("name", ['say "hi"', "back\\slash", "a, b)", "<script>", "=1+1", "ünï", "none", "or"])
def test_any_class_name_is_found_by_its_chip(opened: Opened, name: str) -> None:
    fill_catalogue(opened.workspace, opened.db, images=4, classes=("other", name))

    total, rows = list_images(opened.db, where=expression({"class": [name]}))

    assert (total, {row.class_name for row in rows}) == (2, {name})


def test_every_chip_and_order_is_understood() -> None:
    everything = {group: list(options) for group, options in CONDITIONS.items()}
    parse_filter(expression(everything | {"verdict": list(VERDICTS), RUN: ["r"]}))
    for order in (*ORDERS, *RUN_ORDERS):
        order_columns(order)


def test_a_chip_says_what_is_chosen() -> None:
    assert [label("Class", words) for words in ([], ["abra"], ["abra", "mew", "onix"])] == ["Class", "abra", "abra +2"]
