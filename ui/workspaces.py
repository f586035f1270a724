"""Changing from one workspace to another: recent ones, or any folder."""

from pathlib import Path

import streamlit as st

from core.api.desk import Desk
from core.errors import InputError
from core.workspace import read_settings, write_settings
from ui.edge import edge, say
from ui.words import plain

__all__ = ["open_other", "workspace_dialog"]

_MOST_RECENT = 8


@st.dialog("Workspace", icon=":material/folder_open:")
def workspace_dialog(desk: Desk) -> None:
    """Offers the recent workspaces and a line for the path of another one, made when it is not there."""
    with edge():
        st.caption(f"Open now: {plain(str(desk.workspace.home))}")
        others = [path for path in read_settings(desk.workspace).recent if path != str(desk.workspace.home)]
        for path in others:
            if st.button(plain(path), key=f"workspace.open.{path}", icon=":material/folder:", width="stretch"):
                _open(desk, path)
        with st.form("workspace.form", border=False):
            path = st.text_input(
                "Folder of a workspace",
                placeholder="/home/me/flowers",
                help="A folder that is absent or empty becomes a new workspace.",
            )
            if st.form_submit_button("Open or create", type="primary"):
                _open(desk, path)


def open_other(desk: Desk, path: str) -> None:
    """Switches, and notes in both workspaces that the other one was open lately.

    Raises InputError for an empty path, and what opening a workspace raises; the present one stays open then.
    """
    if not path.strip():
        raise InputError("Name the folder of a workspace, for example /home/me/flowers.")
    before = desk.workspace
    desk.switch(Path(path.strip()))
    known = [*read_settings(desk.workspace).recent, *read_settings(before).recent]
    for workspace, other in ((desk.workspace, before), (before, desk.workspace)):
        recent = dict.fromkeys([str(other.home), *known])
        recent.pop(str(workspace.home), None)
        settings = read_settings(workspace).model_copy(update={"recent": list(recent)[:_MOST_RECENT]})
        write_settings(workspace, settings)


def _open(desk: Desk, path: str) -> None:
    open_other(desk, path)
    say(f"Opened {plain(str(desk.workspace.home))}")
    st.rerun()
