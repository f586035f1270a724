"""What is done to classes as a whole, below their table: add a pasted list, merge, delete, put in order."""

from collections.abc import Sequence

import streamlit as st

from core.api.desk import Opened
from core.catalog.class_changes import delete_class, merge_classes, order_classes
from core.catalog.class_names import ReadNames, read_names, split_lines
from core.catalog.classes import ensure_class, list_classes
from core.catalog.records import ClassCounts
from core.errors import InputError
from ui.edge import act
from ui.left_out import left_out, left_out_words
from ui.who import who
from ui.words import count, plain, plural

__all__ = ["ROUND", "add_classes", "class_acts"]

ROUND = "dataset.round"
"""Counts the changes made here: with another number the table and the forms begin anew."""
_ORDERS = {"name": "By name", "pictures": "Most pictures first", "number": "By number"}
_BIN, _MOVE = "go to the bin", "move to another class"


def class_acts(here: Opened, classes: Sequence[ClassCounts]) -> None:
    """Draws a popover for each; every one is a batch that undo takes back."""
    with st.container(horizontal=True, gap="small", key="class_acts"):
        add_classes(here)
        if len(classes) > 1:
            _merge(here, classes)
        if classes:
            _delete(here, classes)
        if len(classes) > 1:
            _order(here, classes)


def add_classes(here: Opened) -> None:
    """Draws the popover that takes a list, one class a line, and tells what is wrong with which line."""
    with st.popover("Add classes", icon=":material/playlist_add:", key=_key("add")):
        st.text_area(
            "One class a line", key=_key("lines"), height=160, placeholder="bulbasaur\nivysaur\nvenusaur",
            help="A long list can be pasted",
        )  # fmt: skip
        st.checkbox("Also names that differ from another only in upper and lower case", key=_key("twins"))
        read = _read(here)
        label = f"Add {plural(len(read.names), 'class', 'classes')}" if read.names else "Add"
        st.button(label, type="primary", key="dataset.add", on_click=act, args=(_add, here))
        left_out(read.left_out)


def _merge(here: Opened, classes: Sequence[ClassCounts]) -> None:
    with st.popover("Merge", icon=":material/merge:", key=_key("merge")):
        rows = {row.class_id: row for row in classes}
        ending = st.multiselect("These classes end", list(rows), format_func=lambda n: rows[n].name, key=_key("ending"))
        others = [number for number in rows if number not in ending]
        into = st.selectbox("Their pictures go to", others, format_func=lambda n: rows[n].name, key=_key("into"))
        moving = sum(rows[number].usable + rows[number].rejected for number in ending)
        st.caption(f"{plural(moving, 'picture')} will move, decisions and all. Numbers of other classes stay.")
        st.button(
            "Merge", type="primary", key="dataset.merge", disabled=not ending or into is None, on_click=act,
            args=(_merged, here, ending, into),
        )  # fmt: skip


def _delete(here: Opened, classes: Sequence[ClassCounts]) -> None:
    with st.popover("Delete", icon=":material/delete:", key=_key("delete")):
        rows = {row.class_id: row for row in classes}
        chosen = st.selectbox("Class", list(rows), format_func=lambda n: rows[n].name, key=_key("gone"))
        row = rows[chosen]
        goal = None
        if row.usable:
            ways = [_BIN, _MOVE] if len(rows) > 1 else [_BIN]
            way = st.radio(f"Its {plural(row.usable, 'picture')}", ways, key=_key("way"))
            if way == _MOVE:
                others = [number for number in rows if number != chosen]
                goal = st.selectbox("To", others, format_func=lambda n: rows[n].name, key=_key("goal"))
        st.caption("Undo brings the class and its pictures back. Its number is given to no other class.")
        st.button(
            "Delete the class", type="primary", key="dataset.delete", on_click=act, args=(_deleted, here, row, goal)
        )


def _order(here: Opened, classes: Sequence[ClassCounts]) -> None:
    with st.popover("Order", icon=":material/swap_vert:", key=_key("order")):
        st.caption("The order in tables, charts and on the keys 1 to 9. Numbers stay, in annotations.csv too.")
        with st.container(horizontal=True, gap="small"):
            for name, words in _ORDERS.items():
                st.button(words, key=f"dataset.order.{name}", on_click=act, args=(_ordered, here, classes, name))
        rows = {row.class_id: row for row in classes}
        moved = st.selectbox("Move", list(rows), format_func=lambda n: rows[n].name, key=_key("moved"))
        others: list[int | None] = [number for number in rows if number != moved]
        before = st.selectbox(
            "to before",
            [*others, None],
            format_func=lambda n: "the end" if n is None else rows[n].name,
            key=_key("spot"),
        )
        st.button("Move", type="primary", key="dataset.move", on_click=act, args=(_moved, here, classes, moved, before))


def _read(here: Opened) -> ReadNames:
    """What was pasted, as classes and as lines that make none."""
    lines = split_lines(str(st.session_state.get(_key("lines")) or ""))
    present = [row.name for row in list_classes(here.db)]
    return read_names(lines, present=present, twins=bool(st.session_state.get(_key("twins"))))


def _add(here: Opened) -> str:
    read = _read(here)
    if not read.names:
        raise InputError(read.left_out[0].reason if read.left_out else "Write at least one class, one a line.")
    with here.db.write():
        for name in read.names:
            ensure_class(here.db, name)
    _begin_anew()
    return f"{plural(len(read.names), 'class', 'classes')} added{left_out_words(read.left_out)}"


def _merged(here: Opened, ending: Sequence[int], into: int) -> str:
    merged = merge_classes(here.db, ending, into=into, who=who())
    _begin_anew()
    return f"{plural(merged.classes, 'class', 'classes')} merged, {plural(merged.changed, 'picture')} moved"


def _deleted(here: Opened, row: ClassCounts, goal: int | None) -> str:
    if goal is None:
        done = f"{plural(delete_class(here.db, row.class_id, who=who()).changed, 'picture')} in the bin"
    else:
        done = f"{plural(merge_classes(here.db, [row.class_id], into=goal, who=who()).changed, 'picture')} moved"
    _begin_anew()
    return f"{plain(row.name)} deleted, {done}"


def _ordered(here: Opened, classes: Sequence[ClassCounts], by: str) -> str:
    rows = sorted(classes, key=lambda row: row.class_id)
    if by == "name":
        rows.sort(key=lambda row: row.name.casefold())
    elif by == "pictures":
        rows.sort(key=lambda row: -row.usable)
    changed = order_classes(here.db, [row.class_id for row in rows], who=who()).classes
    _begin_anew()
    return f"{count(changed)} of {plural(len(rows), 'class', 'classes')} moved" if changed else "They stand so already"


def _moved(here: Opened, classes: Sequence[ClassCounts], moved: int, before: int | None) -> str:
    order = [row.class_id for row in classes if row.class_id != moved]
    order.insert(len(order) if before is None else order.index(before), moved)
    changed = order_classes(here.db, order, who=who()).classes
    _begin_anew()
    return "Moved" if changed else "It stands there already"


def _begin_anew() -> None:
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def _key(name: str) -> str:
    return f"classes.{name}.{st.session_state.get(ROUND, 0)}"
