"""Clean: look at pictures and say which stay; the gallery draws them and saves each decision by itself."""

import time

import streamlit as st

from core.api.desk import Opened, desk
from core.catalog.classes import list_classes
from core.catalog.filters import parse_filter
from core.errors import InputError
from ui.annotations import annotations_panel, hand_edit_notice
from ui.edge import edge
from ui.empty import empty
from ui.facts import facts
from ui.filters import ORDERS, QUALITIES, VERDICTS, expression
from ui.gallery.gallery import gallery
from ui.head import head
from ui.rooms import page_of
from ui.words import count, span

TILES = {96: "small", 144: "medium", 208: "large", 320: "huge"}
PACE = "clean.pace"


def draw(here: Opened) -> None:
    """The whole room."""
    if not facts(here).images:
        _empty()
        return
    with head("Clean"):
        if st.button("Split the dataset", type="primary", key="clean.next"):
            st.switch_page(page_of("dataset"))
    hand_edit_notice(here)
    where, order, tile = _chips(here)
    st.fragment(_standing, run_every=5.0)(here)
    gallery(where, order, key="gallery", classes=list_classes(here.db), tile=tile, on_saved=_on_saved)
    annotations_panel(here, key="clean.annotations")


def _chips(here: Opened) -> tuple[str, str, int]:
    """The chosen filter, order and tile size; all of it stands in the address."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="chips"):
        names = [row.name for row in list_classes(here.db)]
        classes = st.multiselect("Class", names, key="class", bind="query-params", placeholder="all", width=180)
        verdicts = st.multiselect(
            "Decision", list(VERDICTS), format_func=VERDICTS.__getitem__, key="verdict", bind="query-params",
            placeholder="all", width=170,
        )  # fmt: skip
        qualities = st.multiselect(
            "Quality", list(QUALITIES), format_func=lambda name: QUALITIES[name][0], key="quality", bind="query-params",
            placeholder="any", width=170,
        )  # fmt: skip
        order = st.selectbox(
            "Order", list(ORDERS), format_func=ORDERS.__getitem__, key="order", bind="query-params", width=160
        )
        tile = st.select_slider(
            "Size", list(TILES), value=144, format_func=TILES.__getitem__, key="tile", bind="query-params", width=120
        )
        with st.popover("More", icon=":material/filter_alt:", key="clean.more"):
            further = st.text_input(
                "Further conditions", key="where", bind="query-params", placeholder="width >= 128 and format = PNG"
            )
    where = expression(classes, verdicts, qualities=qualities, further=further)
    try:
        parse_filter(where)
    except InputError as exc:
        st.warning(f"{exc} The further conditions are left out until then.", icon=":material/filter_alt_off:")
        where = expression(classes, verdicts, qualities=qualities)
    return where, order or "id", tile


def _standing(here: Opened) -> None:
    """How many are decided, how fast, and how long the rest will take; kept up to date by itself."""
    with edge():
        figures = facts(here)
        pace = st.session_state.setdefault(PACE, [(time.monotonic(), figures.decided)])
        if pace[-1][1] != figures.decided:
            pace.append((time.monotonic(), figures.decided))
            del pace[:-60]
        words = [f"{count(figures.decided)} of {count(figures.images)} looked at"]
        minutes, done = (time.monotonic() - pace[0][0]) / 60, figures.decided - pace[0][1]
        if done > 0 and minutes > 0.1:
            words.append(f"{done / minutes:.0f} a minute")
            words.append(f"{span(figures.unreviewed / (done / minutes) * 60)} left")
        st.progress(figures.decided / max(1, figures.images), text=" · ".join(words))


def _on_saved() -> None:
    """Counters are drawn again by the run that this call belongs to; nothing else is to be done."""


def _empty() -> None:
    head("Clean")
    with empty(
        "No pictures to look at yet",
        "Here you go through the pictures and say which stay, by click or by key.",
        icon=":material/check_circle:",
    ):
        if st.button("Collect pictures", type="primary", key="clean.collect"):
            st.switch_page(page_of("collect"))


draw(desk().opened)
