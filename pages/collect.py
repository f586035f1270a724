"""Collect: pictures from a web search, from this browser, or from a folder of the machine Specimen runs on."""

from collections.abc import Callable

import streamlit as st

from core.api.desk import Opened, desk
from ui.address import from_address, to_address
from ui.edge import act
from ui.harvest import harvest
from ui.head import head
from ui.searches import collect_searches, search_form
from ui.sources import import_path, import_uploads, path_form, upload_form
from ui.work import request_key, start_scan

SOURCES = {"web": "From the web", "computer": "From this computer", "folder": "From a folder"}


def draw(here: Opened) -> None:
    """The whole room."""
    with head("Collect"):
        st.button(
            "Look for new files",
            key="collect.scan",
            on_click=act,
            args=(start_scan, here, request_key("scan")),
            help="Finds what was put into data/images by hand",
        )
        place = st.container(width="content")
    from_address("from", SOURCES, default="web")
    source = st.segmented_control(
        "Source",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        required=True,
        key="from",
        label_visibility="collapsed",
    )
    to_address("from", source or "web", default="web")
    start = _form(here, source or "web")
    label = "Collect" if source == "web" else "Import"
    if place.button(label, type="primary", icon=":material/download:", key="collect.go"):
        act(start)
        st.rerun()
    harvest(here)


def _form(here: Opened, source: str) -> Callable[[], str]:
    """Draws the form of this source; what its button does."""
    if source == "computer":
        uploads = upload_form()
        return lambda: import_uploads(here, uploads)
    if source == "folder":
        path, name = path_form()
        return lambda: import_path(here, path, name)
    asked = search_form(here)
    return lambda: collect_searches(here, asked)


draw(desk().opened)
