"""Groups of copies on the Duplicates page.

The groups found stay as they are during one visit, and what is decided shows in them: a row that is resolved stays in
its place instead of pulling the next one under the pointer.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.api.desk import Opened
from core.catalog.clusters import kept_images, rejected_images
from core.catalog.decisions import changes_since, different_pairs
from core.catalog.store import revision
from core.database import Database
from core.duplicates.clusters import Cluster, resolve
from core.workspace import read_settings
from ui.facts import facts
from ui.rooms import visit
from ui.who import who
from ui.words import count, plural

__all__ = [
    "KINDS",
    "MOST_SHOWN",
    "Group",
    "accept_all",
    "count_kinds",
    "forget_search",
    "groups_of",
    "lack_kin",
    "number_clusters",
    "of_kind",
    "pictures_to_go",
    "search_after_undo",
    "standing_words",
]

KINDS = {
    "all": "all",
    "rejected": "like rejected",
    "across": "across classes",
    "parts": "across parts",
    "exact": "exact",
    "same pixels": "same pixels",
    "near": "near",
    "mirror": "mirrored",
    "turned": "turned",
    "crop": "cropped",
}
MOST_SHOWN = 24
"""Copies of one group beside the proposed one; the others are leafed to."""
_FOUND, _SHOWN = "duplicates.found", "duplicates.shown"


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster as it was found, with what has been decided since."""

    cluster: Cluster
    rejected: frozenset[int]
    different: bool
    """A person said that these are no copies of each other."""
    crossing: bool
    """Its pictures stand in two parts of the split, so one part would know the answers of the other."""
    asked: frozenset[int] = frozenset()
    """Those that look like a rejected one and are neither kept nor rejected yet."""

    @property
    def key(self) -> str:
        """The same for the same pictures, whatever the search numbered them."""
        return "-".join(str(member.image) for member in self.cluster.members[:MOST_SHOWN])

    @property
    def conflict(self) -> bool:
        return self.cluster.conflict

    @property
    def like_rejected(self) -> bool:
        """Its pictures look like one that was rejected before they came, whatever was decided since."""
        return self.cluster.like_rejected is not None

    @property
    def going(self) -> int:
        """How many pictures would be rejected if one stayed; 0 when that is decided."""
        return 0 if self.different else max(0, len(self.cluster.members) - len(self.rejected) - 1)

    @property
    def open(self) -> bool:
        """Whether two or more of its pictures would still stay, or one that looks like a rejected one."""
        return self.going > 0 or bool(self.asked)

    @property
    def kinds(self) -> list[str]:
        """Those of `KINDS` that it belongs to."""
        flags = {"rejected": self.like_rejected, "across": self.conflict, "parts": self.crossing}
        return ["all", *(kind for kind, so in flags.items() if so), self.cluster.kind]


def groups_of(here: Opened, distance: int) -> list[Group] | None:
    """The groups of this visit at this distance; None while the pictures are not compared yet.

    Crops and turned copies that are found later do not come in between (`lack_kin`).
    """
    order = read_settings(here.workspace).keep_order
    wanted = (here.token, distance, visit(), facts(here).images, order)
    found = st.session_state.get(_FOUND)
    if found is None or found[0] != wanted:
        if not here.copies.near_ready(distance):
            return None
        whole = here.copies.ready(distance)
        found = (wanted, here.copies.clusters(distance, order=order), whole)
        st.session_state[_FOUND] = found
    return _shown(found[1], revision(here.db), here)


def lack_kin() -> bool:
    """Whether the groups of this visit are near copies alone, for crops and turned ones were not found yet."""
    found = st.session_state.get(_FOUND)
    return found is not None and not found[2]


def _shown(clusters: Sequence[Cluster], revision_now: int, here: Opened) -> list[Group]:
    """The clusters with what is decided by now; those of this session are kept while nothing changes."""
    known = st.session_state.get(_SHOWN)
    if known is None or known[0] is not clusters or known[1] != revision_now:
        rejected, different = _decided(here.token, revision_now, here.db)
        like = [image for cluster in clusters if cluster.like_rejected for image in cluster.like_rejected.images]
        settled = kept_images(here.db, like) | rejected
        groups = [_group(cluster, rejected, different, settled=settled) for cluster in clusters]
        known = (clusters, revision_now, groups)
        st.session_state[_SHOWN] = known
    shown: list[Group] = known[2]
    return shown


def forget_search() -> None:
    """Lets the next run search anew, from the first page."""
    st.session_state.pop(_FOUND, None)
    st.session_state.pop("page", None)


def search_after_undo(here: Opened) -> None:
    """Finds the groups anew where a decision was taken back on pictures that this visit's groups do not hold."""
    found = st.session_state.get(_FOUND)
    if found is not None:
        shown = {member.image for cluster in found[1] for member in cluster.members}
        if any(change.image not in shown for change in changes_since(here.db, revision(here.db) - 1)):
            st.session_state.pop(_FOUND)
    number_clusters(here)


def of_kind(groups: Sequence[Group], kind: str) -> list[Group]:
    """The groups of one kind of `KINDS`."""
    return [group for group in groups if kind == "all" or kind in group.kinds]


def count_kinds(groups: Sequence[Group]) -> dict[str, int]:
    """How many groups of each of `KINDS` wait for a decision, in that order; kinds that no group has are left out."""
    found = Counter(kind for group in groups for kind in group.kinds)
    waiting = Counter(kind for group in groups if group.open for kind in group.kinds)
    return {kind: waiting[kind] for kind in KINDS if found[kind]}


def pictures_to_go(groups: Sequence[Group]) -> int:
    """How many pictures would be rejected if one of each open group stayed."""
    return sum(group.going for group in groups)


def number_clusters(here: Opened) -> None:
    """Lets the catalogue know which pictures are copies now; to be called when pairs were called different, or not."""
    here.copies.number_clusters(read_settings(here.workspace).duplicate_distance)


def standing_words(groups: Sequence[Group]) -> str:
    """How many wait, and how many pictures would go, in one line."""
    waiting = [group for group in groups if group.open]
    if not waiting:
        return f"{plural(len(groups), 'group')} of copies, all resolved" if groups else ""
    conflicts, like = sum(group.conflict for group in waiting), sum(len(group.asked) for group in waiting)
    copies, going = sum(group.going > 0 for group in waiting), plural(pictures_to_go(waiting), "picture")
    words = [
        f"{plural(copies, 'group')} of copies open, {going} would go" if copies else "",
        f"{count(conflicts)} across classes, for you to decide" if conflicts else "",
        f"{plural(like, 'new picture')} like rejected ones" if like else "",
    ]
    return "; ".join(filter(None, words))


def accept_all(here: Opened, groups: Sequence[Group]) -> str:
    """Keep the proposed picture of each group and reject the others, in one batch."""
    decided = resolve(here.db, [group.cluster for group in groups if group.open], who=who())
    return f"Resolved {plural(len(groups), 'group')}: {plural(decided.rejected, 'picture')} rejected"


def _group(
    cluster: Cluster, rejected: frozenset[int], different: frozenset[tuple[int, int]], *, settled: frozenset[int]
) -> Group:
    gone = frozenset(
        member.image for member in cluster.members if member.image in rejected or member.emptied is not None
    )
    parts = {member.split for member in cluster.members if member.split and member.image not in gone}
    images = [member.image for member in cluster.members]
    asked = frozenset() if cluster.like_rejected is None else frozenset(cluster.like_rejected.images) - settled
    return Group(cluster, gone, (min(images), max(images)) in different, len(parts) > 1, asked)


@st.cache_resource(max_entries=4, show_spinner=False)
def _decided(token: str, revision_now: int, _db: Database) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """The rejected images, and the pairs called different."""
    return rejected_images(_db), frozenset(different_pairs(_db))
