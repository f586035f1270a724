"""The pictures that a run would see, as a table, and what is worth knowing about them before it starts."""

import streamlit as st

from core.training.presets import Kind
from ui.data_seen import DataSeen
from ui.words import count, plain, plural

__all__ = ["notes_on", "seen_table"]

_NAMED = 8


def notes_on(seen: DataSeen, *, kind: Kind, minimum: int) -> None:
    """No pictures, one class, no split, thin classes: a sentence each, only where it applies."""
    if not seen.total:
        st.warning("No picture fits this filter; change it or clear it.", icon=":material/filter_alt_off:")
        return
    if not seen.split:
        st.markdown(
            ":material/call_split: There is no split yet. The run makes the default one first: 70 % training, "
            "15 % held-out and 15 % test pictures, seed 0, copies kept together."
        )
    left_out = sum(row.unsplit for row in seen.classes)
    if kind == "classifier" and seen.split and left_out:
        st.markdown(
            f":material/call_split: {plural(left_out, 'picture')} in no part of the split yet: the run leaves them "
            "out. Split again on the Dataset page to use them."
        )
    if kind == "classifier" and len(seen.classes) < 2:
        st.warning("A classifier needs two classes at least; there is one.", icon=":material/warning:")
    thin = seen.thin(minimum)
    if kind == "classifier" and thin:
        names = ", ".join(f"{plain(row.name)} ({count(row.total)})" for row in thin[:_NAMED])
        more = f" and {count(len(thin) - _NAMED)} more" if len(thin) > _NAMED else ""
        st.warning(
            f"{plural(len(thin), 'class', 'classes')} with fewer than {count(minimum)} pictures: {names}{more}. "
            "The run starts all the same, but will know them badly.",
            icon=":material/warning:",
        )


def seen_table(seen: DataSeen, *, minimum: int) -> None:
    """One row a class, the totals in the line above."""
    if not seen.total:
        return
    parts = {
        "training": sum(row.train for row in seen.classes),
        "held-out": sum(row.val for row in seen.classes),
        "test": sum(row.test for row in seen.classes),
        "in no part yet": sum(row.unsplit for row in seen.classes),
    }
    told = ", ".join(f"{count(number)} {name}" for name, number in parts.items() if number)
    st.caption(f"{plural(seen.total, 'picture')}: {told}" if seen.split else plural(seen.total, "picture"))
    table: dict[str, list[str] | list[int]] = {
        "Class": [row.name for row in seen.classes],
        "Pictures": [row.total for row in seen.classes],
    }
    if seen.split:
        table["Training"] = [row.train for row in seen.classes]
        table["Held-out"] = [row.val for row in seen.classes]
        table["Test"] = [row.test for row in seen.classes]
    if seen.thin(minimum):
        table[" "] = ["thin" if row.total < minimum else "" for row in seen.classes]
    number = st.column_config.NumberColumn(format="localized", alignment="right")
    st.dataframe(
        table,
        hide_index=True,
        column_config={name: number for name in table if name not in ("Class", " ")},
        key="train.seen",
        alt="Pictures of each class by part of the split",
    )
