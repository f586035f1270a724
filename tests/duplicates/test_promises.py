"""What holds of any catalogue: conflicts wait for a person, ties fall the same way, ids stay with their members."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.decisions import decide, undo
from core.catalog.images import list_images
from core.catalog.records import Action, Operation, Verdict
from core.catalog.store import open_catalog
from core.database import Database
from core.duplicates.candidates import prepare
from core.duplicates.clusters import Cluster, find_clusters, resolve
from core.duplicates.keeping import best_copy
from core.workspace import KEEP_ORDER, open_workspace
from tests.duplicates.drawn import Drawn, add_drawn, mirror_of
from tests.duplicates.test_keeping import PLAIN

ACTIONS: tuple[Action, ...] = ("keep", "reject", "unreview")
VERDICTS: tuple[Verdict, ...] = ("unreviewed", "keep", "reject")
ANCESTORS = (0x0123456789ABCDEF, 0xF0F0F0F00F0F0F0F, 0x00FF00FF33CC33CC, 0xAAAA5555AAAA0000)


@dataclass(frozen=True)
class Catalogue:
    pictures: tuple[Drawn, ...]
    rejected: frozenset[int]
    """Places of those that were rejected before."""


@st.composite
def catalogues(draw: st.DrawFn, *, least: int = 2) -> Catalogue:
    """Families of near hashes in up to three classes, many of them equal in every merit."""
    count = draw(st.integers(least, 14))
    pictures = []
    for number in range(count):
        phash = draw(st.sampled_from(ANCESTORS)) ^ draw(st.sampled_from((0, 0, 1, 3, 1 << 40, 0xFF)))
        pictures.append(
            Drawn(
                f"{number:02}.jpg",
                phash,
                mirror=mirror_of(phash),
                class_name=draw(st.sampled_from(("abra", "abra", "mew", "onix"))),
                content=draw(st.sampled_from((f"own {number}", f"own {number}", "shared"))),
                width=draw(st.sampled_from((64, 64, 128))),
                sharpness=draw(st.sampled_from((10.0, 10.0, 12.0))),
            )
        )
    rejected = draw(st.frozensets(st.integers(0, count - 1), max_size=count // 3))
    return Catalogue(tuple(pictures), rejected)


@contextlib.contextmanager
def opened(catalogue: Catalogue) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        db = open_catalog(open_workspace(Path(folder), environ={}))
        try:
            ids = add_drawn(db, *catalogue.pictures)
            decide(db, [Operation(ids[place], "reject") for place in sorted(catalogue.rejected)], who="before")
            yield db
        finally:
            db.close()


def verdicts(db: Database) -> dict[int, str]:
    return {row.id: row.verdict for row in list_images(db, limit=1000)[1]}


def members(clusters: list[Cluster]) -> dict[int, frozenset[int]]:
    return {cluster.id: frozenset(member.image for member in cluster.members) for cluster in clusters}


def everyone(db: Database) -> dict[int, frozenset[int]]:
    return members(find_clusters(db, distance=6, resolved=True))


def assert_resolved(clusters: list[Cluster], before: Mapping[int, str], after: Mapping[int, str]) -> None:
    for cluster in clusters:
        images = [member.image for member in cluster.members]
        classes = {member.class_id for member in cluster.members if before[member.image] != "reject"}
        assert cluster.conflict == (len(classes) > 1)
        if cluster.conflict:
            assert [after[image] for image in images] == [before[image] for image in images]
        else:
            assert [image for image in images if after[image] != "reject"] == [cluster.keep]


@settings(max_examples=30, deadline=None)
@given(catalogues())
def test_resolving_all_leaves_every_conflict_alone(catalogue: Catalogue) -> None:
    with opened(catalogue) as db:
        before = verdicts(db)
        clusters = find_clusters(db, distance=6)
        assert [cluster.conflict for cluster in clusters] == sorted((c.conflict for c in clusters), reverse=True)
        done = resolve(db, clusters, who="me")
        assert_resolved(clusters, before, verdicts(db))
        assert all(cluster.conflict for cluster in find_clusters(db, distance=6))
        if done.batch:
            undo(db, who="me")
        assert verdicts(db) == before


@settings(max_examples=20, deadline=None)
@given(catalogues(), st.data())
def test_ids_stay_as_long_as_the_members_do(catalogue: Catalogue, data: st.DataObject) -> None:
    with opened(catalogue) as db:
        before = everyone(db)
        assert all(number == min(images) for number, images in before.items())
        images = sorted(verdicts(db))
        actions = data.draw(st.lists(st.sampled_from(ACTIONS), max_size=len(images)))
        decide(db, [Operation(image, action) for image, action in zip(images, actions, strict=False)], who="me")
        assert everyone(db) == before
        add_drawn(db, Drawn("far.jpg", 0x1248124812481248), Drawn("far too.jpg", 0x1248124812481249))
        assert {number: found for number, found in everyone(db).items() if number in before} == before


@settings(max_examples=20, deadline=None)
@given(catalogues())
def test_the_same_catalogue_gives_the_same_clusters(catalogue: Catalogue) -> None:
    with opened(catalogue) as db:
        found = find_clusters(db, distance=6, resolved=True)
        assert find_clusters(db, distance=6, resolved=True, candidates=prepare(db, radius=12)) == found
    with opened(catalogue) as again:
        assert find_clusters(again, distance=6, resolved=True) == found


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(VERDICTS),
            st.sampled_from((64, 128)),
            st.sampled_from((1.0, 2.0)),
            st.sampled_from((900, 1000)),
        ),
        min_size=2,
        max_size=5,
    ),
    st.permutations([rule for rule in KEEP_ORDER if rule != "unrejected"]),
    st.frozensets(st.integers(0, 4)),
)
def test_ties_fall_the_same_way_whatever_the_sequence(
    merits: list[tuple[Verdict, int, float, int]], order: list[str], licensed: frozenset[int]
) -> None:
    pictures = [
        replace(PLAIN, image=number, verdict=verdict, width=width, sharpness=sharpness, bytes=size)
        for number, (verdict, width, sharpness, size) in enumerate(merits)
    ]
    rules = ("unrejected", *order)
    best = {best_copy(some, order=rules, licensed=licensed).image for some in permutations(pictures)}  # type: ignore[arg-type]
    assert len(best) == 1
    (chosen,) = best
    twins = [picture.image for picture in pictures if replace(picture, image=chosen) == pictures[chosen]]
    assert chosen == min(image for image in twins if (image in licensed) == (chosen in licensed))
