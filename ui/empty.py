"""What an empty page shows: two lines that say what belongs here, and the buttons that fill it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

__all__ = ["empty"]


def empty(what: str, then: str, *, icon: str) -> DeltaGenerator:
    """Draws the two lines; the place for the buttons below them, to be used in a `with`."""
    with st.container(border=True, horizontal_alignment="center", key="empty"):
        st.space("medium")
        st.markdown(f"### {icon} {what}", text_alignment="center")
        st.markdown(f":gray[{then}]", text_alignment="center")
        buttons = st.container(horizontal=True, horizontal_alignment="center", key="empty_buttons")
        st.space("medium")
    return buttons
