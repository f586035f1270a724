"""Putting a run into the bin, and taking it out again while one still remembers why."""

import streamlit as st

from core.api.desk import Opened
from core.runs.store import delete_run, restore_run
from ui.edge import act
from ui.words import plain

__all__ = ["offer_undo", "put_into_bin"]

_DELETED = "runs.deleted"


def put_into_bin(here: Opened, run: str) -> None:
    """Move the run into the bin and show the list, which offers to undo it."""
    delete_run(here.workspace, run)
    st.session_state[_DELETED] = (here.token, run)
    for name in ("run", "epoch"):
        st.query_params.pop(name, None)


def offer_undo(here: Opened) -> None:
    """A line with the way back, after a run of this workspace was put into the bin in this tab."""
    token, run = st.session_state.get(_DELETED, ("", ""))
    if token != here.token:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="runs_undo"):
        st.markdown(f":gray[{plain(run)} is in the bin.]", width="content")
        st.button(
            "Undo", key="runs.undo", type="tertiary", icon=":material/undo:", on_click=act, args=(_put_back, here, run)
        )


def _put_back(here: Opened, run: str) -> str:
    restore_run(here.workspace, run)
    del st.session_state[_DELETED]
    return f"{plain(run)} is back"
