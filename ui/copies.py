"""Groups of copies on the Duplicates page.

The groups found stay as they are during one visit, and what is decided shows in them: a row that is resolved stays in
its place instead of pulling the next one under the pointer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.api.desk import Opened
from core.catalog.decisions import decide, different_pairs
from core.catalog.images import get_many, image_table
from core.catalog.records import ImageRow, Operation
from core.catalog.store import revision
from core.database import Database
from core.duplicates.clusters import Cluster, Member, find_clusters, keep_all, keep_one, resolve, update_clusters
from core.workspace import read_settings
from ui.edge import act
from ui.facts import facts
from ui.pairs import candidates
from ui.rooms import visit
from ui.thumbs import picture
from ui.undo import WHO
from ui.words import count, plain, plural, size

__all__ = [
    "KINDS",
    "Group",
    "accept_all",
    "forget_search",
    "group_row",
    "groups_of",
    "number_clusters",
    "of_kind",
    "pictures_to_go",
    "standing_words",
    "still_open",
]

KINDS = {"all": "all", "across": "across classes", "exact": "exact", "near": "near", "mirror": "mirrored"}
_FOUND = "duplicates.found"
_SIDE_PX = 208
_SIDE_BY_SIDE = 2
"""Groups up to this size stand two in a row."""
_MOST_SHOWN = 24


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
        return "-".join(str(member.image) for member in self.cluster.members[:_MOST_SHOWN])

    @property
    def conflict(self) -> bool:
        return self.cluster.conflict

    @property
    def staying(self) -> list[Member]:
        return [member for member in self.cluster.members if member.image not in self.rejected]

    @property
    def open(self) -> bool:
        """Whether two or more of its pictures would still stay."""
        return len(self.staying) > 1 and not self.different


def groups_of(here: Opened, distance: int) -> list[Group]:
    """The groups of this visit at this distance, conflicts first; the search runs when there is none yet."""
    wanted = (here.token, distance, visit(), facts(here).images)
    found = st.session_state.get(_FOUND)
    if found is None or found[0] != wanted:
        with st.spinner("Comparing the pictures …", show_time=True):
            clusters = find_clusters(here.db, distance=distance, candidates=candidates(here, distance))
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


def group_row(here: Opened, group: Group, *, is_first: bool) -> None:
    """One group: the kept picture first, the others beside it at the same size, what differs below each."""
    members = group.cluster.members[:_MOST_SHOWN]
    rows = {row.id: row for row in get_many(here.db, [member.image for member in members])}
    width = "wide_" if len(members) > _SIDE_BY_SIDE else ""
    with st.container(border=True, gap="small", key=f"group_{width}{group.key}"):
        _group_head(here, group, is_first=is_first)
        with st.container(horizontal=True, gap="small", wrap=False, key=f"members_{group.key}"):
            for member in members:
                if member.image in rows:
                    _tile(here, group, member, rows[member.image])


def _group_head(here: Opened, group: Group, *, is_first: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(_title(group), width="stretch")
        if not group.open:
            st.button(
                "Open again", key=f"reopen.{group.key}", type="tertiary", on_click=act, args=(_reopen, here, group)
            )
            return
        st.button(
            "Keep all: not copies", key=f"different.{group.key}", type="tertiary", on_click=act,
            args=(_keep_all, here, group), help="These pictures will not be proposed together again",
        )  # fmt: skip
        if not group.conflict:
            st.button(
                "Accept", key=f"accept.{group.key}", icon=":material/check:", on_click=act,
                args=(_accept, here, group), shortcut="Enter" if is_first else None,
                help="Keeps the marked one and rejects the others",
            )  # fmt: skip


def _title(group: Group) -> str:
    what = {"exact": "Exact copies", "near": "Near copies", "mirror": "Mirrored copies"}[group.cluster.kind]
    if group.conflict:
        names = sorted({member.class_name for member in group.cluster.members})
        what = f":orange[:material/warning: In {plural(len(names), 'class', 'classes')}:] {plain(', '.join(names))}"
    words = f"**{what}** :gray[· {plural(len(group.cluster.members), 'picture')}]"
    if group.different:
        return f"{words} :green[· all kept, not copies]"
    return words if group.open else f"{words} :green[· resolved]"


def _tile(here: Opened, group: Group, member: Member, row: ImageRow) -> None:
    gone = row.verdict == "reject"
    proposed = member.image == group.cluster.keep
    with st.container(gap=None, width=_SIDE_PX, key=f"tile_{group.key}_{member.image}"):
        picture(row, side=_SIDE_PX, faded=gone)
        st.markdown(f"{_mark(group, member, gone=gone)} :gray[{plain(row.class_name)}]")
        st.caption(_differences(member))
        if group.open and not gone and (group.conflict or not proposed):
            st.button(
                "Keep this one", key=f"keep.{group.key}.{member.image}", width="stretch", on_click=act,
                args=(_keep_one, here, group, member.image),
            )  # fmt: skip


def _mark(group: Group, member: Member, *, gone: bool) -> str:
    if gone:
        return ":red[✕ rejected]"
    if not group.open:
        return ":green[✓ stays]"
    if member.image != group.cluster.keep:
        return ":gray[copy]"
    return "best copy" if group.conflict else ":green[✓ stays]"


def _differences(member: Member) -> str:
    return plain(member.differs or f"{count(member.width)}×{count(member.height)}, {size(member.bytes)}")


def _accept(here: Opened, group: Group) -> None:
    accept_all(here, [group])


def _keep_one(here: Opened, group: Group, image: int) -> None:
    keep_one(here.db, group.cluster, image, who=WHO)


def _keep_all(here: Opened, group: Group) -> None:
    keep_all(here.db, group.cluster, who=WHO)
    number_clusters(here)


def _reopen(here: Opened, group: Group) -> None:
    rejected = [member.image for member in group.cluster.members if member.image in group.rejected]
    decide(here.db, [Operation(image, "unreview") for image in rejected], who=WHO, label="open again")


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
