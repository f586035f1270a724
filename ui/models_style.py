"""The style sheet of the pages about models."""

from pathlib import Path

import streamlit as st

__all__ = ["models_style"]

_SHEET = Path(__file__).with_name("models.css")


def models_style() -> None:
    """Put the sheet into the page."""
    st.html(_SHEET)
