"""The bin: what was rejected and why, the way back, and the one button that deletes files for good."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.catalog.bin import BinSize, bin_size, count_doomed, count_reasons, find_rejections, in_the_bin, last_emptied
from core.catalog.classes import list_classes
from core.catalog.decisions import decide
from core.catalog.filters import quoted
from core.catalog.images import list_ids, list_images
from core.catalog.records import ImageRow, Operation
from ui.address import many_from_address, many_to_address
from ui.edge import act
from ui.empty import empty
from ui.gallery.gallery import gallery
from ui.head import head
from ui.who import who
from ui.words import count, plain, plural, size
from ui.work import request_key, start_emptying

__all__ = ["bin_button", "bin_is_open", "draw_bin"]

_OPEN, _WHY, _CLASS, _FRESH = "bin", "why", "class", "bin.fresh"
_WORDS = {"duplicate": "copies", "by hand": "by hand"}
_MOST_REASONS, _MOST_ROWS = 8, 1000


def bin_is_open() -> bool:
    """Whether the address asks for the bin."""
    return st.query_params.get(_OPEN) == "1"


def bin_button(here: Opened) -> None:
    """Draws the way into the bin, with how much lies in it."""
    lying = bin_size(here.db)
    st.button(
        f"Bin {count(lying.images)} · {size(lying.bytes)}" if lying.images else "Bin",
        key="clean.bin",
        icon=":material/delete:",
        help="What was rejected: look again, restore, or delete the files",
        on_click=_open,
    )


def draw_bin(here: Opened) -> None:
    """The whole page of the bin."""
    lying = bin_size(here.db)
    with head("Bin", f"{plural(lying.images, 'rejected picture')}, {size(lying.bytes)}" if lying.images else ""):
        st.button("Back to the pictures", key="bin.back", icon=":material/arrow_back:", on_click=_close)
        if lying.images:
            _emptying(here, lying)
    _unfinished(here)
    if not lying.images:
        with empty(
            "The bin is empty",
            "What you reject lies here until you delete it, and can be restored until then.",
            icon=":material/delete:",
        ):
            st.button("Look at pictures", type="primary", key="bin.look", on_click=_close)
        return
    where = _chips(here)
    gallery(
        where,
        "-id",
        key="bin.gallery",
        classes=list_classes(here.db),
        on_saved=_on_saved,
        empty="Nothing in the bin fits; choose another reason or class.",
        fresh=st.session_state.get(_FRESH, 0) + int(last_emptied(here.db)),
        bin=True,
    )
    _reasons(here, where)


def _emptying(here: Opened, lying: BinSize) -> None:
    with st.popover("Empty the bin", type="primary", key="bin.empty"):
        st.markdown(
            "The files are deleted from data/images, which cannot be undone. The pictures stay known, so that they "
            "are not collected or imported again."
        )
        st.button(
            f"Delete {plural(lying.images, 'picture')}, {size(lying.bytes)}",
            key="bin.delete",
            type="primary",
            icon=":material/delete_forever:",
            on_click=act,
            args=(start_emptying, here, request_key("bin.empty")),
            kwargs={"expect": lying.images, "who": who()},
        )


def _unfinished(here: Opened) -> None:
    """Offers to go on with an emptying that was interrupted."""
    left = count_doomed(here.db)
    if left:
        with st.container(horizontal=True, vertical_alignment="center", key="bin_unfinished"):
            st.markdown(f"{plural(left, 'file')} given up but not deleted yet.", width="content")
            st.button(
                "Delete the rest", key="bin.finish", on_click=act,
                args=(start_emptying, here, request_key("bin.empty")), kwargs={"expect": None, "who": who()},
            )  # fmt: skip


def _chips(here: Opened) -> str:
    """Draws what to choose by; the filter that it makes."""
    reasons = dict(list(count_reasons(here.db).items())[:_MOST_REASONS])
    names = [row.name for row in list_classes(here.db)]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="chips"):
        many_from_address(_WHY, reasons)
        why = st.pills(
            "Why",
            list(reasons),
            format_func=lambda reason: f"{plain(_WORDS.get(reason, str(reason)))} {count(reasons.get(reason, 0))}",
            selection_mode="multi",
            key=_WHY,
        )
        many_to_address(_WHY, why)
        many_from_address(_CLASS, names)
        classes = st.multiselect("Class", names, key=_CLASS, placeholder="all", width=220)
        many_to_address(_CLASS, classes)
    parts = []
    if why:
        parts.append(f"({' or '.join(_reason(reason) for reason in why)})")
    if classes:
        parts.append(f"class in ({', '.join(quoted(name) for name in classes)})")
    return in_the_bin(" and ".join(parts))


def _reason(reason: str) -> str:
    known = {"by hand": "reason = none", "duplicate": 'reason ~ "duplicate of "'}
    return known.get(reason, f"reason = {quoted(reason)}")


def _reasons(here: Opened, where: str) -> None:
    """Draws the list that says why, by whom and when, with the way back for chosen rows or for all that is shown."""
    total, rows = list_images(here.db, where=where, order="-id", limit=_MOST_ROWS)
    if not rows:
        return
    turn = st.session_state.get(_FRESH, 0)
    with st.expander("Why they are here, by whom and since when", icon=":material/info:"):
        chosen = st.dataframe(
            _table(here, rows),
            key=f"bin.table.{turn}.{total}",
            hide_index=True,
            height=min(420, 38 + 36 * len(rows)),
            on_select="rerun",
            selection_mode="multi-row",
            column_config={
                "Rejected": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", help="Universal time"),
                "kB": st.column_config.NumberColumn(format="localized"),
            },
        )
        if total > len(rows):
            st.caption(f"The newest {count(len(rows))} of {count(total)}; the buttons mean all of them.")
        picked = [rows[number].id for number in chosen["selection"]["rows"] if number < len(rows)]
        with st.container(horizontal=True, key="bin_restore"):
            if picked:
                st.button(
                    f"Restore {plural(len(picked), 'chosen picture')}",
                    key="bin.restore", icon=":material/undo:", on_click=act, args=(_restore, here, picked),
                )  # fmt: skip
            st.button(
                f"Restore all {count(total)}" if total > 1 else "Restore it",
                key="bin.restore_all", on_click=act, args=(_restore_all, here, where),
            )  # fmt: skip


def _table(here: Opened, rows: Sequence[ImageRow]) -> pd.DataFrame:
    rejections = find_rejections(here.db, [row.id for row in rows])
    found = [rejections.get(row.id) for row in rows]
    return pd.DataFrame({
        "Why": [row.reason or "by hand" for row in rows],
        "By": ["" if rejection is None else rejection.who for rejection in found],
        "Rejected": pd.to_datetime([None if rejection is None else rejection.at for rejection in found], unit="s"),
        "Class": [row.class_name for row in rows],
        "File": [row.path for row in rows],
        "kB": [round(row.bytes / 1000) for row in rows],
    })


def _restore_all(here: Opened, where: str) -> str:
    return _restore(here, [number for number, _ in list_ids(here.db, where=where)[1]])


def _restore(here: Opened, images: Sequence[int]) -> str:
    decided = decide(
        here.db, [Operation(number, "unreview") for number in images], who=who(), label="restored from the bin"
    )
    st.session_state[_FRESH] = st.session_state.get(_FRESH, 0) + 1
    return f"{plural(decided.changed, 'picture')} restored; Undo takes that back"


def _open() -> None:
    st.query_params[_OPEN] = "1"


def _close() -> None:
    for name in (_OPEN, _WHY):
        st.query_params.pop(name, None)


def _on_saved() -> None:
    """The figures are drawn again by the run that this call belongs to."""
