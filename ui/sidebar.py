"""The sidebar: which workspace, where to go and how much waits there, what is under way."""

import streamlit as st

from core.api.desk import Desk, Opened
from ui.facts import Facts
from ui.jobs import jobs_panel
from ui.rooms import ROOMS, Room, page_of
from ui.settings import settings_dialog
from ui.words import count, plain
from ui.workspaces import workspace_dialog

__all__ = ["places", "title"]


def places(here: Opened, figures: Facts) -> None:
    """The rooms with what waits in each, and the jobs; `figures` are the dataset's as of now."""
    with st.sidebar:
        waiting = {"duplicates": figures.copies.all, "clean": figures.unreviewed}
        for section in dict.fromkeys(entry.section for entry in ROOMS):
            with st.container(gap="xxsmall", key=f"section_{section.lower()}"):
                st.caption(section)
                for entry in (entry for entry in ROOMS if entry.section == section):
                    _link(entry, waiting.get(entry.name, 0))
        jobs_panel(here)


def title(desk: Desk) -> None:
    """The program's name, its settings, and the workspace with the way to another one."""
    with st.sidebar, st.container(gap="xsmall", key="top"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("### Specimen", width="content")
            if st.button("", key="settings.open", icon=":material/settings:", type="tertiary", help="Settings"):
                settings_dialog(desk.opened)
        name = desk.workspace.home.name or str(desk.workspace.home)
        if st.button(
            plain(name),
            key="workspace.open",
            icon=":material/folder_open:",
            width="stretch",
            help=f"Workspace {plain(str(desk.workspace.home))}: open another one",
        ):
            workspace_dialog(desk)


def _link(entry: Room, waiting: int) -> None:
    label = f"{entry.title} :gray[{count(waiting)}]" if waiting else entry.title
    st.page_link(page_of(entry.name), label=label, width="stretch")
