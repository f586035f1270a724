"""A group of copies drawn: the pictures side by side, why they are copies, what differs, and the ways to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from core.api.desk import Opened
from core.catalog.bin import Rejection
from core.catalog.decisions import decide
from core.catalog.images import get_many
from core.catalog.records import ImageRow, Operation
from core.catalog.sources import Origin, find_origins, origin_in_words
from core.duplicates.clusters import Member, keep_all, keep_one
from core.duplicates.colour import colours_apart
from ui.copies import MOST_SHOWN, Group, accept_all, number_clusters
from ui.edge import act
from ui.group_keys.group_keys import group_keys
from ui.like_rejected import find_said, reject_button, said_of, title
from ui.thumbs import difference_address, no_picture, picture, thumb_address
from ui.who import who
from ui.words import count, day, plain, plural, size

__all__ = ["group_rows"]

_KINDS = {
    "exact": "Exact copies",
    "same pixels": "Same pixels, other bytes",
    "near": "Near copies",
    "mirror": "Mirrored copies",
    "turned": "Turned copies",
    "crop": "Cropped or framed copies",
}
_SIDE_PX = 208
_WITH_KEY = 9
_SIDE_BY_SIDE = 2
"""Groups up to this size stand two in a row."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the catalogue knows of one picture that is shown."""

    row: ImageRow
    origins: Sequence[Origin]
    rejection: Rejection | None
    """Where others look like it."""


def group_rows(here: Opened, groups: Sequence[Group]) -> None:
    """The groups, each with the kept picture first and the others beside it at the same size."""
    shown = [member.image for group in groups for member in _shown(group)]
    rows = {row.id: row for row in get_many(here.db, shown)}
    origins = find_origins(here.db, shown)
    colours = _colours(here, groups)
    said = find_said(here, groups)
    for group in groups:
        with st.container(border=True, gap="small", key=_key(group)):
            _head(here, group, rows)
            with st.container(horizontal=True, gap="small", wrap=False, key=f"members_{group.key}"):
                present = [_with_colours(member, colours) for member in _shown(group) if member.image in rows]
                for number, member in enumerate(present, start=1):
                    known = _Known(rows[member.image], origins.get(member.image, ()), said.get(member.image))
                    _tile(here, group, member, number=number, known=known)
            _leaf_through(group)
    group_keys([(_key(group), group.open, group.open and not group.conflict) for group in groups])


def _key(group: Group) -> str:
    return f"group_{'wide_' if len(group.cluster.members) > _SIDE_BY_SIDE else ''}{group.key}"


def _shown(group: Group) -> list[Member]:
    """The proposed one, and those of the others that this page of the group shows."""
    best, *others = group.cluster.members
    page = int(st.session_state.get(_leaf_key(group), 1))
    return [best, *others[(page - 1) * MOST_SHOWN : page * MOST_SHOWN]]


def _leaf_through(group: Group) -> None:
    """The way to the other pictures of a large group, beside the proposed one."""
    others = len(group.cluster.members) - 1
    if others <= MOST_SHOWN:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"leaves_{group.key}"):
        page = st.pagination(-(-others // MOST_SHOWN), key=_leaf_key(group))
        first, last = (page - 1) * MOST_SHOWN + 1, min(page * MOST_SHOWN, others)
        st.caption(f"Copies {count(first)} to {count(last)} of {count(others)}, beside the best one")


def _leaf_key(group: Group) -> str:
    return f"leaf.{group.key}"


def _head(here: Opened, group: Group, rows: Mapping[int, ImageRow]) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"decide_{group.key}"
    ):
        st.markdown(_title(group), width="stretch")
        if sum(member.emptied is None for member in group.cluster.members) > 1:
            with st.popover("Compare", type="tertiary", key=f"compare.{group.key}"):
                _compare(group, rows)
        if not group.open:
            st.button(
                "Open again", key=f"reopen.{group.key}", type="tertiary", on_click=act, args=(_reopen, here, group)
            )
            return
        if group.asked:
            reject_button(here, group)
            return
        st.button(
            "Reject all", key=f"none.{group.key}", type="tertiary", on_click=act,
            args=(_reject_all, here, group), help="None of these pictures is wanted, in no class",
        )  # fmt: skip
        st.button(
            "Not copies", key=f"different.{group.key}", type="tertiary", on_click=act,
            args=(_keep_all, here, group), help="Keeps all; these pictures will not be proposed together again",
        )  # fmt: skip
        if not group.conflict:
            st.button(
                "Accept", key=f"accept.{group.key}", icon=":material/check:", on_click=act,
                args=(_accept, here, group), help="Keeps the marked one and rejects the others",
            )  # fmt: skip


def _title(group: Group) -> str:
    if group.like_rejected:
        return title(group)
    what = _KINDS[group.cluster.kind]
    if group.conflict:
        names = sorted({member.class_name for member in group.cluster.members})
        what = f":orange[:material/warning: In {plural(len(names), 'class', 'classes')}:] {plain(', '.join(names))}"
    pictures = len(group.cluster.members)
    words = f"**{what}** :gray[· {plural(pictures, 'picture')}]" if pictures > _SIDE_BY_SIDE else f"**{what}**"
    if group.crossing:
        words = f"{words} :orange[· across parts]"
    if group.different:
        return f"{words} :green[· all kept, not copies]"
    return words if group.open else f"{words} :green[· resolved]"


def _compare(group: Group, rows: Mapping[int, ImageRow]) -> None:
    """The best copy, each other one and what differs between the two, black where they are alike."""
    best = rows.get(group.cluster.keep)
    shown = [member for member in _shown(group) if member.image in rows and member.emptied is None]
    others = [(member, rows[member.image]) for member in shown]
    lines = [_compared(best, row, member) for member, row in others if best is not None and row.id != best.id]
    st.html(f'<div class="specimen-compare">{"".join(lines)}</div>')


def _compared(best: ImageRow, row: ImageRow, member: Member) -> str:
    pair = _figure(thumb_address(best), "best copy"), _figure(thumb_address(row), "copy")
    if member.same_pixels:
        drawn = "".join((*pair, '<figure class="none"><figcaption>no difference</figcaption></figure>'))
    else:
        drawn = "".join((*pair, _figure(difference_address(best, row), "difference")))
    return f"<div>{drawn}</div><p>{escape(member.matches)}</p>"


def _figure(address: str, words: str) -> str:
    return f'<figure><img src="{escape(address)}" alt="{words}"><figcaption>{words}</figcaption></figure>'


def _tile(here: Opened, group: Group, member: Member, *, number: int, known: _Known) -> None:
    """One picture; `number` is its place in the group, and the key that keeps it."""
    row, gone = known.row, known.row.verdict == "reject"
    proposed = member.image == group.cluster.keep and not group.asked
    stays = not gone and (not group.open or (proposed and not group.conflict))
    decidable = group.open and not gone
    with st.container(gap=None, width=_SIDE_PX, key=f"tile_{group.key}_{member.image}"):
        if member.emptied is None:
            picture(row, side=_SIDE_PX, faded=gone, marked=stays)
        else:
            no_picture(f"Deleted on {day(member.emptied)}", side=_SIDE_PX)
        key = f":gray-badge[{number}] " if decidable and number <= _WITH_KEY else ""
        mark = ":orange[new]" if member.image in group.asked else _mark(proposed, gone=gone, stays=stays)
        st.markdown(f"{key}{mark} :gray[· {plain(row.class_name)}]")
        st.caption("  \n".join(plain(words) for words in _words(group, member, known)))
        if decidable and (group.conflict or not proposed):
            st.button(
                _keep_words(group, plain(row.class_name)),
                key=f"keep.{group.key}.{member.image}", width="stretch", on_click=act,
                args=(_keep_one, here, group, member.image),
            )  # fmt: skip


def _mark(proposed: bool, *, gone: bool, stays: bool) -> str:
    if gone:
        return ":red[✕ rejected]"
    if stays:
        return ":green[✓ stays]"
    return "best copy" if proposed else ":gray[copy]"


def _keep_words(group: Group, class_name: str) -> str:
    if group.conflict:
        return f"Keep in {class_name}"
    return "Keep it after all" if group.asked else "Keep this one"


def _words(group: Group, member: Member, known: _Known) -> list[str]:
    """Why it counts as a copy, what differs, its part of the split where that matters, and where it came from.

    Of a rejected one that others look like: why it was.
    """
    own = f"{count(member.width)}×{count(member.height)}, {size(member.bytes)}"
    lines = [member.matches, member.differs or own] if member.matches else [own]
    if group.like_rejected and known.row.verdict == "reject":
        return [*said_of(known.row, known.rejection), *lines]
    if group.crossing:
        lines.append(f"in {member.split or 'no part'}")
    lines += filter(None, [origin_in_words(known.origins)])
    return lines


def _colours(here: Opened, groups: Sequence[Group]) -> dict[int, str]:
    """By image: how its colours differ from those of the copy to keep; of a part or a page that would say nothing."""
    copies = [(group.cluster.keep, member) for group in groups for member in _shown(group)]
    pairs = [(member.image, keep) for keep, member in copies if not member.same_pixels and member.bond != "crop"]
    return colours_apart(here.db, pairs)


def _with_colours(member: Member, colours: Mapping[int, str]) -> Member:
    return replace(member, matches=", ".join(filter(None, [member.matches, colours.get(member.image)])))


def _accept(here: Opened, group: Group) -> None:
    accept_all(here, [group])


def _keep_one(here: Opened, group: Group, image: int) -> None:
    keep_one(here.db, group.cluster, image, who=who())


def _reject_all(here: Opened, group: Group) -> None:
    staying = [member.image for member in group.cluster.members if member.image not in group.rejected]
    decide(here.db, [Operation(image, "reject") for image in staying], who=who(), label="reject all copies")


def _keep_all(here: Opened, group: Group) -> None:
    keep_all(here.db, group.cluster, who=who())
    number_clusters(here)


def _reopen(here: Opened, group: Group) -> None:
    """Take back what was decided since the group was found."""
    like = () if group.cluster.like_rejected is None else group.cluster.like_rejected.images
    before = {member.image for member in group.cluster.members if member.verdict == "reject"}
    decided = sorted((group.rejected - before).union(like))
    decide(here.db, [Operation(image, "unreview") for image in decided], who=who(), label="open again")
