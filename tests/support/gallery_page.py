"""The gallery, what there is to ask it, and a counter of the script's runs."""

import streamlit as st

from core.api.desk import desk
from core.catalog.classes import count_classes, list_classes
from ui.gallery.gallery import gallery

st.set_page_config(layout="wide")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
here = desk().opened
counts = count_classes(here.db)
kept, rejected = sum(row.kept for row in counts), sum(row.rejected for row in counts)
st.text(f"run {st.session_state['runs']}, kept {kept}, rejected {rejected}")
left, right, button = st.columns(3, vertical_alignment="bottom")
where = left.text_input("Filter", key="where", bind="query-params")
tile = right.slider("Size", 64, 320, 144, key="tile", bind="query-params")
button.button("Run again")
gallery(where, "id", key="gallery", classes=list_classes(here.db), tile=tile)
