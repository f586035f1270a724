"""Duplicates: groups of copies, the best of each proposed; one click keeps one and rejects the others."""

import streamlit as st

from core.api.desk import Opened, desk
from core.workspace import read_settings
from ui.copies import (
    KINDS,
    Group,
    accept_all,
    forget_search,
    group_row,
    groups_of,
    of_kind,
    pictures_to_go,
    still_open,
)
from ui.edge import act, edge, show_notices
from ui.empty import empty
from ui.facts import facts
from ui.head import head
from ui.rooms import page_of
from ui.undo import undo_buttons
from ui.words import count, plural

A_PAGE = 10


def draw(here: Opened) -> None:
    """The whole room."""
    if not facts(here).images:
        _nothing("No pictures to compare yet", "Here copies of one picture stand side by side, and you keep the best.")
        return
    distance = int(st.session_state.get("distance", read_settings(here.workspace).duplicate_distance))
    groups = groups_of(here, distance)
    chosen = of_kind(groups, st.session_state.get("kind") or "all")
    certain = [group for group in still_open(chosen) if not group.conflict]
    going = pictures_to_go(certain)
    with head("Duplicates", _standing(groups)):
        undo_buttons(here, key="duplicates")
        st.button(
            f"Resolve {plural(len(certain), 'group')}",
            type="primary",
            key="duplicates.resolve",
            disabled=not certain,
            help=f"Keeps the best of each and rejects {plural(going, 'picture')}; groups with two classes stay",
            on_click=act,
            args=(accept_all, here, certain),
        )
    _choices(groups, distance)
    if chosen:
        st.fragment(_rows)(here, distance)
    elif groups:
        st.info("No groups of this kind.", icon=":material/filter_alt:")
    else:
        _none_found()


def _standing(groups: list[Group]) -> str:
    waiting = still_open(groups)
    if not waiting:
        return f"{plural(len(groups), 'group')} of copies, all resolved" if groups else ""
    conflicts = sum(group.conflict for group in waiting)
    words = f"{plural(len(waiting), 'group')} of copies open, {plural(pictures_to_go(waiting), 'picture')} would go"
    return f"{words}; {count(conflicts)} across classes, for you to decide" if conflicts else words


def _choices(groups: list[Group], distance: int) -> None:
    """Which groups, and how near two pictures must be; both stand in the address."""
    with st.container(horizontal=True, gap="large", vertical_alignment="center", key="choices"):
        numbers = {kind: len(still_open(of_kind(groups, kind))) for kind in KINDS}
        st.segmented_control(
            "Kind",
            [kind for kind in KINDS if kind == "all" or of_kind(groups, kind)],
            format_func=lambda kind: f"{KINDS[kind]} {count(numbers[kind])}",
            default="all",
            required=True,
            key="kind",
            bind="query-params",
            label_visibility="collapsed",
            on_change=forget_search,
        )
        st.slider(
            "Distance",
            0,
            16,
            value=distance,
            key="distance",
            bind="query-params",
            width=260,
            help="In how many of 64 bits two fingerprints may differ: 0 finds the same look, 6 also small edits.",
            on_change=forget_search,
        )


def _rows(here: Opened, distance: int) -> None:
    """One page of groups; stays where it is when one of them is decided."""
    with edge():
        show_notices()
        groups = of_kind(groups_of(here, distance), st.session_state.get("kind") or "all")
        pages = max(1, -(-len(groups) // A_PAGE))
        page = min(int(st.session_state.get("page", 1)), pages)
        shown = groups[(page - 1) * A_PAGE : page * A_PAGE]
        first = next((group.key for group in shown if group.open and not group.conflict), None)
        with st.container(key="groups"):
            for group in shown:
                group_row(here, group, is_first=group.key == first)
        if pages > 1:
            st.pagination(pages, key="page", bind="query-params")


def _none_found() -> None:
    with st.container(key="none"):
        st.success("No copies at this distance.", icon=":material/check:")
        if st.button("Look at the pictures", key="duplicates.clean"):
            st.switch_page(page_of("clean"))


def _nothing(what: str, then: str) -> None:
    head("Duplicates")
    with empty(what, then, icon=":material/content_copy:"):
        if st.button("Collect pictures", type="primary", key="duplicates.collect"):
            st.switch_page(page_of("collect"))


draw(desk().opened)
