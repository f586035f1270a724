"""What to search the web for: new classes as lines of text, and a table of the classes there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.catalog.class_names import LeftOut, read_names, split_lines
from core.catalog.classes import count_classes
from core.catalog.records import ClassCounts
from core.collect.engines import ENGINES
from core.errors import InputError
from ui.left_out import left_out, left_out_words
from ui.words import plural
from ui.work import start_collect

__all__ = ["Asked", "Search", "collect_searches", "read_classes", "search_form"]

_TABLE, _ROUND = "collect.table", "collect.round"
_WANT, _MOST = 100, 2000
_NAMELESS = "No class stands before the colon; write one there."


@dataclass(frozen=True, slots=True)
class Search:
    """Pictures that one class should gain from one engine."""

    class_name: str
    query: str
    """Empty: the class's name is searched."""
    engine: str
    limit: int


@dataclass(frozen=True, slots=True)
class Asked:
    searches: tuple[Search, ...]
    left_out: tuple[LeftOut, ...] = ()
    """Lines that ask for none, as they were written."""


def search_form(here: Opened) -> Asked:
    """Draws lines for new classes, with what is wrong with some, and a table of the present ones; what they ask for."""
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
    classes = count_classes(here.db)
    asked = read_classes(lines, present=[row.name for row in classes], engine=engine, limit=want)
    with words:
        left_out(asked.left_out)
    return Asked((*asked.searches, *_present(here, turn, classes)), asked.left_out)


def read_classes(text: str, *, present: Iterable[str], engine: str, limit: int) -> Asked:
    """A search for each line `class` or `class: search words`; empty lines are passed over.

    `present` are the names in use, which may be searched for again.
    """
    lines = split_lines(text)
    parts = [line.partition(":") for line in lines]
    read = read_names([name for name, _, _ in parts], present=present, again=True)
    refused = {line.line for line in read.left_out}
    queries = [query for number, (name, _, query) in enumerate(parts, 1) if name.strip() and number not in refused]
    found = [Search(name, query.strip(), engine, limit) for name, query in zip(read.names, queries, strict=True)]
    nameless = [number for number, (name, colon, _) in enumerate(parts, 1) if colon and not name.strip()]
    wrong = [*read.left_out, *(LeftOut(number, "", _NAMELESS) for number in nameless)]
    told = [replace(line, text=lines[line.line - 1].strip()) for line in wrong]
    return Asked(tuple(found), tuple(sorted(told, key=lambda line: line.line)))


def collect_searches(here: Opened, asked: Asked) -> str:
    """Puts one job for each search in line, and leaves the lines that ask for none to be mended.

    InputError when there is no search.
    """
    if not asked.searches:
        nothing = "Name at least one class to search for, or say in the table how many pictures to fetch."
        raise InputError(asked.left_out[0].reason if asked.left_out else nothing)
    for search in asked.searches:
        start_collect(here, class_name=search.class_name, query=search.query, engine=search.engine, limit=search.limit)
    st.session_state.pop(_TABLE, None)
    turn = st.session_state.get(_ROUND, 0) + 1
    st.session_state[_ROUND] = turn
    st.session_state[f"collect.lines.{turn}"] = "\n".join(line.text for line in asked.left_out)
    return f"Collecting {plural(len(asked.searches), 'class', 'classes')}{left_out_words(asked.left_out)}"


def _present(here: Opened, turn: int, counts: Sequence[ClassCounts]) -> list[Search]:
    """Draws the table of the classes there are; the rows that ask for pictures.

    The table stays as it was drawn while the classes do: other figures in it would undo what a person typed.
    """
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
