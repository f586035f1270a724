"""Undo and redo, the same pair of buttons on every page on which something is decided."""

from collections.abc import Callable

import streamlit as st

from core.api.desk import Opened
from core.catalog.decisions import history, redo, undo
from core.catalog.records import Decided
from ui.edge import act
from ui.who import who
from ui.words import plural

__all__ = ["undo_buttons"]


def undo_buttons(here: Opened, *, key: str, then: Callable[[Opened], None] | None = None) -> None:
    """Draws the pair, grey when there is nothing to take back; `then` is called after each."""
    person = who()
    states = [batch.state for batch in history(here.db, 20) if batch.who == person]
    st.button(
        "Undo",
        key=f"{key}.undo",
        icon=":material/undo:",
        disabled="done" not in states,
        help="Take the last decision back",
        on_click=act,
        args=(_undo, here, then),
    )
    st.button(
        "",
        key=f"{key}.redo",
        icon=":material/redo:",
        disabled="undone" not in states,
        help="Redo what was taken back",
        on_click=act,
        args=(_redo, here, then),
    )


def _undo(here: Opened, then: Callable[[Opened], None] | None) -> str:
    taken = undo(here.db, who=who())
    if then is not None:
        then(here)
    return _told(taken, "Taken back") or "There is nothing to take back"


def _redo(here: Opened, then: Callable[[Opened], None] | None) -> str:
    done = redo(here.db, who=who())
    if then is not None:
        then(here)
    return _told(done, "Done again") or "There is nothing to do again"


def _told(decided: Decided, verb: str) -> str:
    """What changed, and what could not; empty where nothing was to be done."""
    parts = [plural(decided.changed, "picture")] if decided.changed else []
    if decided.classes:
        parts.append(plural(decided.classes, "class", "classes"))
    changed = f"{verb}: {', '.join(parts)}" if parts else ""
    return ". ".join(filter(None, (changed, decided.refusal)))
