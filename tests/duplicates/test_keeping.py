"""Which copy is to stay: an order of rules that a person may change, and never a matter of chance."""

from dataclasses import replace
from itertools import permutations

import pytest
from pydantic import ValidationError

from core.catalog.records import NewSource
from core.catalog.sources import find_licensed, record_source
from core.database import Database
from core.duplicates.candidates import Picture
from core.duplicates.clusters import find_clusters
from core.duplicates.keeping import best_copy
from core.jobs.reporter import SILENT
from core.verbs.call import work_on
from core.verbs.data import DATA_VERBS
from core.workspace import KEEP_ORDER, KeepRule, Settings, Workspace, read_settings, write_settings
from tests.duplicates.drawn import Drawn, add_drawn

PLAIN = Picture(
    image=1, path="a.jpg", sha256="a", phash=0, phash_mirror=0, width=64, height=64, bytes=1000, brightness=0.5,
    contrast=0.2, sharpness=10.0, class_id=0, class_name="abra", verdict="unreviewed", split=None, cluster=None,
    added=100.0,
)  # fmt: skip
BETTER = {
    "unrejected": (PLAIN, replace(PLAIN, verdict="reject")),
    "largest": (replace(PLAIN, width=65), PLAIN),
    "sharpest": (replace(PLAIN, sharpness=12.0), PLAIN),
    "least_compressed": (replace(PLAIN, bytes=1001), PLAIN),
    "licensed": (replace(PLAIN, image=7), PLAIN),
    "oldest": (PLAIN, PLAIN),
}


def first(rule: KeepRule) -> tuple[KeepRule, ...]:
    return (rule, *(other for other in KEEP_ORDER if other != rule))


@pytest.mark.parametrize("rule", KEEP_ORDER)
def test_each_rule_decides_where_it_stands_first(rule: KeepRule) -> None:
    better, worse = BETTER[rule]
    better, worse = replace(better, image=7), replace(worse, image=8 if rule == "oldest" else 3)
    assert best_copy([worse, better], order=first(rule), licensed={7}).image == 7


def test_the_order_decides_between_two_merits() -> None:
    large, sharp = replace(PLAIN, image=1, width=128), replace(PLAIN, image=2, sharpness=99.0)
    assert best_copy([large, sharp]) is large
    assert best_copy([large, sharp], order=first("sharpest")) is sharp


def test_compression_is_counted_by_the_pixel() -> None:
    small, large = replace(PLAIN, image=1, width=32, bytes=900), replace(PLAIN, image=2, bytes=1000)
    assert best_copy([small, large], order=first("least_compressed")) is small


def test_of_equals_the_first_stays_whatever_the_sequence() -> None:
    equals = [replace(PLAIN, image=number) for number in (3, 1, 2)]
    assert {best_copy(some).image for some in permutations(equals)} == {1}


def test_a_licence_counts_where_the_catalogue_knows_one(db: Database) -> None:
    first_image, second = add_drawn(db, Drawn("a.jpg", 5), Drawn("b.jpg", 5))
    source = NewSource("http://pictures.example/b.jpg", "bing", "abra", 0, 0, licence="CC BY 4.0")
    record_source(db, source, outcome="added", image=second)
    assert find_licensed(db) == {second}
    assert [cluster.keep for cluster in find_clusters(db, distance=6)] == [second]
    by_age = first("oldest")
    assert [cluster.keep for cluster in find_clusters(db, distance=6, order=by_age)] == [first_image]


def test_the_order_is_a_setting(workspace: Workspace) -> None:
    assert read_settings(workspace).keep_order == KEEP_ORDER
    order = ("unrejected", "oldest", "licensed", "largest", "sharpest", "least_compressed")
    write_settings(workspace, Settings(keep_order=order))
    assert read_settings(workspace).keep_order == order


def test_the_command_line_goes_by_it(workspace: Workspace, db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 5), Drawn("b.jpg", 5, width=128))
    changed = {"keep_order": ("unrejected", "oldest", "licensed", "largest", "sharpest", "least_compressed")}
    write_settings(workspace, Settings.model_validate(read_settings(workspace).model_dump() | changed))
    with work_on(workspace, environ={}, reporter=SILENT) as call:
        answer = DATA_VERBS["duplicates"].run(call, {})
    assert isinstance(answer, dict)
    assert [cluster["keep"] for cluster in answer["clusters"]] == ["a.jpg"]


@pytest.mark.parametrize("order", [(), KEEP_ORDER[:-1], (*KEEP_ORDER, "oldest"), KEEP_ORDER[::-1], ("best",)])
def test_an_order_that_cannot_be_is_refused(order: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"keep_order": order})


def test_a_second_saving_makes_no_picture_sharper() -> None:
    """A mirrored copy, saved once more, came out sharper by a hair."""
    first_one, mirrored = replace(PLAIN, image=1, sharpness=250.0), replace(PLAIN, image=2, sharpness=251.0)
    assert best_copy([mirrored, first_one], order=first("sharpest")) is first_one


@pytest.mark.parametrize("rule", ["largest", "sharpest", "least_compressed"])
def test_a_page_is_no_better_than_the_picture_in_it(rule: KeepRule) -> None:
    """It has more pixels, sharper lines and more bytes; but most of that is not the picture."""
    page = replace(PLAIN, image=1, width=90, height=90, bytes=9000, sharpness=900.0)
    picture = replace(PLAIN, image=2)
    share = 64 * 64 / (90 * 90)
    assert best_copy([page, picture], order=first(rule)) is page
    assert best_copy([page, picture], order=first(rule), pages={1: share}) is picture


def test_a_page_with_far_more_of_the_picture_is_kept() -> None:
    page, small = replace(PLAIN, image=1, width=900, height=900), PLAIN
    assert best_copy([page, replace(small, image=2)], pages={1: 0.5}) is page
