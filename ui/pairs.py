"""Copies across the parts of the split, as two numbers, and the wait for the search that they come from."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import streamlit as st

from core.api.desk import Opened
from core.catalog.store import revision
from core.dataset.split import Leakage, leakage
from core.duplicates.candidates import Candidates
from core.duplicates.search import CopySearch
from ui.facts import facts
from ui.rooms import visit
from ui.words import count, span

__all__ = ["Sought", "candidates", "leak_words", "leaks", "wait_for_search"]

Sought = Literal["pairs", "near", "all"]
"""Pairs of hashes alone; groups of near copies; or those with crops and turned copies."""
_READY: Final[Mapping[Sought, Callable[[CopySearch, int], bool]]] = {
    "pairs": CopySearch.pairs_ready,
    "near": CopySearch.near_ready,
    "all": CopySearch.ready,
}

_FOUND = "pairs.leaks"
_MANY = 20_000
"""Pictures; counting the leaks of 100,000 takes a tenth of a second."""
_LOOK_SECONDS = 0.3
_SAID_SECONDS = 3.0


def candidates(here: Opened, distance: int) -> Candidates:
    """All pairs up to `distance` at least, of the catalogue as it is now."""
    return here.copies.candidates(distance)


def wait_for_search(here: Opened, distance: int, *, sought: Sought = "all", height: int = 0) -> None:
    """Stands where something will, `height` pixels high, until the pictures are compared; then the page is drawn anew.

    To be drawn instead of what needs them where `here.copies` says that they are not ready.
    """
    _ask(here, distance, sought)
    st.fragment(_wait, run_every=_LOOK_SECONDS)(here, distance, sought, height)


def _ask(here: Opened, distance: int, sought: Sought) -> None:
    if sought == "pairs":
        here.copies.ask_pairs(distance)
    else:
        here.copies.ask(distance)


def _wait(here: Opened, distance: int, sought: Sought, height: int) -> None:
    if _READY[sought](here.copies, distance):
        st.rerun()
    busy = here.copies.busy_seconds
    if not busy:  # pictures have come in since
        _ask(here, distance, sought)
    since = f" for {span(busy)}" if busy > _SAID_SECONDS else ""
    st.caption(f"Comparing {count(facts(here).images)} pictures{since} …")
    if height:
        st.skeleton(height)


def leaks(here: Opened, distance: int) -> Leakage | None:
    """How many test pictures have a near twin in training, in the present split and in one by lot.

    None while the pictures are not compared yet.
    """
    return _leaks(here.token, revision(here.db), distance, here) if here.copies.ready(distance) else None


def leak_words(here: Opened, distance: int) -> str:
    """Both numbers in one line: whether the test set is too easy, and how easy one by lot would be.

    Of many pictures they are those at the start of the visit, so that the next decision need not wait for them.
    """
    figures = facts(here)
    found = _leaks_of_the_visit(here, distance) if figures.images > _MANY else leaks(here, distance)
    if found is None:
        return ""
    present = count(found.present) if sum(figures.split) else "not split yet"
    return f"Test pictures with a twin in training: {present} · in a split by lot: {count(found.random)}"


def _leaks_of_the_visit(here: Opened, distance: int) -> Leakage | None:
    wanted = (here.token, visit(), distance)
    found = st.session_state.get(_FOUND)
    if found is None or found[0] != wanted:
        counted = leaks(here, distance)
        if counted is None:
            return None
        found = (wanted, counted)
        st.session_state[_FOUND] = found
    known: Leakage = found[1]
    return known


@st.cache_resource(max_entries=8, show_spinner=False)
def _leaks(token: str, revision_now: int, distance: int, _here: Opened) -> Leakage:
    return leakage(_here.db, distance=distance, candidates=candidates(_here, distance))
