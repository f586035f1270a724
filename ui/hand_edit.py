"""What the pages show of a hand edit of annotations.csv: what it would change, kind by kind, to take or to leave."""

import csv
import io
import re
from collections.abc import Iterator

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.catalog.store import revision
from core.dataset.annotations import annotations_state
from core.dataset.hand_edit import KINDS, Difference, Kind, difference, leave_edit, take_edit
from core.errors import InputError
from ui.edge import act
from ui.rooms import page_of
from ui.who import who
from ui.words import count, plain, plural

__all__ = ["change_rows", "hand_edit_line", "hand_edit_notice", "kind_words"]

_ICON = ":orange[:material/edit_note:]"
_SHOWN = 500
_HEIGHT_PX = 290
_HEADER = ("Line", "Picture", "What", "Before", "After")
_FORMULA = re.compile(r"^(?=[=+\-@\t\r])")
Row = tuple[str, str, str, str, str]


def hand_edit_notice(here: Opened) -> None:
    """Says that somebody changed the file by hand, shows what is in it, and offers to take or to leave it."""
    state = annotations_state(here.workspace, here.db)
    if not state.hand_edited or state.sha256 is None:
        return
    with st.container(border=True, gap="xsmall", key="hand_edit"):
        st.markdown(
            f"{_ICON} **annotations.csv was changed by hand**, so nothing is written to it until you take or leave the "
            "changes."
        )
        try:
            found = _difference(here.token, revision(here.db), state.sha256, here)
        except InputError as exc:
            _unreadable(here, exc, state.sha256)
            return
        _difference_panel(here, found)


def hand_edit_line(here: Opened) -> None:
    """Says the same in a line, with the way to the page where it is decided: pictures need the room."""
    if not annotations_state(here.workspace, here.db).hand_edited:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="hand_edit_line"):
        st.markdown(f"{_ICON} annotations.csv was changed by hand; nothing is written to it.", width="content")
        if st.button("See the changes", key="edit.see"):
            st.switch_page(page_of("dataset"))


def kind_words(found: Difference) -> dict[Kind, str]:
    """What taking each kind would do; kinds that do not occur are left out."""
    new = sum(change.after in found.new_classes for change in found.classes)
    named = ", ".join(found.new_classes[:3]) + (" …" if len(found.new_classes) > 3 else "")
    numbers: dict[Kind, tuple[int, str, str]] = {
        "classes": (len(found.classes) - new, "gets another class", "get another class"),
        "new_classes": (new, f"goes into a new class: {named}", f"go into new classes: {named}"),
        "splits": (len(found.splits), "changes its part of the split", "change their part of the split"),
        "removed": (len(found.removed), "has no line any more and is rejected", "have no line any more: rejected"),
        "restored": (len(found.restored), "was rejected and is back", "were rejected and are back"),
    }
    return {
        kind: f"{plural(number, 'picture')} {one if number == 1 else many}"
        for kind, (number, one, many) in numbers.items()
        if number
    }


def change_rows(found: Difference) -> Iterator[Row]:
    """Every difference as a line of a table: line of the file, picture, what, before, after."""
    for change in found.classes:
        what = "new class" if change.after in found.new_classes else "class"
        yield str(change.line), change.path, what, change.before, change.after
    for moved in found.splits:
        yield str(moved.line), moved.path, "split", moved.before or "none", moved.after or "none"
    for path in found.removed:
        yield "", path, "line is gone", "listed", "rejected"
    for path in found.restored:
        yield "", path, "line is back", "rejected", "not rejected"
    for line, name in found.unknown:
        yield str(line), name, "no such picture", "", "left out"
    for line, cell, meant in found.repaired:
        yield str(line), "", "changed by a spreadsheet", cell, f"read as {meant}"


def _difference_panel(here: Opened, found: Difference) -> None:
    words = kind_words(found)
    for kind, said in words.items():
        st.checkbox(plain(said), value=True, key=f"edit.{kind}")
    rows = list(change_rows(found))
    if notes := " ".join(_notes(found, len(rows))):
        st.caption(notes)
    if rows:
        frame = pd.DataFrame(rows[:_SHOWN], columns=list(_HEADER))
        st.dataframe(
            frame, hide_index=True, key="edit.rows", height=min(38 + 35 * len(frame), _HEIGHT_PX),
            column_config={"Line": st.column_config.TextColumn(width=60, alignment="right")},
        )  # fmt: skip
    with st.container(horizontal=True, key="edit_buttons"):
        if words:
            st.button(
                "Take the ticked changes",
                key="edit.take",
                disabled=not _ticked(),
                on_click=act,
                args=(_take, here, found.sha256),
                help="What is not ticked is left. Undo takes decisions back, but not parts of the split",
            )
        _leave_button(here, found.sha256, "Leave them all" if words else "Write the file anew")
        if rows:
            st.download_button(
                "Download the list", lambda: _listed(rows), "changes.csv", "text/csv", key="edit.download",
                on_click="ignore", icon=":material/download:",
            )  # fmt: skip


def _notes(found: Difference, rows: int) -> Iterator[str]:
    if found.empty:
        yield "Nothing is different: the same content in another form."
    if found.unknown:
        one, many = "line names no picture of ours and is left out", "lines name no pictures of ours and are left out"
        yield f"{count(len(found.unknown))} {one if len(found.unknown) == 1 else many}."
    if found.repaired:
        yield f"{plural(len(found.repaired), 'class name')} that a spreadsheet seems to have changed: read as before."
    if rows > _SHOWN:
        yield f"The first {_SHOWN} of {count(rows)} lines are shown."


def _unreadable(here: Opened, exc: InputError, sha256: str) -> None:
    st.error(plain(str(exc)), icon=":material/error:")
    st.caption(
        f"Mend the line in {plain(str(here.workspace.annotations))} and look again, or leave the file's changes."
    )
    with st.container(horizontal=True, key="edit_buttons"):
        st.button("Look again", key="edit.again", icon=":material/refresh:")
        _leave_button(here, sha256, "Leave them all")


def _leave_button(here: Opened, sha256: str, label: str) -> None:
    st.button(
        label, key="edit.leave", on_click=act, args=(_leave, here, sha256),
        help="Writes the file anew from what was decided here; what is in it now is gone",
    )  # fmt: skip


def _ticked() -> list[Kind]:
    return [kind for kind in KINDS if st.session_state.get(f"edit.{kind}")]


def _listed(rows: list[Row]) -> bytes:
    """As a spreadsheet may open it: an apostrophe before what it would calculate."""
    text = io.StringIO(newline="")
    safe = [[_FORMULA.sub("'", cell) for cell in row] for row in rows]
    csv.writer(text).writerows([_HEADER, *safe])
    return text.getvalue().encode("utf-8-sig")


@st.cache_resource(max_entries=2, show_spinner="Comparing annotations.csv with what was decided")
def _difference(token: str, revision_now: int, sha256: str, _here: Opened) -> Difference:
    return difference(_here.workspace, _here.db)


def _take(here: Opened, sha256: str) -> str:
    taken = take_edit(here.workspace, here.db, who=who(), sha256=sha256, kinds=_ticked())
    here.catch_up()
    return f"Taken: {plural(taken.decided.changed + taken.splits, 'change')}; undo takes decisions back"


def _leave(here: Opened, sha256: str) -> str:
    leave_edit(here.workspace, here.db, sha256=sha256)
    here.catch_up()
    return "annotations.csv is written anew"
