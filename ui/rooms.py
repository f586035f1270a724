"""The eight pages: their names, addresses and symbols, in the order of the path."""

from dataclasses import dataclass

import streamlit as st

from core.workspace import CHECKOUT

__all__ = ["ROOMS", "Room", "note_visit", "page_of", "room", "visit"]

_HERE, _VISIT = "rooms.here", "rooms.visit"


@dataclass(frozen=True, slots=True)
class Room:
    name: str
    """What code calls it, and its address but for the first."""
    title: str
    icon: str
    section: str
    file: str
    """Below `pages/`."""


ROOMS = (
    Room("overview", "Overview", ":material/dashboard:", "Data", "overview.py"),
    Room("collect", "Collect", ":material/travel_explore:", "Data", "collect.py"),
    Room("duplicates", "Duplicates", ":material/content_copy:", "Data", "duplicates.py"),
    Room("clean", "Clean", ":material/check_circle:", "Data", "clean.py"),
    Room("dataset", "Dataset", ":material/dataset:", "Data", "dataset.py"),
    Room("train", "Train", ":material/model_training:", "Models", "train.py"),
    Room("runs", "Runs", ":material/monitoring:", "Models", "runs.py"),
    Room("try", "Try", ":material/auto_awesome:", "Models", "try_model.py"),
)


def room(name: str) -> Room:
    """The room called `name`; KeyError when there is none."""
    return {entry.name: entry for entry in ROOMS}[name]


def page_of(name: str) -> st.Page:
    """The room as Streamlit wants it, for `st.navigation`, `st.page_link` and `st.switch_page`."""
    entry = room(name)
    return st.Page(
        CHECKOUT / "pages" / entry.file,
        title=entry.title,
        icon=entry.icon,
        url_path=entry.name,
        default=entry.name == ROOMS[0].name,
    )


def note_visit(address: str) -> bool:
    """True when the person has just come to the page at this address, from another one or anew."""
    if st.session_state.get(_HERE) == address:
        return False
    st.session_state[_HERE] = address
    st.session_state[_VISIT] = visit() + 1
    return True


def visit() -> int:
    """Numbers the stays on pages: what was found during one need not change under the pointer."""
    return int(st.session_state.get(_VISIT, 0))
