"""The score behind "most suspicious": what is unlike its class stands first, and it is said why."""

from core.catalog.classes import ensure_class
from core.catalog.images import add_images, image_table, list_ids, record_measured
from core.catalog.records import NewImage
from core.database import Database
from tests.catalog.rows import measured


def _add(db: Database, name: str, brightnesses: list[float], *, sharpness: float = 100.0) -> list[int]:
    row = ensure_class(db, name)
    images = []
    for at, brightness in enumerate(brightnesses):
        look = measured(at, width=64 + at % 5)
        object.__setattr__(look, "brightness", brightness)
        object.__setattr__(look, "sharpness", sharpness + at % 7)
        object.__setattr__(look, "border_white", 0.0)
        images.append(NewImage(f"{row.slug}/{at}.jpg", "x", row.class_id, look))
    return add_images(db, images)


def test_what_is_unlike_its_own_class_is_most_suspicious(db: Database) -> None:
    """A bright picture among dark ones is odd, though the other class is as bright."""
    night = _add(db, "night", [0.2 + 0.002 * (at % 9) for at in range(40)] + [0.8])
    _add(db, "day", [0.8 + 0.002 * (at % 9) for at in range(40)])

    first = list_ids(db, order="-suspicion")[1][0][0]

    assert first == night[-1]
    assert image_table(db, ["oddest"], f"id = {first}")["oddest"] == ["bright"]


def test_blur_is_told_within_the_set_whatever_its_sharpness_is(db: Database) -> None:
    ids = _add(db, "soft", [0.5] * 40, sharpness=3.0) + _add(db, "softer", [0.5], sharpness=0.05)

    assert [number for number, _ in list_ids(db, where="blur > 2.5")[1]] == ids[-1:]


def test_scores_follow_the_pictures(db: Database) -> None:
    ids = _add(db, "soft", [0.5] * 40)
    assert list_ids(db, where="odd_size > 3")[1] == []

    huge = measured(99, width=40_000)
    record_measured(db, [("soft/0.jpg", huge, None)])

    assert [number for number, _ in list_ids(db, where="odd_size > 3")[1]] == ids[:1]


def test_sets_without_pictures_and_pictures_without_measures_are_no_trouble(db: Database) -> None:
    assert list_ids(db, order="-suspicion")[1] == []

    row = ensure_class(db, "abra")
    add_images(db, [NewImage("abra/1.jpg", "x", row.class_id, None, error="torn")])

    assert [number for number, _ in list_ids(db, where="error is not empty", order="-suspicion")[1]] == [1]
