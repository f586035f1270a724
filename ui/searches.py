"""The table of searches on the Collect page: one row a class, with the words and the engine to search by."""

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.catalog.classes import count_classes
from core.collect.engines import ENGINES
from core.errors import InputError
from ui.words import plural
from ui.work import start_collect

__all__ = ["collect_rows", "search_table"]

_TABLE, _ROUND = "collect.table", "collect.round"
_WANT = 100


def search_table(here: Opened) -> pd.DataFrame:
    """Draws it, the present classes first; a new row is a new class. The rows as they stand now."""
    if st.session_state.get(_TABLE, ("",))[0] != here.token:
        st.session_state[_TABLE] = (here.token, _rows(here))
    column = st.column_config
    return st.data_editor(
        st.session_state[_TABLE][1],
        key=f"collect.editor.{here.token}.{st.session_state.get(_ROUND, 0)}",
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "class": column.TextColumn("Class", max_chars=80, width="medium", help="What the pictures show"),
            "query": column.TextColumn("Search words", width="large", help="Left empty, the class's name is searched"),
            "engine": column.SelectboxColumn("Engine", options=list(ENGINES), default="bing", required=True),
            "have": column.NumberColumn("Have", disabled=True, format="localized"),
            "want": column.NumberColumn(
                "Fetch", min_value=0, max_value=2000, step=10, default=_WANT, help="New pictures; 0: none"
            ),
        },
    )  # fmt: skip


def collect_rows(here: Opened, rows: pd.DataFrame) -> str:
    """Starts one job for each row that asks for pictures; InputError when none does."""
    wanted = [row for row in rows.fillna("").to_dict("records") if str(row["class"]).strip() and row["want"]]
    if not wanted:
        raise InputError("No row asks for pictures; name a class and how many to fetch.")
    for row in wanted:
        start_collect(
            here,
            class_name=str(row["class"]).strip(),
            query=str(row["query"]).strip(),
            engine=str(row["engine"]),
            limit=int(row["want"]),
        )
    del st.session_state[_TABLE]
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    return f"Collecting {plural(len(wanted), 'class', 'classes')}"


def _rows(here: Opened) -> pd.DataFrame:
    classes = count_classes(here.db)
    rows = [(row.name, "", "bing", row.usable, 0) for row in classes] + [("", "", "bing", 0, _WANT)]
    return pd.DataFrame(rows, columns=["class", "query", "engine", "have", "want"])
