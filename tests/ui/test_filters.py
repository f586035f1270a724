"""What the chips of the Clean page say is understood by the catalogue, whatever the classes are called."""

import pytest

from core.api.desk import Opened
from core.catalog.filters import order_by, parse_filter
from core.catalog.images import list_images
from tests.support.catalogue import fill_catalogue
from ui.filters import ORDERS, QUALITIES, VERDICTS, expression


def test_nothing_chosen_lets_everything_through() -> None:
    assert expression([], []) == ""


def test_chips_and_further_conditions_join() -> None:
    assert expression(["abra"], ["keep"], qualities=["dark"], further="width > 9 or height > 9") == (
        'class in ("abra") and verdict in (keep) and (brightness < 0.2) and (width > 9 or height > 9)'
    )


@pytest.mark.parametrize("name", ['say "hi"', "back\\slash", "a, b)", "<script>", "=1+1", "ünï", "none"])
def test_any_class_name_is_found_by_its_chip(opened: Opened, name: str) -> None:
    fill_catalogue(opened.workspace, opened.db, images=4, classes=("other", name))

    total, rows = list_images(opened.db, where=expression([name], []))

    assert (total, {row.class_name for row in rows}) == (2, {name})


def test_every_chip_and_order_is_understood() -> None:
    parse_filter(expression(["abra"], list(VERDICTS), qualities=list(QUALITIES)))
    for order in ORDERS:
        order_by(order)
