"""Pictures that come in after one like them was rejected: found, told with the reason, decided once."""

from core.catalog.bin import mark_emptied
from core.catalog.decisions import decide, undo
from core.catalog.hashes import adopt_hash_mode
from core.catalog.images import get_image, get_many, image_table
from core.catalog.records import Operation
from core.database import Database
from core.duplicates.candidates import prepare
from core.duplicates.clusters import Cluster, find_clusters, keep_one, reject_again, resolve, update_clusters
from core.duplicates.questions import choose_questions
from core.workspace import KEEP_ORDER
from tests.duplicates.drawn import Drawn, add_drawn

A = 0x0123456789ABCDEF
B = 0xF0F0F0F00F0F0F0F


def reject(database: Database, image: int, reason: str | None = None) -> None:
    decide(database, [Operation(image, "reject", reason=reason)], who="ann")


def found(database: Database, distance: int = 6) -> list[tuple[int, ...]]:
    """The images like rejected ones, group by group."""
    clusters = find_clusters(database, distance=distance)
    return [cluster.like_rejected.images for cluster in clusters if cluster.like_rejected is not None]


def only(database: Database) -> Cluster:
    (cluster,) = find_clusters(database, distance=6)
    return cluster


def test_a_new_copy_of_a_rejected_picture_waits_with_the_reason(db: Database) -> None:
    add_drawn(db, Drawn("bad.jpg", A, width=640, height=640))
    reject(db, 1, "blurred")
    add_drawn(db, Drawn("again.jpg", A ^ 3))

    cluster = only(db)

    assert (cluster.keep, cluster.open, cluster.conflict, cluster.kind) == (2, False, False, "near")
    assert [(member.image, member.verdict) for member in cluster.members] == [(2, "unreviewed"), (1, "reject")]
    assert cluster.like_rejected is not None
    assert (cluster.like_rejected.images, cluster.like_rejected.reason) == ((2,), "blurred")


def test_what_was_there_when_the_other_was_rejected_is_not_asked_about(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", A))
    reject(db, 1)
    assert find_clusters(db, distance=6) == []
    add_drawn(db, Drawn("c.jpg", A))

    assert found(db) == []
    assert only(db).open


def test_a_copy_of_a_kept_picture_belongs_to_its_group_as_before(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", A))
    resolve(db, find_clusters(db, distance=6), who="ann")
    assert get_image(db, 2).reason == "duplicate of a.jpg"
    add_drawn(db, Drawn("c.jpg", A))

    assert found(db) == []
    assert (only(db).keep, only(db).open) == (1, True)


def test_a_copy_of_a_copy_of_a_rejected_picture_is_like_a_rejected_one(db: Database) -> None:
    """At the present distance only the worse copy is near the new picture."""
    add_drawn(db, Drawn("a.jpg", A ^ 0b11111), Drawn("b.jpg", A))
    resolve(db, find_clusters(db, distance=6), who="ann")
    reject(db, 1, "blurred")
    add_drawn(db, Drawn("c.jpg", A ^ (0b111 << 60)))

    (cluster,) = find_clusters(db, distance=4)

    assert [member.image for member in cluster.members] == [3, 2]
    assert cluster.like_rejected is not None
    assert cluster.like_rejected.reason == "blurred"


def test_a_copy_of_a_copy_of_a_kept_picture_is_none(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A ^ 0b11111), Drawn("b.jpg", A))
    resolve(db, find_clusters(db, distance=6), who="ann")
    add_drawn(db, Drawn("c.jpg", A ^ (0b111 << 60)))

    assert found(db, distance=4) == []


def test_each_rejected_as_a_copy_of_the_other_speaks_against_nothing(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", A))
    reject(db, 1, "duplicate of b.jpg")
    reject(db, 2, "duplicate of a.jpg")
    add_drawn(db, Drawn("c.jpg", A))

    assert found(db) == []


def test_reject_again_takes_all_with_the_reason_and_can_be_undone(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", B))
    reject(db, 1, "blurred")
    reject(db, 2)
    add_drawn(db, Drawn("a2.jpg", A), Drawn("a3.jpg", A), Drawn("b2.jpg", B))

    done = reject_again(db, find_clusters(db, distance=6), who="ann")

    assert (done.changed, done.rejected) == (3, 3)
    assert [row.reason for row in get_many(db, [3, 4, 5])] == [
        "looks like one rejected before: blurred",
        "looks like one rejected before: blurred",
        "looks like one rejected before",
    ]
    assert find_clusters(db, distance=6) == []
    undo(db, who="ann")
    assert found(db) == [(3, 4), (5,)]


def test_the_reason_is_said_once_however_often_the_picture_comes(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A ^ 0b11111))
    reject(db, 1, "blurred")
    add_drawn(db, Drawn("b.jpg", A))
    reject_again(db, find_clusters(db, distance=6), who="ann")
    add_drawn(db, Drawn("c.jpg", A ^ (0b111 << 60)))
    reject_again(db, find_clusters(db, distance=4), who="ann")

    assert [row.reason for row in get_many(db, [2, 3])] == ["looks like one rejected before: blurred"] * 2


def test_somebody_who_looked_meanwhile_is_not_overruled(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A))
    reject(db, 1)
    add_drawn(db, Drawn("b.jpg", A))
    clusters = find_clusters(db, distance=6)
    decide(db, [Operation(2, "keep")], who="ben")

    assert reject_again(db, clusters, who="ann").changed == 0


def test_what_is_kept_after_all_is_not_asked_about_again(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A))
    reject(db, 1)
    add_drawn(db, Drawn("b.jpg", A), Drawn("c.jpg", A, width=32))

    done = keep_one(db, only(db), 2, who="ann")

    assert (get_image(db, 2).verdict, get_image(db, 3).reason, done.rejected) == ("keep", "duplicate of b.jpg", 1)
    assert find_clusters(db, distance=6) == []
    add_drawn(db, Drawn("d.jpg", A, width=16))
    assert found(db) == []
    assert (only(db).keep, only(db).open) == (2, True)


def test_resolving_leaves_one_copy_for_a_person_and_never_the_rejected_one(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A, width=640, height=640))
    reject(db, 1)
    add_drawn(db, Drawn("b.jpg", A), Drawn("c.jpg", A))

    resolve(db, find_clusters(db, distance=6), who="ann")

    assert [row.verdict for row in get_many(db, [1, 2, 3])] == ["reject", "unreviewed", "reject"]
    assert found(db) == [(2,)]


def test_groups_like_rejected_ones_come_first(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", B), Drawn("b2.jpg", B, class_name="mew"), Drawn("b3.jpg", B))
    reject(db, 1)
    add_drawn(db, Drawn("a2.jpg", A))

    clusters = find_clusters(db, distance=6)

    assert [(one.like_rejected is not None, one.conflict) for one in clusters] == [(True, False), (False, True)]


def test_a_deleted_picture_is_compared_with_and_never_stays_or_is_numbered(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A, width=640, height=640), Drawn("b.jpg", B), Drawn("b2.jpg", B))
    reject(db, 1, "blurred")
    mark_emptied(db, who="ann")
    add_drawn(db, Drawn("a2.jpg", A ^ 7))

    first, second = update_clusters(db, distance=6)

    assert (first.id, first.keep, [member.image for member in first.members]) == (4, 4, [4, 1])
    assert [member.emptied is not None for member in first.members] == [False, True]
    assert first.like_rejected is not None
    assert first.like_rejected.reason == "blurred"
    assert second.open
    assert image_table(db, ["id", "cluster"]) == {"id": [2, 3, 4], "cluster": [2, 2, None]}
    assert get_image(db, 1).cluster is None


def test_a_deleted_copy_plays_no_part_where_its_better_one_stays(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", A))
    resolve(db, find_clusters(db, distance=6), who="ann")
    mark_emptied(db, who="ann")
    assert find_clusters(db, distance=6, resolved=True) == []
    add_drawn(db, Drawn("c.jpg", A))

    assert [member.image for member in only(db).members] == [1, 3]


def test_candidates_that_are_kept_learn_of_what_was_deleted(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A))
    reject(db, 1)
    kept = prepare(db, radius=6)
    mark_emptied(db, who="ann")
    add_drawn(db, Drawn("b.jpg", A))

    clusters = find_clusters(db, distance=6, candidates=prepare(db, radius=6, previous=kept), order=KEEP_ORDER)

    assert [member.emptied is not None for member in clusters[0].members] == [False, True]


def test_a_deleted_picture_keeps_its_hash_where_the_others_are_hashed_anew(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", A))
    reject(db, 1)
    mark_emptied(db, who="ann")

    adopt_hash_mode(db, "fast")

    assert [row.phash for row in get_many(db, [1, 2])] == [A, None]


def test_nobody_is_asked_to_compare_with_a_deleted_picture(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", A), Drawn("b.jpg", A ^ 7), Drawn("c.jpg", B), Drawn("d.jpg", B ^ 7))
    reject(db, 1)
    mark_emptied(db, who="ann")

    questions = choose_questions(prepare(db, radius=8), line=3).questions

    assert [(question.first, question.second) for question in questions] == [(3, 4)]
