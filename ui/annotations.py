"""What the pages show of annotations.csv: its state, its first rows, and the file to take away."""

import time

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.dataset.annotations import AnnotationsState, annotations_state, first_rows
from core.dataset.table import HEADER
from ui.edge import act
from ui.words import plain, plural, span

__all__ = ["annotations_panel", "annotations_words"]

_PREVIEWED = 8


def annotations_words(state: AnnotationsState) -> str:
    """Rows, age and whether it is up to date, in one line."""
    if state.hand_edited:
        return "changed by hand"
    if state.written_at is None:
        return "not written yet"
    age = f"{plural(state.rows, 'row')}, written {span(time.time() - state.written_at)} ago"
    return f"{age}; changes since then are written in a moment" if state.stale else age


def annotations_panel(here: Opened, *, key: str) -> None:
    """State, place, first rows, and the file to take away."""
    state = annotations_state(here.workspace, here.db)
    panel = st.expander(
        f"annotations.csv · {annotations_words(state)}", icon=":material/table:", key=f"{key}.file", on_change="rerun"
    )
    if not panel.open:
        return
    with panel:
        st.caption(plain(str(here.workspace.annotations)))
        if state.hand_edited:
            st.caption("Take or leave its changes first, at the head of this page.")
            return
        rows = first_rows(here.workspace, _PREVIEWED)
        if rows:
            st.dataframe(pd.DataFrame(rows, columns=list(HEADER)), hide_index=True, key=f"{key}.preview")
        with st.container(horizontal=True):
            st.download_button(
                "Download", lambda: _content(here), "annotations.csv", "text/csv", key=f"{key}.download",
                on_click="ignore", icon=":material/download:",
            )  # fmt: skip
            st.button("Write it now", key=f"{key}.write", on_click=act, args=(_write, here))


def _content(here: Opened) -> bytes:
    here.catch_up()
    return here.workspace.annotations.read_bytes()


def _write(here: Opened) -> str:
    return f"annotations.csv holds {plural(here.scribe.write().rows, 'row')}"
