"""The pairs of alike pictures of the open workspace, kept from page to page so that only what changed is compared."""

import streamlit as st

from core.api.desk import Opened
from core.catalog.store import revision
from core.dataset.split import Leakage, leakage
from core.duplicates.candidates import Candidates, prepare
from ui.facts import facts
from ui.rooms import visit
from ui.words import count

__all__ = ["candidates", "leak_words", "leaks"]

_RADIUS = 8
"""Compared at once, so that the distance slider answers at once up to here."""
_FOUND = "pairs.leaks"
_MANY = 20_000
"""Pictures; counting the leaks of 50,000 takes half a second on a slow machine."""


def candidates(here: Opened, distance: int) -> Candidates:
    """All pairs up to `distance` at least, of the catalogue as it is now."""
    kept = _kept(here.token)
    found = prepare(here.db, radius=max(distance, _RADIUS), previous=kept[0])
    kept[0] = found
    return found


def leaks(here: Opened, distance: int) -> Leakage:
    """How many test pictures have a near twin in training, in the present split and in one by lot."""
    return _leaks(here.token, revision(here.db), distance, here)


def leak_words(here: Opened, distance: int) -> str:
    """Both numbers in one line: whether the test set is too easy, and how easy one by lot would be.

    Of many pictures they are those at the start of the visit, so that the next decision need not wait for them.
    """
    figures = facts(here)
    found = _leaks_of_the_visit(here, distance) if figures.images > _MANY else leaks(here, distance)
    present = count(found.present) if sum(figures.split) else "not split yet"
    return f"Test pictures with a twin in training: {present} · in a split by lot: {count(found.random)}"


def _leaks_of_the_visit(here: Opened, distance: int) -> Leakage:
    wanted = (here.token, visit(), distance)
    found = st.session_state.get(_FOUND)
    if found is None or found[0] != wanted:
        found = (wanted, leaks(here, distance))
        st.session_state[_FOUND] = found
    counted: Leakage = found[1]
    return counted


@st.cache_resource(max_entries=8, show_spinner=False)
def _leaks(token: str, revision_now: int, distance: int, _here: Opened) -> Leakage:
    return leakage(_here.db, distance=distance, candidates=candidates(_here, distance))


@st.cache_resource(max_entries=2, show_spinner=False)
def _kept(token: str) -> list[Candidates | None]:
    return [None]
