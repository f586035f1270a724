"""Groups of copies on the Duplicates page.

The groups found stay as they are during one visit, and what is decided shows in them: a row that is resolved stays in
its place instead of pulling the next one under the pointer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.api.desk import Opened
from core.catalog.decisions import different_pairs
from core.catalog.images import image_table
from core.catalog.store import revision
from core.database import Database
from core.duplicates.clusters import Cluster, Member, find_clusters, resolve, update_clusters
from core.workspace import read_settings
from ui.facts import facts
from ui.pairs import candidates
from ui.rooms import visit
from ui.undo import WHO
from ui.words import count, plural

__all__ = [
    "KINDS",
    "MOST_SHOWN",
    "Group",
    "accept_all",
    "forget_search",
    "groups_of",
    "number_clusters",
    "of_kind",
    "pictures_to_go",
    "standing_words",
    "still_open",
]

KINDS = {
    "all": "all",
    "across": "across classes",
    "parts": "across parts",
    "exact": "exact",
    "same pixels": "same pixels",
    "near": "near",
    "mirror": "mirrored",
}
MOST_SHOWN = 24
"""Pictures of one group."""
_FOUND = "duplicates.found"


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster as it was found, with what has been decided since."""

    cluster: Cluster
    rejected: frozenset[int]
    different: bool
    """A person said that these are no copies of each other."""

    @property
    def key(self) -> str:
        """The same for the same pictures, whatever the search numbered them."""
        return "-".join(str(member.image) for member in self.cluster.members[:MOST_SHOWN])

    @property
    def conflict(self) -> bool:
        return self.cluster.conflict

    @property
    def crossing(self) -> bool:
        """Its pictures stand in two parts of the split, so one part would know the answers of the other."""
        return len({member.split for member in self.staying if member.split}) > 1

    @property
    def staying(self) -> list[Member]:
        return [member for member in self.cluster.members if member.image not in self.rejected]

    @property
    def open(self) -> bool:
        """Whether two or more of its pictures would still stay."""
        return len(self.staying) > 1 and not self.different


def groups_of(here: Opened, distance: int) -> list[Group]:
    """The groups of this visit at this distance, conflicts first; the search runs when there is none yet."""
    order = read_settings(here.workspace).keep_order
    wanted = (here.token, distance, visit(), facts(here).images, order)
    found = st.session_state.get(_FOUND)
    if found is None or found[0] != wanted:
        with st.spinner("Comparing the pictures …", show_time=True):
            clusters = find_clusters(here.db, distance=distance, candidates=candidates(here, distance), order=order)
        found = (wanted, clusters)
        st.session_state[_FOUND] = found
    rejected, different = _decided(here.token, revision(here.db), here.db)
    return [_group(cluster, rejected, different) for cluster in found[1]]


def forget_search() -> None:
    """Lets the next run search anew, from the first page."""
    st.session_state.pop(_FOUND, None)
    st.session_state.pop("page", None)


def of_kind(groups: Sequence[Group], kind: str) -> list[Group]:
    """The groups of one kind of `KINDS`."""
    if kind == "across":
        return [group for group in groups if group.conflict]
    if kind == "parts":
        return [group for group in groups if group.crossing]
    return [group for group in groups if kind in ("all", group.cluster.kind)]


def still_open(groups: Sequence[Group]) -> list[Group]:
    """Those that wait for a decision."""
    return [group for group in groups if group.open]


def pictures_to_go(groups: Sequence[Group]) -> int:
    """How many pictures would be rejected if one of each open group stayed."""
    return sum(len(group.staying) - 1 for group in groups if group.open)


def number_clusters(here: Opened) -> None:
    """Lets the catalogue know which pictures are copies now; to be called when pairs were called different, or not."""
    distance = read_settings(here.workspace).duplicate_distance
    update_clusters(here.db, distance=distance, candidates=candidates(here, distance))


def standing_words(groups: Sequence[Group]) -> str:
    """How many wait, and how many pictures would go, in one line."""
    waiting = still_open(groups)
    if not waiting:
        return f"{plural(len(groups), 'group')} of copies, all resolved" if groups else ""
    conflicts = sum(group.conflict for group in waiting)
    words = f"{plural(len(waiting), 'group')} of copies open, {plural(pictures_to_go(waiting), 'picture')} would go"
    return f"{words}; {count(conflicts)} across classes, for you to decide" if conflicts else words


def accept_all(here: Opened, groups: Sequence[Group]) -> str:
    """Keep the proposed picture of each group and reject the others, in one batch."""
    decided = resolve(here.db, [group.cluster for group in groups if group.open], who=WHO)
    return f"Resolved {plural(len(groups), 'group')}: {plural(decided.rejected, 'picture')} rejected"


def _group(cluster: Cluster, rejected: frozenset[int], different: frozenset[tuple[int, int]]) -> Group:
    images = sorted(member.image for member in cluster.members)
    gone = frozenset(images) & rejected
    parted = (images[0], images[-1]) in different if len(images) > 1 else False
    return Group(cluster, gone, parted)


@st.cache_resource(max_entries=4, show_spinner=False)
def _decided(token: str, revision_now: int, _db: Database) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """The rejected images, and the pairs called different."""
    rejected = image_table(_db, ["id"], "verdict = reject")["id"]
    return frozenset(int(image) for image in rejected if image is not None), frozenset(different_pairs(_db))
