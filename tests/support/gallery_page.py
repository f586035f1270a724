"""The gallery, what there is to ask it, and a counter of the script's runs."""

import streamlit as st

from core.api.desk import desk
from core.catalog.classes import count_classes, list_classes
from ui.gallery.gallery import gallery


def _show_class(name: str) -> None:
    st.query_params["class"] = name


st.set_page_config(layout="wide")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
here = desk().opened
counts = count_classes(here.db)
kept, rejected = sum(row.kept for row in counts), sum(row.rejected for row in counts)
st.text(f"run {st.session_state['runs']}, kept {kept}, rejected {rejected}")
left, button = st.columns(2, vertical_alignment="bottom")
where = left.text_input("Filter", key="where", bind="query-params")
button.button("Run again")
only = st.query_params.get("class")
gallery(
    f'class = "{only}"' if only else where,
    "id",
    key="gallery",
    classes=list_classes(here.db),
    only=only,
    on_class=_show_class,
)
