"""The first line of a page: what it is, how things stand, and its one primary action at the right."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.edge import show_notices

__all__ = ["head"]


def head(title: str, standing: str = "") -> DeltaGenerator:
    """Draws title and standing; the place for the page's actions, to be used in a `with`.

    `standing` is one quiet line: figures, not explanations.
    """
    row = st.container(horizontal=True, vertical_alignment="center", gap="small", key="head")
    with row:
        words = st.container(gap="xxsmall", key="head_words")
        actions = st.container(
            horizontal=True, width="content", vertical_alignment="center", gap="small", key="head_actions"
        )
    with words:
        st.title(title, anchor=False)
        if standing:
            st.caption(standing)
    show_notices()
    return actions
