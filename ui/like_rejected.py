"""New pictures that look like rejected ones, on the Duplicates page: what was said of those, and the ways to decide."""

from collections.abc import Sequence

import streamlit as st

from core.api.desk import Opened
from core.catalog.bin import Rejection, find_rejections
from core.catalog.records import ImageRow
from ui.copies import Group
from ui.edge import act
from ui.resolve_all import reject_like
from ui.words import day

__all__ = ["find_said", "reject_button", "said_of", "title"]


def title(group: Group) -> str:
    """What the group is, and what was decided, in markdown."""
    pictures = group.cluster.like_rejected.images if group.cluster.like_rejected is not None else ()
    what = "Looks like a rejected picture" if len(pictures) == 1 else "Look like a rejected picture"
    if group.asked:
        return f"**:orange[:material/history:] {what}**"
    return f"**{what}** " + (":red[· rejected too]" if group.rejected.issuperset(pictures) else ":green[· kept]")


def reject_button(here: Opened, group: Group) -> None:
    """Draws the button that rejects what is new in the group."""
    new = len(group.asked)
    st.button(
        "Reject it too" if new == 1 else f"Reject {new} too",
        key=f"none.{group.key}", icon=":material/close:", on_click=act, args=(reject_like, here, [group]),
        help="With the reason of the one that it looks like",
    )  # fmt: skip


def find_said(here: Opened, groups: Sequence[Group]) -> dict[int, Rejection]:
    """Who rejected the pictures that others look like, and when, as far as that is known."""
    rejected = [image for group in groups if group.like_rejected for image in sorted(group.rejected)]
    return find_rejections(here.db, rejected)


def said_of(row: ImageRow, rejection: Rejection | None) -> list[str]:
    """Why a picture was rejected, by whom and when."""
    lines = [row.reason] if row.reason else []
    return lines if rejection is None else [*lines, f"on {day(rejection.at)} by {rejection.who}"]
