"""Undo and redo, the same pair of buttons on every page on which something is decided."""

import streamlit as st

from core.api.desk import Opened
from core.catalog.decisions import history, redo, undo
from ui.edge import act
from ui.words import plural

__all__ = ["WHO", "undo_buttons"]

WHO = "app"
"""Decisions of all windows on this machine belong to one person, so that each can take the last one back."""


def undo_buttons(here: Opened, *, key: str) -> None:
    """Draws the pair; they are grey when there is nothing to take back."""
    states = [batch.state for batch in history(here.db, 20) if batch.who == WHO]
    st.button(
        "Undo",
        key=f"{key}.undo",
        icon=":material/undo:",
        disabled="done" not in states,
        help="Take the last decision back",
        on_click=act,
        args=(_undo, here),
    )
    st.button(
        "",
        key=f"{key}.redo",
        icon=":material/redo:",
        disabled="undone" not in states,
        help="Redo what was taken back",
        on_click=act,
        args=(_redo, here),
    )


def _undo(here: Opened) -> str:
    changed = undo(here.db, who=WHO).changed
    return f"Taken back: {plural(changed, 'picture')}" if changed else "There is nothing to take back"


def _redo(here: Opened) -> str:
    changed = redo(here.db, who=WHO).changed
    return f"Done again: {plural(changed, 'picture')}" if changed else "There is nothing to do again"
