"""A kept copy takes over what it lacks from those it replaces, and undo takes that back."""

from core.catalog.decisions import decide, redo, undo
from core.catalog.images import get_image
from core.catalog.records import NewSource, Operation
from core.catalog.sources import find_licensed, find_origins, record_source
from core.database import Database
from core.duplicates.clusters import find_clusters, keep_one, resolve
from tests.duplicates.drawn import Drawn, add_drawn


def come_from(db: Database, image: int, name: str, *, licence: str | None = None) -> None:
    source = NewSource(f"http://pictures.example/{name}", "bing", "abra", 0, 0, author="Ada", licence=licence)
    record_source(db, source, outcome="added", image=image)


def origins(db: Database, image: int) -> list[tuple[str, str | None, bool]]:
    found = find_origins(db, [image]).get(image, [])
    return [(origin.file_url.rpartition("/")[2], origin.licence, origin.inherited) for origin in found]


def test_origin_and_licence_go_over_and_back(db: Database) -> None:
    large, small = add_drawn(db, Drawn("a.jpg", 5, width=128), Drawn("b.jpg", 5))
    come_from(db, small, "b.jpg")
    resolve(db, find_clusters(db, distance=6), who="me")
    assert origins(db, large) == [("b.jpg", None, True)]
    assert origins(db, small) == [("b.jpg", None, False)]
    undo(db, who="me")
    assert origins(db, large) == []
    redo(db, who="me")
    assert origins(db, large) == [("b.jpg", None, True)]


def test_an_origin_of_its_own_stays_and_gains_a_licence_at_most(db: Database) -> None:
    large, small, other = add_drawn(db, Drawn("a.jpg", 5, width=128), Drawn("b.jpg", 5), Drawn("c.jpg", 5))
    come_from(db, large, "a.jpg")
    come_from(db, small, "b.jpg", licence="CC0")
    come_from(db, other, "c.jpg")
    (cluster,) = find_clusters(db, distance=6)
    keep_one(db, cluster, large, who="me")
    assert origins(db, large) == [("a.jpg", None, False), ("b.jpg", "CC0", True)]


def test_a_licence_of_its_own_is_enough(db: Database) -> None:
    licensed, other = add_drawn(db, Drawn("a.jpg", 5), Drawn("b.jpg", 5))
    come_from(db, licensed, "a.jpg", licence="CC BY 4.0")
    come_from(db, other, "b.jpg", licence="CC0")
    (cluster,) = find_clusters(db, distance=6)
    keep_one(db, cluster, licensed, who="me")
    assert origins(db, licensed) == [("a.jpg", "CC BY 4.0", False)]


def test_what_was_inherited_is_passed_on(db: Database) -> None:
    middle, small = add_drawn(db, Drawn("b.jpg", 5, width=96), Drawn("c.jpg", 5))
    come_from(db, small, "c.jpg")
    resolve(db, find_clusters(db, distance=6), who="me")
    (large,) = add_drawn(db, Drawn("a.jpg", 5, width=128))
    resolve(db, find_clusters(db, distance=6), who="me")
    assert origins(db, large) == [("c.jpg", None, True)]
    assert get_image(db, middle).verdict == "reject"


def test_a_copy_that_nobody_looked_at_stays_as_the_kept_one_that_it_replaces(db: Database) -> None:
    large, small = add_drawn(db, Drawn("a.jpg", 5, width=128), Drawn("b.jpg", 5))
    decide(db, [Operation(small, "keep")], who="me")
    done = resolve(db, find_clusters(db, distance=6), who="me")
    assert (done.changed, done.rejected) == (2, 1)
    assert (get_image(db, large).verdict, get_image(db, small).verdict) == ("keep", "reject")
    undo(db, who="me")
    assert (get_image(db, large).verdict, get_image(db, small).verdict) == ("unreviewed", "keep")


def test_what_a_file_tells_of_itself_is_no_place_on_the_web(db: Database) -> None:
    """A photographer's name in the heir does not keep it from the page where the copy was found."""
    large, small = add_drawn(db, Drawn("a.jpg", 5, width=128, author="Ada"), Drawn("b.jpg", 5))
    come_from(db, small, "b.jpg")
    resolve(db, find_clusters(db, distance=6), who="me")
    assert origins(db, large) == [("a.jpg", None, False), ("b.jpg", None, True)]


def test_a_licence_in_the_file_goes_over_too(db: Database) -> None:
    large, small = add_drawn(db, Drawn("a.jpg", 5, width=128), Drawn("b.jpg", 5, author="Ada", licence="CC BY 4.0"))
    come_from(db, large, "a.jpg")
    assert find_licensed(db) == {small}
    resolve(db, find_clusters(db, distance=6), who="me")
    assert origins(db, large) == [("a.jpg", None, False), ("b.jpg", "CC BY 4.0", True)]
    assert find_licensed(db) == {large, small}
    undo(db, who="me")
    assert find_licensed(db) == {small}


def test_resolving_again_gives_nothing_away(db: Database) -> None:
    large, small = add_drawn(db, Drawn("a.jpg", 5, width=128), Drawn("b.jpg", 5))
    (cluster,) = find_clusters(db, distance=6)
    resolve(db, [cluster], who="me")
    come_from(db, small, "b.jpg")
    assert resolve(db, [cluster], who="me").batch == 0
    assert origins(db, large) == []
