"""The page that Streamlit's own parts make: a grid of pictures with a button under each. Nothing of ours but decide."""

import os
from pathlib import Path

import streamlit as st

from core.catalog.decisions import decide
from core.catalog.images import list_images
from core.catalog.records import Operation
from core.catalog.store import open_catalog
from core.database import Database
from core.images.thumbnails import Thumbnails, open_thumbnails
from core.workspace import open_workspace

TILES, COLUMNS, WIDTH_PX = 60, 12, 80


@st.cache_resource
def _opened() -> tuple[Database, Thumbnails]:
    workspace = open_workspace(Path(os.environ["SPECIMEN_HOME"]), environ={})
    return open_catalog(workspace), open_thumbnails(workspace)


def _turn(step: int) -> None:
    st.session_state["page"] += step


def _decide(image: int, verdict: str) -> None:
    back = verdict == "reject"
    decide(_opened()[0], [Operation(image=image, action="unreview" if back else "reject")], who="buttons")


st.set_page_config(layout="wide")
st.session_state.setdefault("page", 0)
db, thumbnails = _opened()
st.button("Next", key="next", on_click=_turn, args=(1,))
_, rows = list_images(db, order="id", offset=st.session_state["page"] * TILES, limit=TILES)
columns = st.columns(COLUMNS, gap="xsmall")
for place, row in enumerate(rows):
    with columns[place % COLUMNS]:
        picture = thumbnails.get(row.sha256) if row.sha256 else None
        if picture is not None:
            st.image(picture, width=WIDTH_PX)
        label = "Back" if row.verdict == "reject" else "Reject"
        st.button(label, key=f"decide_{row.id}", on_click=_decide, args=(row.id, row.verdict))
