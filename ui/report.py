"""A run's final figures: accuracies, the confusion matrix, each class, and what a generator was measured by."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal

import streamlit as st

from core.catalog.columns import RUN
from ui.plot.live_plot import Figure, live_plot
from ui.rooms import page_of
from ui.run_view import facts_list
from ui.theme import theme
from ui.words import plain

__all__ = ["confusion_figure", "report_view"]

_PARTS = {"train": "Training pictures", "val": "Held-out pictures", "test": "Test pictures"}
_FACTS = {
    "calibration": "calibration error",
    "leakage": "copies across the split",
    "last_epoch": "last epoch",
    "unreadable": "unreadable files",
}
_FIGURES = {
    "loss/g": "generator's loss",
    "loss/d": "discriminator's loss",
    "d/real": "real pictures taken for real",
    "d/fake": "drawn pictures taken for real",
    "accuracy/d_real": "real pictures told apart",
    "accuracy/d_fake": "drawn pictures told apart",
}
_SHADES = {"light": ("86,180,233", "#1F2421"), "dark": ("0,114,178", "#E6E9E4")}
"""Full colour of a cell, and ink that stands out from it and from the ground alike."""
_MOST_CLASSES = 40
_MOST_MIX_UPS = 6
_KNOWN = frozenset({"kind", "accuracy", "macro_f1", "per_class", "confusion", "evaluated_on"})


def report_view(report: Mapping[str, object], *, run: str | None = None) -> None:
    """Draws what the report holds; what it does not hold leaves no gap.

    With the `run` whose answers are kept for each picture, its confusions lead to the pictures in Clean.
    """
    _accuracies(report)
    if "confusion" in report or "per_class" in report:
        _classes(report, run)
    others = {name: value for name, value in report.items() if name not in _KNOWN}
    if others:
        facts_list(_spoken(others))


def confusion_figure(
    classes: Sequence[str], matrix: Sequence[Sequence[int]], *, palette: Literal["light", "dark"]
) -> Figure:
    """Rows are what the pictures show, columns what the model said; shares of a row as colour, counts as text."""
    blue, ink = _SHADES[palette]
    totals = [max(1, sum(row)) for row in matrix]
    shares = [[value / total for value in row] for row, total in zip(matrix, totals, strict=True)]
    few = len(classes) <= 12
    trace: dict[str, object] = {
        "type": "heatmap",
        "z": shares,
        "zmin": 0,
        "zmax": 1,
        "x": list(range(len(classes))),
        "y": list(range(len(classes))),
        "customdata": [list(row) for row in matrix],
        "text": [list(row) for row in matrix],
        "texttemplate": "%{text}" if few else "",
        "textfont": {"color": ink},
        "colorscale": [[0, f"rgba({blue},0.04)"], [1, f"rgba({blue},0.95)"]],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "shows %{y}, taken for %{x}: %{customdata}<extra></extra>",
    }
    ticks = {"tickmode": "array", "tickvals": list(range(len(classes))), "ticktext": [_short(name) for name in classes]}
    layout: dict[str, object] = {
        "hovermode": "closest",
        "dragmode": False,
        "xaxis": ticks | {"title": {"text": "Taken for"}, "showgrid": False, "zeroline": False},
        "yaxis": ticks | {"title": {"text": "Shows"}, "autorange": "reversed", "showgrid": False, "zeroline": False},
        "showlegend": False,
    }
    return {"data": [trace], "layout": layout}


def _spoken(facts: Mapping[str, object]) -> dict[str, object]:
    """The facts under names that a person reads: `loss, held-out pictures`."""
    found: dict[str, object] = {}
    for name, value in facts.items():
        label = _FACTS.get(name, name.replace("_", " "))
        if isinstance(value, Mapping) and value.keys() <= _PARTS.keys():
            found |= {f"{label}, {_PARTS[str(part)].lower()}": item for part, item in value.items()}
        elif isinstance(value, Mapping) and "ece" in value:
            found[label] = value["ece"]
        elif isinstance(value, Mapping):
            found |= {f"{label}, {_FIGURES.get(str(part), str(part))}": item for part, item in value.items()}
        else:
            found[label] = value
    return found


def _accuracies(report: Mapping[str, object]) -> None:
    accuracy = report.get("accuracy")
    if not isinstance(accuracy, Mapping):
        return
    shown = [(words, accuracy.get(part)) for part, words in _PARTS.items()]
    f1 = report.get("macro_f1")
    with st.container(horizontal=True, gap="large", key="runs_accuracies"):
        for words, value in shown:
            if isinstance(value, int | float):
                st.metric(words, f"{value:.1%}", width="content")
        if isinstance(f1, int | float):
            st.metric("Macro F1", f"{f1:.3f}", width="content", help="The mean of the classes' F1, each counted alike")


def _classes(report: Mapping[str, object], run: str | None) -> None:
    part = str(report.get("evaluated_on"))
    told = _PARTS.get(part, "")
    if told:
        st.caption(f"Below: {told.lower()}")
    left, right = st.columns([2, 3], gap="medium")
    confusion = report.get("confusion")
    if isinstance(confusion, Mapping):
        with left:
            _confusion(
                confusion.get("labels"), confusion.get("matrix"), address={RUN: run, "run_split": part} if run else {}
            )
    per_class = report.get("per_class")
    if isinstance(per_class, list) and per_class:
        with right:
            _per_class(per_class)


def _confusion(labels: object, matrix: object, *, address: Mapping[str, str]) -> None:
    """The matrix; `address` is what the pictures of all its cells have in common in the address of Clean, if known."""
    if not isinstance(labels, list) or not isinstance(matrix, list) or len(labels) < 2:
        return
    classes = [str(label) for label in labels]
    st.markdown("**What was taken for what**")
    if len(classes) > _MOST_CLASSES:
        st.caption(f"The matrix of {len(classes):,} classes is too large to draw; it stands in report.json.")
    else:
        words = f"Confusion matrix of {len(classes)} classes"
        figure = confusion_figure(classes, matrix, palette=theme())
        height = 120 + 28 * len(classes)
        picked = live_plot(figure, key="runs.confusion", alt=words, height=height, picks=bool(address))
        if picked is not None:
            column, row = picked
            st.switch_page(page_of("clean"), query_params=_cell_address(classes, row, column, address))
    if address:
        _mix_ups(classes, matrix, address)


def _mix_ups(classes: Sequence[str], matrix: Sequence[Sequence[int]], address: Mapping[str, str]) -> None:
    """Links to the most frequent wrong answers: what a click on the matrix does, for keys and for many classes."""
    wrong = [
        (count, row, column)
        for row, counts in enumerate(matrix)
        for column, count in enumerate(counts)
        if row != column and count
    ]
    st.caption("Click a cell to see its pictures." if wrong else "No wrong answer. Click a cell to see its pictures.")
    for count, row, column in sorted(wrong, key=lambda cell: (-cell[0], cell[1:]))[:_MOST_MIX_UPS]:
        st.page_link(
            page_of("clean"),
            label=f"{plain(classes[row])} taken for {plain(classes[column])} :gray[{count:,}]",
            query_params=_cell_address(classes, row, column, address),
        )


def _cell_address(classes: Sequence[str], row: int, column: int, address: Mapping[str, str]) -> dict[str, str]:
    return {**address, "truth": classes[row], "predicted": classes[column]}


def _per_class(rows: Sequence[Mapping[str, object]]) -> None:
    st.markdown("**Class by class**")
    names = list(dict.fromkeys(name for row in rows for name in row))
    share = st.column_config.ProgressColumn(format="%.0f%%", min_value=0, max_value=100)
    shares = {name for name in names if name in ("precision", "recall", "f1", "accuracy")}
    st.dataframe(
        {_column(name): [_cell(row.get(name), name in shares) for row in rows] for name in names},
        hide_index=True,
        column_config={_column(name): share for name in shares},
        key="runs.per_class",
    )


def _cell(value: object, share: bool) -> object:
    return 100 * value if share and isinstance(value, int | float) else value


def _column(name: str) -> str:
    return {"class_name": "Class", "f1": "F1"}.get(name, name.replace("_", " ").capitalize())


def _short(name: str) -> str:
    """For an axis, where plotly takes a few HTML tags for markup."""
    return escape(name if len(name) <= 20 else f"{name[:19]}…")
