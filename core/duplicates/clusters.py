"""Clusters of copies: which pictures show the same, which copy to keep, and the decisions that end the matter."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from core.catalog.clusters import set_clusters
from core.catalog.decisions import decide, different_pairs, mark_different
from core.catalog.images import get_many
from core.catalog.records import Decided, ImageRow, Operation, Split, Verdict
from core.catalog.sources import find_licensed
from core.database import Database
from core.duplicates.bonds import BondKind, bond, page_shares
from core.duplicates.candidates import Candidates, Picture, prepare
from core.duplicates.inheritance import inherit_label, inherit_origins
from core.duplicates.keeping import best_copy
from core.duplicates.kin import Kin
from core.duplicates.neighbours import have_same_pixels
from core.duplicates.rejected import COPY_OF, LikeRejected, find_like_rejected, reason_again
from core.duplicates.stars import find_stars
from core.duplicates.words import difference_in_words, match_in_words
from core.errors import NotFoundError, RefusedError
from core.workspace import KEEP_ORDER, KeepRule

__all__ = [
    "Cluster",
    "Kind",
    "Member",
    "Resolved",
    "describe",
    "find_clusters",
    "in_turn",
    "keep_all",
    "keep_one",
    "number_groups",
    "reject_again",
    "resolve",
    "update_clusters",
]

Kind = Literal["exact", "same pixels", "near", "mirror", "turned", "crop"]
"""Same bytes; other bytes, but each pixel the same; other pixels; or with a mirrored one among them, one turned by 90
or 180 degrees, or one that shows a part of another, which may be a page or have a frame. The last that applies."""

_MOST_DIFFERENT = 400
"""Members of a cluster that can be called different from each other: 79,800 pairs."""


@dataclass(frozen=True, slots=True)
class Member:
    """One copy in a cluster, seen from the copy to keep."""

    image: int
    path: str
    sha256: str
    distance: int
    """Bits of the hash between it and the copy to keep, mirrored if that is nearer, or laid over each other."""
    bond: BondKind
    """What it takes for the two to show the same: nothing, to mirror or turn one, or to take a part of one."""
    same_bytes: bool
    same_pixels: bool
    """Size and each upright RGB pixel; true for the same bytes."""
    class_id: int
    class_name: str
    verdict: Verdict
    split: Split | None
    width: int
    height: int
    bytes: int
    matches: str
    """In words, why it counts as a copy of the one to keep; empty for that one."""
    differs: str
    """In words, what sets it apart from the one to keep; empty for that one."""
    emptied: float | None = None
    """Unix seconds when its file was deleted with the bin: there is nothing to show of it."""

    @property
    def version(self) -> str:
        """Names the content in the addresses of thumbnails."""
        return self.sha256[:16]


@dataclass(frozen=True, slots=True)
class Cluster:
    id: int
    """The smallest number of an image in it whose file is there; stays as long as the members stay."""
    kind: Kind
    keep: int
    """The image that is proposed to stay."""
    members: tuple[Member, ...]
    """The copy to keep first, then by image number; where some look like rejected ones, those last, deleted too."""
    conflict: bool
    """Members that are not rejected stand in two classes: for a person to decide."""
    like_rejected: LikeRejected | None = None
    """Its members that are not rejected came after one like them was: for a person to decide."""

    @property
    def open(self) -> bool:
        """Two or more members are not rejected."""
        return sum(member.verdict != "reject" for member in self.members) > 1

    @property
    def waiting(self) -> bool:
        """There is something to decide: which copy stays, or whether any does."""
        return self.open or self.like_rejected is not None


@dataclass(frozen=True, slots=True)
class Resolved:
    batch: int
    """Of the decisions; 0 when there was nothing to do."""
    changed: int
    """Images that look different now."""
    rejected: int
    """Images that were rejected for a better copy."""


def find_clusters(
    database: Database,
    *,
    distance: int,
    candidates: Candidates | None = None,
    resolved: bool = False,
    order: Sequence[KeepRule] = KEEP_ORDER,
) -> list[Cluster]:
    """The clusters that wait for a decision; with `resolved`, those done as well.

    Those like rejected ones come first, then conflicts, then the largest.

    `candidates` as from `prepare`, with a radius of `distance` or more, saves the search. `order` decides which copy
    each cluster proposes to keep, and nothing else. Writes nothing.
    """
    current = prepare(database, radius=distance, previous=candidates)
    stars = find_stars(current, distance, different=different_pairs(database))
    return describe(database, stars, kin=current.kin, resolved=resolved, order=order)


def describe(
    database: Database, stars: Sequence[Sequence[Picture]], *, kin: Kin, resolved: bool, order: Sequence[KeepRule]
) -> list[Cluster]:
    """Groups as from `find_stars` as clusters, each with the copy that is proposed to stay; as `find_clusters`."""
    licensed = find_licensed(database)
    like_rejected = find_like_rejected(database, stars)
    clusters = []
    for place, star in enumerate(stars):
        found = like_rejected.get(place)
        if found is None and not resolved and sum(picture.verdict != "reject" for picture in star) < 2:
            continue
        present = _present(star)
        if len(present) > 1 or found is not None:
            keep = best_copy(present, order=order, licensed=licensed, pages=page_shares(present, kin))
            clusters.append(_cluster(present if found is None else star, keep, kin=kin, like_rejected=found))
    return sorted(clusters, key=_urgency) if resolved else in_turn(clusters)


def in_turn(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Those that wait for a decision, the most urgent first."""
    return sorted((cluster for cluster in clusters if cluster.waiting), key=_urgency)


def update_clusters(
    database: Database,
    *,
    distance: int,
    candidates: Candidates | None = None,
    order: Sequence[KeepRule] = KEEP_ORDER,
) -> list[Cluster]:
    """The clusters that wait for a decision, after each image's `cluster` was set, in those that are done as well."""
    current = prepare(database, radius=distance, previous=candidates)
    stars = find_stars(current, distance, different=different_pairs(database))
    set_clusters(database, number_groups(stars))
    return describe(database, stars, kin=current.kin, resolved=False, order=order)


def number_groups(groups: Sequence[Sequence[Picture]]) -> dict[int, int]:
    """By image, the number of its group; none where no other file of the group is there."""
    numbered = [present for group in groups if len(present := _present(group)) > 1]
    return {picture.image: _number(present) for present in numbered for picture in present}


def resolve(database: Database, clusters: Sequence[Cluster], *, who: str) -> Resolved:
    """Reject all but the copy to keep, in one batch; clusters in conflict are left for a person.

    So are clusters whose copy to keep was rejected, or a member moved to another class, since they were found.
    """
    rows = {row.id: row for row in get_many(database, [m.image for cluster in clusters for m in cluster.members])}
    groups: list[tuple[ImageRow, list[ImageRow]]] = []
    for cluster in clusters:
        present = [rows[member.image] for member in cluster.members if member.image in rows]
        if _still_clear(present, cluster.keep):
            groups.append((rows[cluster.keep], present))
    return _replace(database, groups, who=who, label="resolve duplicates")


def keep_one(database: Database, cluster: Cluster, image: int, *, who: str) -> Resolved:
    """Keep this member and reject the others, in one batch; a person's choice, so conflicts are no obstacle.

    That it is kept although one like it was rejected is remembered, so nobody is asked again.

    Raises NotFoundError when the image is not in the cluster.
    """
    rows = {row.id: row for row in get_many(database, [member.image for member in cluster.members])}
    if image not in rows:
        raise NotFoundError(f"Image {image} is not in the cluster {cluster.id}; look at the clusters again.")
    wanted = () if cluster.like_rejected is None else (image,)
    return _replace(database, [(rows[image], list(rows.values()))], who=who, label="keep one copy", wanted=wanted)


def reject_again(database: Database, clusters: Sequence[Cluster], *, who: str) -> Resolved:
    """Reject what looks like pictures rejected before, in one batch; what somebody looked at since stays as it is."""
    reasons = {
        image: reason_again(cluster.like_rejected)
        for cluster in clusters
        if cluster.like_rejected is not None
        for image in cluster.like_rejected.images
    }
    operations = [
        Operation(row.id, "reject", reason=reasons[row.id])
        for row in get_many(database, list(reasons))
        if row.verdict == "unreviewed"
    ]
    decided = decide(database, operations, who=who, label="reject what looks like rejected ones")
    return Resolved(decided.batch, decided.changed, len(operations))


def keep_all(database: Database, cluster: Cluster, *, who: str) -> Decided:
    """Remember that the members that are not rejected are no copies of each other; they form no cluster again.

    Raises RefusedError for a cluster too large to say that of each pair.
    """
    images = [member.image for member in cluster.members if member.verdict != "reject"]
    if len(images) > _MOST_DIFFERENT:
        raise RefusedError(
            f"The cluster {cluster.id} has {len(images)} pictures, too many to call all different; "
            f"choose a smaller distance (up to {_MOST_DIFFERENT} can be)."
        )
    pairs = [(first, second) for number, first in enumerate(images) for second in images[number + 1 :]]
    return mark_different(database, pairs, who=who)


def _present(group: Sequence[Picture]) -> list[Picture]:
    """Those whose files are there, for those deleted with the bin can neither stay nor go."""
    return [picture for picture in group if picture.emptied is None]


def _number(present: Sequence[Picture]) -> int:
    return min(picture.image for picture in present)


def _urgency(cluster: Cluster) -> tuple[bool, bool, int, int]:
    return cluster.like_rejected is None, not cluster.conflict, -len(cluster.members), cluster.id


def _cluster(pictures: Sequence[Picture], keep: Picture, *, kin: Kin, like_rejected: LikeRejected | None) -> Cluster:
    last = {picture.image for picture in pictures if like_rejected is not None and picture.verdict == "reject"}
    ordered = sorted(pictures, key=lambda picture: (picture is not keep, picture.image in last, picture.image))
    members = tuple(_member(picture, keep, group=pictures, kin=kin) for picture in ordered)
    classes = {picture.class_id for picture in pictures if picture.verdict != "reject"}
    number = _number(_present(pictures))
    return Cluster(number, _kind(members), keep.image, members, len(classes) > 1, like_rejected)


def _kind(members: Sequence[Member]) -> Kind:
    if all(member.same_bytes for member in members):
        return "exact"
    if all(member.same_pixels for member in members):
        return "same pixels"
    bonds = {member.bond for member in members}
    kinds: tuple[Kind, ...] = ("crop", "turned", "mirror")
    return next((kind for kind in kinds if kind in bonds), "near")


def _member(picture: Picture, keep: Picture, *, group: Sequence[Picture], kin: Kin) -> Member:
    found = bond(picture, keep, group=group, kin=kin)
    return Member(
        image=picture.image,
        path=picture.path,
        sha256=picture.sha256,
        distance=found.bits,
        bond=found.kind,
        same_bytes=picture.sha256 == keep.sha256,
        same_pixels=have_same_pixels(picture, keep),
        class_id=picture.class_id,
        class_name=picture.class_name,
        verdict=picture.verdict,
        split=picture.split,
        width=picture.width,
        height=picture.height,
        bytes=picture.bytes,
        matches="" if picture is keep else match_in_words(picture, keep, found),
        differs=difference_in_words(picture, keep),
        emptied=picture.emptied,
    )


def _still_clear(present: Sequence[ImageRow], keep: int) -> bool:
    kept = [row for row in present if row.verdict != "reject"]
    return any(row.id == keep and not row.missing for row in kept) and len({row.class_id for row in kept}) == 1


def _replace(
    database: Database,
    groups: Sequence[tuple[ImageRow, Sequence[ImageRow]]],
    *,
    who: str,
    label: str,
    wanted: Collection[int] = (),
) -> Resolved:
    """Reject all members of each group but its heir, which takes over what it lacks, in one batch.

    Heirs that were rejected, or are `wanted` for what they show, count as kept by a person.
    """
    operations: list[Operation] = []
    replaced: dict[int, list[int]] = {}
    for heir, members in groups:
        rejections = _reject_others(members, heir)
        if heir.verdict == "reject" or heir.id in wanted:
            operations.append(Operation(heir.id, "keep"))
        elif rejections:
            operations += inherit_label(heir, members)
        operations += rejections
        replaced[heir.id] = [operation.image for operation in rejections]
    with database.write():
        decided = decide(database, operations, who=who, label=label)
        if decided.batch:
            inherit_origins(database, replaced, batch=decided.batch)
    return Resolved(decided.batch, decided.changed, sum(len(images) for images in replaced.values()))


def _reject_others(rows: Sequence[ImageRow], chosen: ImageRow) -> list[Operation]:
    return [
        Operation(row.id, "reject", reason=f"{COPY_OF}{chosen.path}")
        for row in rows
        if row.id != chosen.id and row.verdict != "reject"
    ]
