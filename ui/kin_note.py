"""The note above near copies for as long as crops and turned copies are still looked for, and the way to them then."""

import streamlit as st

from core.api.desk import Opened
from ui.copies import forget_search

__all__ = ["kin_note"]

_LOOK_SECONDS = 1.0


def kin_note(here: Opened, distance: int) -> None:
    """Draws it; the rows beneath stay as they are until the person asks for the others."""
    if here.copies.ready(distance):
        _line("Crops and turned copies are found now", found=True)
        return
    here.copies.ask(distance)
    st.fragment(_wait, run_every=_LOOK_SECONDS)(here, distance)


def _wait(here: Opened, distance: int) -> None:
    if here.copies.ready(distance):
        st.rerun()
    if not here.copies.busy_seconds:
        here.copies.ask(distance)
    _line("Crops and turned copies are still being looked for …", found=False)


def _line(words: str, *, found: bool) -> None:
    """As high with nothing to show yet, so that the rows do not move."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="kin_note"):
        st.caption(words, width="content")
        st.button("Show them", key="duplicates.kin", type="tertiary", disabled=not found, on_click=forget_search)
