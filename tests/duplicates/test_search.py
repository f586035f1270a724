"""The search that a server keeps: always what a search from nothing would find, and it says when it needs time."""

import threading

import pytest

from core.catalog.class_changes import rename_class
from core.catalog.clusters import count_open_clusters
from core.catalog.decisions import decide, mark_different, undo
from core.catalog.hashes import adopt_hash_mode
from core.catalog.images import get_many, mark_missing
from core.catalog.records import Operation
from core.database import Database
from core.duplicates.clusters import find_clusters
from core.duplicates.kin import Kin, find_kin
from core.duplicates.search import CopySearch
from core.errors import RefusedError
from core.images.scan import scan
from core.workspace import KEEP_ORDER, Workspace
from tests.duplicates.drawn import Drawn, add_drawn
from tests.duplicates.test_kin import cropped, large
from tests.duplicates.test_looks import put
from tests.support.waiting import until

A, B, C = 0x0123456789ABCDEF, 0xFEDCBA9876543210 ^ 0xFFFF, 0x00FF00FF00FF00FF


@pytest.fixture
def filled(db: Database) -> Database:
    """Two groups and a picture alone."""
    add_drawn(
        db,
        *(Drawn(f"a/{number}.jpg", A ^ number) for number in range(3)),
        *(Drawn(f"b/{number}.jpg", B ^ number << 4) for number in range(2)),
        Drawn("c/0.jpg", C),
    )
    return db


def _finds_all(search: CopySearch, db: Database) -> None:
    for distance in (0, 3, 6, 10):
        assert search.clusters(distance, order=KEEP_ORDER) == find_clusters(db, distance=distance)


def test_it_finds_what_a_search_from_nothing_finds_whatever_happens_between(filled: Database) -> None:
    search = CopySearch(filled)
    _finds_all(search, filled)
    decide(filled, [Operation(1, "reject")], who="me")
    _finds_all(search, filled)
    mark_different(filled, [(4, 5)], who="me")
    _finds_all(search, filled)
    undo(filled, who="me")
    add_drawn(filled, Drawn("c/1.jpg", C ^ 1))
    _finds_all(search, filled)
    mark_missing(filled, ["a/2.jpg"], True)
    _finds_all(search, filled)
    rename_class(filled, get_many(filled, [1])[0].class_id, "another name", who="me")
    _finds_all(search, filled)
    adopt_hash_mode(filled, "fast")
    assert search.clusters(6, order=KEEP_ORDER) == []


def test_few_pictures_are_always_ready(filled: Database) -> None:
    assert CopySearch(filled).ready(16)


def test_many_pictures_are_ready_once_they_were_searched_and_until_one_comes(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.duplicates.search._FEW", 2)
    search = CopySearch(filled)
    assert not search.ready(6)
    search.ask(6)
    until(lambda: search.ready(6) and search.ready(0) and search.ready(8), seconds=30, what="the search")
    assert not search.ready(9)
    decide(filled, [Operation(1, "reject")], who="me")
    assert search.ready(6)
    add_drawn(filled, Drawn("c/1.jpg", C ^ 1))
    assert not search.ready(6)
    search.ask(6)
    search.ask(9)
    until(lambda: search.ready(6) and search.ready(9), seconds=30, what="both searches")
    search.close()
    _finds_all(search, filled)


def test_near_copies_of_many_pictures_do_not_wait_for_crops(
    workspace: Workspace, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.duplicates.search._FEW", 2)
    may_search = threading.Event()

    def later(database: Database, previous: Kin | None = None) -> Kin:
        assert may_search.wait(30)
        return find_kin(database, previous)

    monkeypatch.setattr("core.duplicates.search.find_kin", later)
    for name, picture in {"1": large(1), "1-part": cropped(large(1)), "2": large(2), "2-again": large(2)}.items():
        put(workspace, f"a/{name}.png", picture)
    scan(workspace, db)
    search = CopySearch(db)
    search.ask(6)
    until(lambda: search.near_ready(6), seconds=30, what="the near copies")
    assert not search.ready(6)
    assert [len(cluster.members) for cluster in search.clusters(6, order=KEEP_ORDER)] == [2]
    may_search.set()
    until(lambda: search.ready(6), seconds=30, what="the crops")
    assert search.clusters(6, order=KEEP_ORDER) == find_clusters(db, distance=6)
    assert len(search.clusters(6, order=KEEP_ORDER)) == 2
    search.close()
    again = CopySearch(db)
    assert len(again.clusters(6, order=KEEP_ORDER)) == 2, "what was found outlives the server"


def test_pairs_alone_are_ready_before_their_groups(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.duplicates.search._FEW", 2)
    search = CopySearch(filled)
    search.ask_pairs(16)
    until(lambda: search.pairs_ready(16), seconds=30, what="the pairs")
    assert not search.near_ready(16)
    search.close()


@pytest.mark.parametrize("kind", [RefusedError, MemoryError])
def test_a_search_that_is_refused_counts_as_ready_and_says_why(
    filled: Database, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise kind("too many")

    monkeypatch.setattr("core.duplicates.search._FEW", 2)
    monkeypatch.setattr("core.duplicates.search.prepare", refuse)
    search = CopySearch(filled)
    search.ask(6)
    until(lambda: search.ready(6), seconds=30, what="the refusal")
    with pytest.raises(kind, match="too many"):
        search.clusters(6, order=KEEP_ORDER)


def test_the_clusters_are_numbered_as_the_search_of_a_shell_does(filled: Database) -> None:
    CopySearch(filled).number_clusters(6)
    assert [row.cluster for row in get_many(filled, range(1, 7))] == [1, 1, 1, 4, 4, None]


def test_the_clusters_of_many_pictures_are_numbered_a_moment_later(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.duplicates.search._FEW", 2)
    search = CopySearch(filled)
    search.number_clusters(6)
    until(lambda: count_open_clusters(filled).all == 2, seconds=30, what="the numbers")
    search.close()
