"""The button of the Duplicates page that decides all of its groups at once, with how much that is."""

from collections.abc import Sequence

import streamlit as st

from core.api.desk import Opened
from core.duplicates.clusters import reject_again
from ui.copies import Group, accept_all, pictures_to_go
from ui.edge import act
from ui.who import who
from ui.words import plural

__all__ = ["reject_like", "resolve_button"]


def resolve_button(here: Opened, groups: Sequence[Group], *, kind: str) -> None:
    """Draws it for the groups of one kind; of those like rejected ones the new pictures go, of others all but one."""
    if kind == "rejected":
        _reject_button(here, groups)
    else:
        _accept_button(here, groups)


def reject_like(here: Opened, groups: Sequence[Group]) -> str:
    """Reject what is new in these groups and looks like a rejected picture."""
    done = reject_again(here.db, [group.cluster for group in groups if group.asked], who=who())
    return f"{plural(done.rejected, 'picture')} rejected; Undo takes that back"


def _accept_button(here: Opened, groups: Sequence[Group]) -> None:
    certain = [group for group in groups if group.going and not group.conflict]
    going = pictures_to_go(certain)
    st.button(
        f"Resolve {plural(len(certain), 'group')}" if certain else "Resolve",
        type="primary", key="duplicates.resolve", disabled=not certain, on_click=act,
        args=(accept_all, here, certain),
        help=f"Keeps the best of each and rejects {plural(going, 'picture')}; groups with two classes stay",
    )  # fmt: skip


def _reject_button(here: Opened, groups: Sequence[Group]) -> None:
    new = sum(len(group.asked) for group in groups)
    st.button(
        f"Reject {plural(new, 'picture')}" if new else "Reject",
        type="primary", key="duplicates.again", disabled=not new, on_click=act, args=(reject_like, here, list(groups)),
        help="Rejects each new picture that looks like a rejected one, with the reason of that; undo takes all back",
    )  # fmt: skip
