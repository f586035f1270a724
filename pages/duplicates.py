"""Duplicates: groups of copies, the best of each proposed; one click keeps one and rejects the others."""

from collections.abc import Mapping

import streamlit as st

from core.api.desk import Opened, desk
from core.workspace import read_settings
from ui.address import from_address, number_from_address, to_address
from ui.copies import (
    KINDS,
    Group,
    count_kinds,
    forget_search,
    groups_of,
    lack_kin,
    of_kind,
    search_after_undo,
    standing_words,
)
from ui.copy_rows import group_rows
from ui.empty import empty
from ui.facts import facts
from ui.head import head
from ui.keep_order import keep_order_popover
from ui.kin_note import kin_note
from ui.learn import back_button, begin_button, lesson
from ui.pairs import leak_words, wait_for_search
from ui.resolve_all import resolve_button
from ui.rooms import page_of
from ui.undo import undo_buttons
from ui.words import count

A_PAGE = 10
KEYS_WORDS = "J K or ← → move, Enter accepts, 1 … 9 keeps that one, R rejects all, D compares"
KEYS_WORDS_REJECTED = "J K or ← → move, R rejects, 1 … 9 keeps that one, D compares"


def draw(here: Opened) -> None:
    """The whole room."""
    if not facts(here).images:
        _nothing("No pictures to compare yet", "Here copies of one picture stand side by side, and you keep the best.")
        return
    usual = read_settings(here.workspace).duplicate_distance
    distance = number_from_address("distance", default=usual, low=0, high=16)
    found = groups_of(here, distance)
    groups = found or []
    waiting = count_kinds(groups)
    kind = from_address("kind", list(waiting if found is not None else KINDS), default="all")
    chosen = of_kind(groups, kind)
    with head("Duplicates", standing_words(groups)):
        undo_buttons(here, key="duplicates", then=search_after_undo)
        resolve_button(here, chosen, kind=kind)
    _choices(here, waiting, usual=usual)
    line = st.container(horizontal=True, horizontal_alignment="distribute", key="leaks")
    if found is None:
        wait_for_search(here, distance, sought="near", height=480)
    elif chosen:
        _rows(here, chosen)
    else:
        _none_found()
    # Last, for with many pictures it takes a while; the rows need not wait for it.
    with line:
        if found is not None and lack_kin():
            kin_note(here, distance)
        else:
            st.caption(leak_words(here, usual), width="content")
    words = KEYS_WORDS_REJECTED if kind == "rejected" else KEYS_WORDS
    line.caption(words if chosen else "", width="content")


def _choices(here: Opened, waiting: Mapping[str, int], *, usual: int) -> None:
    """Which groups, how near two pictures must be, which copy stays; kind and distance stand in the address."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="choices"):
        if waiting:
            kind = st.segmented_control(
                "Kind",
                list(waiting),
                format_func=lambda kind: f"{KINDS[kind]} {count(waiting[kind])}",
                required=True,
                key="kind",
                label_visibility="collapsed",
                on_change=forget_search,
            )
            to_address("kind", kind or "all", default="all")
        distance = st.slider(
            "Distance",
            0,
            16,
            key="distance",
            width=200,
            help="In how many of 64 bits two fingerprints may differ: 0 finds the same look, 6 also small edits.",
            on_change=forget_search,
        )
        to_address("distance", str(distance), default=str(usual))
        begin_button(here)
        keep_order_popover(here)
        back_button(here)
    lesson(here)


def _rows(here: Opened, groups: list[Group]) -> None:
    """One page of groups; each stays where it is when it is decided."""
    rows = st.container(key="groups")
    pages = max(1, -(-len(groups) // A_PAGE))
    page = st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
    with rows:
        group_rows(here, groups[(page - 1) * A_PAGE : page * A_PAGE])


def _none_found() -> None:
    st.markdown(":green[:material/check:] No copies wait at this distance.")
    if st.button("Look at the pictures", key="duplicates.clean"):
        st.switch_page(page_of("clean"))


def _nothing(what: str, then: str) -> None:
    head("Duplicates")
    with empty(what, then, icon=":material/content_copy:"):
        if st.button("Collect pictures", type="primary", key="duplicates.collect"):
            st.switch_page(page_of("collect"))


draw(desk().opened)
