"""Which of the two palettes the browser shows."""

from typing import Literal

import streamlit as st

__all__ = ["accent", "theme"]

_ACCENT = {"light": "#2F6B4F", "dark": "#74C49B"}


def theme() -> Literal["light", "dark"]:
    """`light` unless the browser says otherwise."""
    return "dark" if st.context.theme.type == "dark" else "light"


def accent() -> str:
    """The colour of actions and links; Streamlit tells it only to components."""
    return _ACCENT[theme()]
