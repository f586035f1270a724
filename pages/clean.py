"""Clean: look at pictures and say which stay; the gallery draws them and saves each decision by itself."""

import streamlit as st

from core.api.desk import Opened, desk
from core.catalog.classes import list_classes
from ui.annotations import annotations_panel
from ui.bin import bin_button, bin_is_open, draw_bin
from ui.chips import chips, one_class, show_class
from ui.empty import empty
from ui.facts import facts
from ui.gallery.gallery import gallery
from ui.hand_edit import hand_edit_line
from ui.head import head
from ui.rooms import page_of

FRESH = "clean.fresh"


def draw(here: Opened) -> None:
    """The whole room."""
    if bin_is_open():
        draw_bin(here)
        return
    if not facts(here).images:
        _empty(here)
        return
    with head("Clean"):
        bin_button(here)
        if st.button("", icon=":material/refresh:", key="clean.refresh", help="Ask again: what no longer fits goes"):
            st.session_state[FRESH] = st.session_state.get(FRESH, 0) + 1
        if st.button("Split the dataset", type="primary", key="clean.next"):
            st.switch_page(page_of("dataset"))
    hand_edit_line(here)
    classes = list_classes(here.db)
    chosen = chips(here)
    gallery(
        chosen.where,
        chosen.order,
        key="gallery",
        classes=classes,
        only=one_class(),
        on_class=show_class,
        on_saved=_on_saved,
        fresh=st.session_state.get(FRESH, 0),
    )
    annotations_panel(here, key="clean.annotations")


def _on_saved() -> None:
    """Counters are drawn again by the run that this call belongs to; nothing else is to be done."""


def _empty(here: Opened) -> None:
    with head("Clean"):
        bin_button(here)
    with empty(
        "No pictures to look at yet",
        "Here you go through the pictures and say which stay, by click or by key.",
        icon=":material/check_circle:",
    ):
        if st.button("Collect pictures", type="primary", key="clean.collect"):
            st.switch_page(page_of("collect"))


draw(desk().opened)
