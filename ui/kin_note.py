"""The note above near copies for as long as crops and turned copies are still looked for, and the way to them then."""

import streamlit as st

from core.api.desk import Opened
from ui.copies import forget_search

__all__ = ["kin_note"]

_LOOK_SECONDS = 1.0


def kin_note(here: Opened, distance: int) -> None:
    """Draws it; the rows beneath stay as they are until the person asks for the others."""
    if here.copies.ready(distance):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="kin_note"):
            st.caption("Crops and turned copies are found now", width="content")
            st.button("Show them", key="duplicates.kin", type="tertiary", on_click=forget_search)
        return
    here.copies.ask(distance)
    st.fragment(_wait, run_every=_LOOK_SECONDS)(here, distance)


def _wait(here: Opened, distance: int) -> None:
    if here.copies.ready(distance):
        st.rerun()
    if not here.copies.busy_seconds:
        here.copies.ask(distance)
    st.caption("Crops and turned copies are still being looked for …", width="content")
