"""Clusters of copies: which pictures show the same, which copy to keep, and the decisions that end the matter."""

from collections.abc import Sequence
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
    "keep_all",
    "keep_one",
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

    @property
    def version(self) -> str:
        """Names the content in the addresses of thumbnails."""
        return self.sha256[:16]


@dataclass(frozen=True, slots=True)
class Cluster:
    id: int
    """The smallest image number in it; stays as long as the members stay."""
    kind: Kind
    keep: int
    """The image that is proposed to stay."""
    members: tuple[Member, ...]
    """The copy to keep first, then by image number."""
    conflict: bool
    """Members that are not rejected stand in two classes: for a person to decide."""

    @property
    def open(self) -> bool:
        """Two or more members are not rejected."""
        return sum(member.verdict != "reject" for member in self.members) > 1


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
    """The clusters that wait for a decision, conflicts first, then the largest; with `resolved`, those done as well.

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
    clusters = [
        _cluster(star, best_copy(star, order=order, licensed=licensed, pages=page_shares(star, kin)), kin)
        for star in stars
    ]
    wanted = [cluster for cluster in clusters if cluster.open or resolved]
    return sorted(wanted, key=lambda cluster: (not cluster.conflict, -len(cluster.members), cluster.id))


def update_clusters(
    database: Database,
    *,
    distance: int,
    candidates: Candidates | None = None,
    order: Sequence[KeepRule] = KEEP_ORDER,
) -> list[Cluster]:
    """The clusters that wait for a decision, after each image's `cluster` was set, in those that are done as well."""
    clusters = find_clusters(database, distance=distance, candidates=candidates, resolved=True, order=order)
    set_clusters(database, {member.image: cluster.id for cluster in clusters for member in cluster.members})
    return [cluster for cluster in clusters if cluster.open]


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

    Raises NotFoundError when the image is not in the cluster.
    """
    rows = {row.id: row for row in get_many(database, [member.image for member in cluster.members])}
    if image not in rows:
        raise NotFoundError(f"Image {image} is not in the cluster {cluster.id}; look at the clusters again.")
    return _replace(database, [(rows[image], list(rows.values()))], who=who, label="keep one copy")


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


def _cluster(pictures: Sequence[Picture], keep: Picture, kin: Kin) -> Cluster:
    ordered = sorted(pictures, key=lambda picture: (picture is not keep, picture.image))
    members = tuple(_member(picture, keep, group=pictures, kin=kin) for picture in ordered)
    classes = {picture.class_id for picture in pictures if picture.verdict != "reject"}
    return Cluster(min(picture.image for picture in pictures), _kind(members), keep.image, members, len(classes) > 1)


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
    )


def _still_clear(present: Sequence[ImageRow], keep: int) -> bool:
    kept = [row for row in present if row.verdict != "reject"]
    return any(row.id == keep and not row.missing for row in kept) and len({row.class_id for row in kept}) == 1


def _replace(
    database: Database, groups: Sequence[tuple[ImageRow, Sequence[ImageRow]]], *, who: str, label: str
) -> Resolved:
    """Reject all members of each group but its heir, which takes over what it lacks, in one batch."""
    operations: list[Operation] = []
    replaced: dict[int, list[int]] = {}
    for heir, members in groups:
        rejections = _reject_others(members, heir)
        if heir.verdict == "reject":
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
        Operation(row.id, "reject", reason=f"duplicate of {chosen.path}")
        for row in rows
        if row.id != chosen.id and row.verdict != "reject"
    ]
