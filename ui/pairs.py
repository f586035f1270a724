"""The pairs of alike pictures of the open workspace, kept from page to page so that only what changed is compared."""

import streamlit as st

from core.api.desk import Opened
from core.duplicates.candidates import Candidates, prepare

__all__ = ["candidates"]

_RADIUS = 8
"""Compared at once, so that the distance slider answers at once up to here."""


def candidates(here: Opened, distance: int) -> Candidates:
    """All pairs up to `distance` at least, of the catalogue as it is now."""
    kept = _kept(here.token)
    found = prepare(here.db, radius=max(distance, _RADIUS), previous=kept[0])
    kept[0] = found
    return found


@st.cache_resource(max_entries=2, show_spinner=False)
def _kept(token: str) -> list[Candidates | None]:
    return [None]
