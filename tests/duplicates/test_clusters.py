"""Which pictures form a cluster, which copy is to stay, and what the decisions do."""

import random
from dataclasses import replace

import pytest

from core.catalog.decisions import decide, redo, undo
from core.catalog.images import get_image, get_many, mark_missing
from core.catalog.records import Operation
from core.catalog.store import revision
from core.database import Database
from core.duplicates.candidates import prepare
from core.duplicates.clusters import Cluster, find_clusters, keep_all, keep_one, resolve, update_clusters
from core.errors import NotFoundError, RefusedError
from tests.duplicates.drawn import Drawn, add_drawn, mirror_of

A = 0x0123456789ABCDEF
FAR = 0xF0F0F0F00F0F0F0F


def shape(clusters: list[Cluster]) -> list[tuple[str, int, list[int]]]:
    return [(cluster.kind, cluster.keep, sorted(member.image for member in cluster.members)) for cluster in clusters]


def turned(phash: int, *bits: int) -> int:
    for bit in bits:
        phash ^= 1 << bit
    return phash


def test_the_three_kinds(db: Database) -> None:
    add_drawn(
        db,
        Drawn("a1.jpg", A, content="same"),
        Drawn("a2.jpg", A, content="same"),
        Drawn("b1.jpg", FAR),
        Drawn("b2.jpg", turned(FAR, 0, 9, 63), sharpness=5.0),
        Drawn("c1.jpg", 0x00000000FFFFFFFF),
        Drawn("c2.jpg", turned(mirror_of(0x00000000FFFFFFFF), 3), mirror=turned(0x00000000FFFFFFFF, 3)),
        Drawn("d.jpg", 0x0F0F0F0F0F0F0F0F),
    )
    clusters = find_clusters(db, distance=6)
    assert shape(clusters) == [("exact", 1, [1, 2]), ("near", 3, [3, 4]), ("mirror", 5, [5, 6])]
    words = [cluster.members[1].matches for cluster in clusters]
    assert words == ["same bytes", "3 of 64 bits apart, same size", "mirrored, 1 of 64 bits apart, same size"]
    assert [cluster.members[1].distance for cluster in clusters] == [0, 3, 1]
    assert [cluster.members[1].bond for cluster in clusters] == ["near", "near", "mirror"]


def test_the_distance_is_inclusive(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", turned(A, 1, 2, 3, 4, 5, 6)))
    assert find_clusters(db, distance=5) == []
    assert shape(find_clusters(db, distance=6)) == [("near", 1, [1, 2])]


def test_a_chain_does_not_become_one_cluster(db: Database) -> None:
    """61 frames, each 4 bits from the one before: no two members of a cluster are more than 12 bits apart."""
    frames, phash, rng = [], A, random.Random(0)
    for number in range(61):
        frames.append(Drawn(f"frame{number:02d}.jpg", phash))
        phash = turned(phash, *rng.sample(range(64), 4))
    add_drawn(db, *frames)
    clusters = find_clusters(db, distance=6)
    assert len(clusters) > 10
    hashes = {number + 1: frame.phash for number, frame in enumerate(frames)}
    for cluster in clusters:
        images = [member.image for member in cluster.members]
        assert max((hashes[a] ^ hashes[b]).bit_count() for a in images for b in images) <= 12


def test_the_second_look_parts_what_only_the_hash_joins(db: Database) -> None:
    add_drawn(
        db,
        Drawn("black.jpg", 1 << 63, brightness=0.0, contrast=0.0),
        Drawn("white.jpg", 1 << 63, brightness=1.0, contrast=0.0),
        Drawn("wide.jpg", A, width=640, height=360),
        Drawn("square.jpg", turned(A, 1, 2, 3), width=360, height=360),
        Drawn("squeezed.jpg", FAR, width=128, height=128),
        Drawn("stretched.jpg", FAR, width=512, height=128),
    )
    assert shape(find_clusters(db, distance=6)) == [("near", 6, [5, 6])]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"width": 65}, {"sharpness": 99.0}),
        ({"sharpness": 12.0}, {"bytes": 9000}),
        ({"bytes": 1001}, {}),
    ],
)
def test_the_best_copy_is_proposed(db: Database, better: dict[str, float], worse: dict[str, float]) -> None:
    first, second = Drawn("a.jpg", A), Drawn("b.jpg", turned(A, 1))
    add_drawn(db, replace(first, **worse), replace(second, **better))  # type: ignore[arg-type]
    (cluster,) = find_clusters(db, distance=6)
    assert cluster.keep == 2


def test_the_oldest_of_equals_stays_and_a_rejected_one_never(db: Database) -> None:
    add_drawn(db, *(Drawn(f"{name}.jpg", A) for name in "abc"))
    assert find_clusters(db, distance=6)[0].keep == 1
    decide(db, [Operation(1, "reject")], who="me")
    (cluster,) = find_clusters(db, distance=6)
    assert cluster.keep == 2
    assert cluster.id == 1


def test_the_words_name_size_bytes_and_class(db: Database) -> None:
    add_drawn(
        db,
        Drawn("a.jpg", A, width=640, height=480, bytes=2_500_000),
        Drawn("b.jpg", A, width=320, height=240, bytes=12_345, class_name="mew"),
    )
    (cluster,) = find_clusters(db, distance=6)
    assert cluster.conflict
    assert (cluster.members[0].matches, cluster.members[0].differs) == ("", "")
    assert cluster.members[1].matches == "same hash, half its width"
    assert cluster.members[1].differs == "class mew, not abra, 320×240, not 640×480, 12.3 kB, not 2.5 MB"


def test_the_words_name_scale_proportions_and_grey(db: Database) -> None:
    add_drawn(
        db,
        Drawn("a.jpg", A, width=640, height=480),
        Drawn("b.jpg", A, width=480, height=480, brightness=0.53),
        Drawn("c.jpg", A, width=160, height=120, brightness=0.48),
    )
    (cluster,) = find_clusters(db, distance=6)
    assert [member.matches for member in cluster.members] == [
        "", "same hash, other proportions, 3 % lighter", "same hash, a quarter of its width, 2 % darker",
    ]  # fmt: skip


def test_resolving_is_one_batch_that_names_the_kept_copy(db: Database) -> None:
    add_drawn(
        db, *(Drawn(f"{name}.jpg", A) for name in "abc"), Drawn("x.jpg", FAR), Drawn("y.jpg", FAR, class_name="mew")
    )
    clusters = find_clusters(db, distance=6)
    assert [cluster.conflict for cluster in clusters] == [True, False]
    decided = resolve(db, clusters, who="me")
    assert decided.changed == 2
    assert [row.reason for row in get_many(db, [1, 2, 3, 4, 5])] == [
        None, "duplicate of a.jpg", "duplicate of a.jpg", None, None,
    ]  # fmt: skip
    assert [cluster.conflict for cluster in find_clusters(db, distance=6)] == [True]
    assert len(find_clusters(db, distance=6, resolved=True)) == 2
    assert undo(db, who="me").changed == 2
    assert len(find_clusters(db, distance=6)) == 2
    assert redo(db, who="me").changed == 2


def test_resolving_twice_changes_nothing_more(db: Database) -> None:
    add_drawn(db, *(Drawn(f"{number}.jpg", turned(A, number)) for number in range(20)))
    clusters = find_clusters(db, distance=6)
    assert resolve(db, clusters, who="me").changed == 19
    assert resolve(db, clusters, who="me").changed == 0
    assert find_clusters(db, distance=6) == []


def test_what_was_decided_meanwhile_is_respected(db: Database) -> None:
    add_drawn(db, *(Drawn(f"{name}.jpg", A) for name in "ab"), *(Drawn(f"{name}.jpg", FAR) for name in "cd"))
    add_drawn(db, Drawn("e.jpg", 1, class_name="mew"))
    clusters = find_clusters(db, distance=6)
    decide(db, [Operation(1, "reject"), Operation(3, "class", class_id=1)], who="other")
    assert resolve(db, clusters, who="me").changed == 0


def test_a_person_may_keep_any_copy(db: Database) -> None:
    add_drawn(db, *(Drawn(f"{name}.jpg", A) for name in "abc"), Drawn("d.jpg", A, class_name="mew"))
    decide(db, [Operation(2, "reject")], who="me")
    (cluster,) = find_clusters(db, distance=6)
    assert keep_one(db, cluster, 2, who="me").changed == 4
    assert [row.verdict for row in get_many(db, [1, 2, 3, 4])] == ["reject", "keep", "reject", "reject"]
    assert undo(db, who="me").changed == 4
    assert get_image(db, 2).verdict == "reject"
    with pytest.raises(NotFoundError, match="99"):
        keep_one(db, cluster, 99, who="me")


def test_pictures_called_different_never_share_a_cluster(db: Database) -> None:
    add_drawn(db, *(Drawn(f"{name}.jpg", A) for name in "ab"))
    (cluster,) = find_clusters(db, distance=6)
    assert keep_all(db, cluster, who="me").batch > 0
    assert find_clusters(db, distance=6) == []
    add_drawn(db, Drawn("c.jpg", A))
    clusters = find_clusters(db, distance=6)
    assert [len(cluster.members) for cluster in clusters] == [2]
    assert not {1, 2} <= {member.image for member in clusters[0].members}
    undo(db, who="me")
    assert shape(find_clusters(db, distance=6)) == [("near", 1, [1, 2, 3])]


def test_a_cluster_too_large_to_call_different_is_refused(db: Database) -> None:
    add_drawn(db, *(Drawn(f"{number}.jpg", A) for number in range(401)))
    (cluster,) = find_clusters(db, distance=6)
    with pytest.raises(RefusedError, match="smaller distance"):
        keep_all(db, cluster, who="me")


def test_stored_clusters_follow(db: Database) -> None:
    add_drawn(db, *(Drawn(f"{name}.jpg", A) for name in "ab"), Drawn("c.jpg", FAR))
    assert [cluster.id for cluster in update_clusters(db, distance=6)] == [1]
    assert [row.cluster for row in get_many(db, [1, 2, 3])] == [1, 1, None]
    before = revision(db)
    update_clusters(db, distance=6)
    assert revision(db) == before
    mark_missing(db, ["b.jpg"], True)
    assert update_clusters(db, distance=6) == []
    assert get_image(db, 1).cluster is None


def test_verdicts_leave_clusters_as_they_are(db: Database) -> None:
    rng = random.Random(3)
    ancestors = [rng.getrandbits(64) for _ in range(30)]
    pictures = [
        Drawn(f"{number}.jpg", turned(rng.choice(ancestors), *rng.sample(range(64), 3))) for number in range(200)
    ]
    add_drawn(db, *pictures)
    before = {cluster.id: {m.image for m in cluster.members} for cluster in find_clusters(db, distance=6)}
    resolve(db, find_clusters(db, distance=6), who="me")
    after = {cluster.id: {m.image for m in cluster.members} for cluster in find_clusters(db, distance=6, resolved=True)}
    assert before == after
    assert find_clusters(db, distance=6) == []


def test_the_order_of_arrival_does_not_matter_for_who_is_together(db: Database) -> None:
    add_drawn(db, *(Drawn(f"{number}.jpg", turned(A, number)) for number in range(8)), Drawn("z.jpg", FAR))
    assert find_clusters(db, distance=6) == find_clusters(db, distance=6)


def test_candidates_are_reused_as_far_as_they_hold(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", turned(A, 1, 2, 3, 4)))
    first = prepare(db, radius=10)
    assert prepare(db, radius=6, previous=first) is first
    decide(db, [Operation(1, "keep")], who="me")
    second = prepare(db, radius=10, previous=first)
    assert second.pairs is first.pairs
    assert second.pictures[0].verdict == "keep"
    add_drawn(db, Drawn("c.jpg", FAR), Drawn("d.jpg", turned(FAR, 5)))
    assert shape(find_clusters(db, distance=3, candidates=second)) == [("near", 3, [3, 4])]
    assert shape(find_clusters(db, distance=16, candidates=second)) == shape(find_clusters(db, distance=16))


def test_thousands_of_equal_pictures_are_one_cluster(db: Database) -> None:
    add_drawn(db, *(Drawn(f"{number}.jpg", A, mirror=A) for number in range(4000)), Drawn("other.jpg", FAR))
    (cluster,) = find_clusters(db, distance=6)
    assert len(cluster.members) == 4000


def test_an_empty_catalogue_has_no_clusters(db: Database) -> None:
    assert find_clusters(db, distance=6) == []
    assert update_clusters(db, distance=6) == []
    assert resolve(db, [], who="me").changed == 0
