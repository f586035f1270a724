"""What to search the web for: new classes as lines of text, and a table of the classes there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.catalog.class_names import clean_class_name
from core.catalog.classes import count_classes
from core.catalog.records import ClassCounts
from core.collect.engines import ENGINES
from core.errors import InputError
from ui.words import plural
from ui.work import start_collect

__all__ = ["Search", "collect_searches", "read_classes", "search_form"]

_TABLE, _ROUND = "collect.table", "collect.round"
_WANT, _MOST = 100, 2000


@dataclass(frozen=True, slots=True)
class Search:
    """Pictures that one class should gain from one engine."""

    class_name: str
    query: str
    """Empty: the class's name is searched."""
    engine: str
    limit: int


def search_form(here: Opened) -> Callable[[], list[Search]]:
    """Draws lines for new classes and a table of the present ones; what tells the searches that they ask for.

    That raises InputError for a line that names no class.
    """
    turn = st.session_state.get(_ROUND, 0)
    with st.container(border=True):
        words, how = st.columns([3, 1])
        lines = words.text_area(
            "New classes, one a line",
            placeholder="daisy\nbuttercup: buttercup flower close up",
            height=118,
            key=f"collect.lines.{turn}",
            help="Search words after a colon where the name alone would not do. A long list can be pasted.",
        )
        engine = how.selectbox("Engine", list(ENGINES), key="collect.engine")
        want = how.number_input(
            "Pictures of each", 1, _MOST, _WANT, step=10, key="collect.want", help="How many each class should gain"
        )
    present = _present(here, turn)
    return lambda: read_classes(lines, engine=engine, limit=want) + present


def read_classes(lines: str, *, engine: str, limit: int) -> list[Search]:
    """A search for each line `class` or `class: search words`; empty lines are passed over, the last of two counts."""
    found: dict[str, Search] = {}
    for line in (line.strip() for line in lines.splitlines()):
        name, _, query = line.partition(":")
        if line:
            cleaned = clean_class_name(name)
            found[cleaned] = Search(cleaned, query.strip(), engine, limit)
    return list(found.values())


def collect_searches(here: Opened, searches: list[Search]) -> str:
    """Puts one job for each search in line; InputError when there is none."""
    if not searches:
        raise InputError("Name at least one class to search for, or say in the table how many pictures to fetch.")
    for search in searches:
        start_collect(here, class_name=search.class_name, query=search.query, engine=search.engine, limit=search.limit)
    st.session_state.pop(_TABLE, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    return f"Collecting {plural(len(searches), 'class', 'classes')}"


def _present(here: Opened, turn: int) -> list[Search]:
    """Draws the table of the classes there are; the rows that ask for pictures.

    The table stays as it was drawn while the classes do: other figures in it would undo what a person typed.
    """
    counts = count_classes(here.db)
    names = (here.token, *(row.name for row in counts))
    if st.session_state.get(_TABLE, ((),))[0] != names:
        st.session_state[_TABLE] = (names, _rows(counts))
    frame = st.session_state[_TABLE][1]
    if frame.empty:
        return []
    column = st.column_config
    edited = st.data_editor(
        frame,
        key=f"collect.editor.{turn}.{hash(names)}",
        hide_index=True,
        column_config={
            "class": column.TextColumn("Class", disabled=True, width="medium"),
            "query": column.TextColumn("Search words", width="large", help="Left empty, the class's name is searched"),
            "engine": column.SelectboxColumn("Engine", options=list(ENGINES), required=True),
            "have": column.NumberColumn("Have", disabled=True, format="localized"),
            "want": column.NumberColumn("Fetch", min_value=0, max_value=_MOST, step=10, help="New pictures; 0: none"),
        },
    )
    wanted = [row for row in edited.fillna("").to_dict("records") if row["want"]]
    return [
        Search(str(row["class"]), str(row["query"]).strip(), str(row["engine"]), int(row["want"])) for row in wanted
    ]


def _rows(counts: Sequence[ClassCounts]) -> pd.DataFrame:
    rows = [(row.name, "", "bing", row.usable, 0) for row in counts]
    return pd.DataFrame(rows, columns=["class", "query", "engine", "have", "want"])
