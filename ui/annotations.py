"""What the pages show of annotations.csv: its state, a preview, the download, and a hand edit that waits."""

import time
from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.catalog.store import revision
from core.database import Database
from core.dataset.annotations import annotations_state, write_annotations
from core.dataset.hand_edit import Difference, difference, leave_edit, take_edit
from core.dataset.table import HEADER, annotation_rows, to_csv
from core.errors import InputError
from ui.edge import act
from ui.undo import WHO
from ui.words import plain, plural, span

__all__ = ["annotations_panel", "annotations_words", "edit_words", "hand_edit_notice"]

_PREVIEWED = 8


def annotations_words(here: Opened) -> str:
    """Rows, age and whether it is up to date, in one line."""
    state = annotations_state(here.workspace, here.db)
    if state.written_at is None:
        return "not written yet"
    age = f"{plural(state.rows, 'row')}, written {span(time.time() - state.written_at)} ago"
    return f"{age}; changes since then are written in a moment" if state.stale and not state.hand_edited else age


def annotations_panel(here: Opened, *, key: str) -> None:
    """State, place, first rows, and the file to take away."""
    panel = st.expander(
        f"annotations.csv · {annotations_words(here)}", icon=":material/table:", key=f"{key}.file", on_change="rerun"
    )
    if not panel.open:
        return
    with panel:
        st.caption(plain(str(here.workspace.annotations)))
        st.dataframe(_preview(here.token, revision(here.db), here.db), hide_index=True, key=f"{key}.preview")
        with st.container(horizontal=True):
            st.download_button(
                "Download", _content(here), "annotations.csv", "text/csv", key=f"{key}.download", on_click="ignore",
                icon=":material/download:",
            )  # fmt: skip
            st.button("Write it now", key=f"{key}.write", on_click=act, args=(_write, here))


def hand_edit_notice(here: Opened) -> None:
    """Says that somebody changed the file by hand, and offers to take or to leave what is in it."""
    if not annotations_state(here.workspace, here.db).hand_edited:
        return
    with st.container(border=True, key="hand_edit"):
        st.markdown(
            ":orange[:material/edit_note:] **annotations.csv was changed by hand**, so nothing is written to it."
        )
        found = None
        try:
            found = difference(here.workspace, here.db)
            st.markdown("\n".join(f"- {words}" for words in edit_words(found)))
        except InputError as exc:
            st.error(str(exc), icon=":material/error:")
        with st.container(horizontal=True):
            if found is not None:
                st.button(
                    "Take these changes",
                    key="edit.take",
                    type="primary",
                    on_click=act,
                    args=(_take, here, found.sha256),
                )
            st.button(
                "Leave them", key="edit.leave", on_click=act, args=(_leave, here),
                help="Writes the file anew from what was decided here",
            )  # fmt: skip


def edit_words(found: Difference) -> list[str]:
    """What the edit would change, a line a kind."""
    lines = [
        (len(found.classes), "picture gets another class", "pictures get another class"),
        (len(found.splits), "picture changes its part of the split", "pictures change their part of the split"),
        (len(found.removed), "line is gone: its picture is rejected", "lines are gone: their pictures are rejected"),
        (len(found.restored), "rejected picture is back", "rejected pictures are back"),
        (len(found.new_classes), "new class", "new classes"),
        (
            len(found.unknown),
            "line names no file of ours and is left out",
            "lines name no files of ours and are left out",
        ),
    ]
    return [f"{number:,} {one if number == 1 else many}" for number, one, many in lines if number] or [
        "No differences."
    ]


def _content(here: Opened) -> Callable[[], bytes]:
    return lambda: to_csv(annotation_rows(here.db))


@st.cache_data(max_entries=4, show_spinner=False)
def _preview(token: str, revision_now: int, _db: Database) -> pd.DataFrame:
    rows = annotation_rows(_db)[:_PREVIEWED]
    return pd.DataFrame([[getattr(row, name) for name in HEADER] for row in rows], columns=list(HEADER))


def _write(here: Opened) -> str:
    return f"annotations.csv holds {plural(write_annotations(here.workspace, here.db).rows, 'row')}"


def _take(here: Opened, sha256: str) -> str:
    taken = take_edit(here.workspace, here.db, who=WHO, sha256=sha256)
    return f"Taken: {plural(taken.decided.changed + taken.splits, 'change')}; undo takes decisions back"


def _leave(here: Opened) -> str:
    leave_edit(here.workspace, here.db)
    return "annotations.csv is written anew"
