"""Which of the two palettes the browser shows."""

from typing import Literal

import streamlit as st

__all__ = ["theme"]


def theme() -> Literal["light", "dark"]:
    """`light` unless the browser says otherwise."""
    return "dark" if st.context.theme.type == "dark" else "light"
