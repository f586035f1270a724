"""The table of classes: how many pictures each has, which are thin; names are changed and added in place."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.catalog.class_changes import rename_class
from core.catalog.classes import ensure_class
from core.catalog.records import ClassCounts
from ui.charts import class_bars, class_bars_height, class_bars_words
from ui.class_acts import ROUND, class_acts
from ui.edge import act
from ui.plot.live_plot import live_plot
from ui.theme import theme
from ui.who import who
from ui.words import plain

__all__ = ["class_chart", "class_frame", "classes_table"]

_MOST_ROWS, _HEIGHT_PX = 14, 560


def class_chart(classes: Sequence[ClassCounts], *, minimum: int, key: str) -> None:
    """Draws the bars of kept, unreviewed and rejected pictures, with the line of the minimum."""
    live_plot(
        class_bars(classes, minimum=minimum, theme=theme()),
        key=key,
        alt=class_bars_words(classes, minimum=minimum),
        height=class_bars_height(classes),
    )


def class_frame(classes: Sequence[ClassCounts], minimum: int) -> pd.DataFrame:
    """One row a class, in their order."""
    return pd.DataFrame({
        "id": [row.class_id for row in classes],
        "name": [row.name for row in classes],
        "usable": [row.usable for row in classes],
        "kept": [row.kept for row in classes],
        "unreviewed": [row.unreviewed for row in classes],
        "rejected": [row.rejected for row in classes],
        "train": [row.train for row in classes],
        "val": [row.val for row in classes],
        "test": [row.test for row in classes],
        "note": [f"{minimum - row.usable} short" if row.usable < minimum else "" for row in classes],
    })


def classes_table(here: Opened, classes: Sequence[ClassCounts], *, minimum: int) -> None:
    """Draws it with what can be done; a name typed over renames the class, a name in the last line adds one."""
    key = f"dataset.classes.{st.session_state.get(ROUND, 0)}"
    column = st.column_config
    st.data_editor(
        class_frame(classes, minimum),
        key=key,
        num_rows="add",
        hide_index=True,
        height=_HEIGHT_PX if len(classes) > _MOST_ROWS else "auto",
        on_change=act,
        args=(_changed, here, classes, key),
        disabled=["id", "usable", "kept", "unreviewed", "rejected", "train", "val", "test", "note"],
        column_config={
            "id": column.NumberColumn("No.", width=50),
            "name": column.TextColumn("Class", max_chars=80, help="Type over a name to change it everywhere"),
            "usable": column.ProgressColumn(
                "Pictures", min_value=0, max_value=max([1, *(row.usable for row in classes)]), format="localized",
                help="Kept or not looked at yet: what a training run would see",
            ),
            "kept": column.NumberColumn("✓ Kept", format="localized"),
            "unreviewed": column.NumberColumn("Not looked at", format="localized"),
            "rejected": column.NumberColumn("✕ Rejected", format="localized"),
            "train": column.NumberColumn("Training", format="localized"),
            "val": column.NumberColumn("Validation", format="localized"),
            "test": column.NumberColumn("Test", format="localized"),
            "note": column.TextColumn("Note"),
        },
    )  # fmt: skip
    class_acts(here, classes)


def _changed(here: Opened, classes: Sequence[ClassCounts], key: str) -> str | None:
    """Takes over what was typed; the table is drawn anew from the catalogue, whether that worked or not."""
    edits = st.session_state.get(key)
    if not isinstance(edits, Mapping):
        return None
    renamed = {int(row): str(cells["name"] or "") for row, cells in edits["edited_rows"].items() if "name" in cells}
    added = [name for cells in edits["added_rows"] if (name := str(cells.get("name") or "").strip())]
    if not renamed and not added:
        return None  # A row that was only begun: drawing the table anew would take it from under the cursor.
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    said = [f"Class {plain(ensure_class(here.db, name).name)} added" for name in added]
    for row, name in renamed.items():
        renamed_to = rename_class(here.db, classes[row].class_id, name, who=who()).name
        said.append(f"{plain(classes[row].name)} is now {plain(renamed_to)}")
    return "; ".join(said)
