"""Figures of the dataset as plain plotly JSON, for `ui.plot.live_plot`; no reading of files, no page state.

Class names reach the axis as text: plotly takes a few HTML tags in labels for markup, so `<` is escaped.
"""

from collections.abc import Sequence
from html import escape

from core.catalog.records import ClassCounts
from ui.plot.live_plot import Figure
from ui.words import count, plural

__all__ = ["COLOURS", "MOST_CLASSES", "class_bars", "class_bars_height", "class_bars_words", "split_bar", "split_words"]

COLOURS: dict[str, dict[str, str]] = {
    "light": {"keep": "#2F6B4F", "reject": "#B5452F", "unreviewed": "#9AA09B", "warning": "#A9701C"},
    "dark": {"keep": "#74C49B", "reject": "#E2806B", "unreviewed": "#6E7671", "warning": "#DDAE5F"},
}
_PARTS = {
    "light": {"words": "#FFFFFF", "train": "#2F6B4F", "val": "#6A716C", "test": "#8F5E14", "none": "#767C78"},
    "dark": {"words": "#131614", "train": "#74C49B", "val": "#8D9690", "test": "#DDAE5F", "none": "#97A09A"},
}
MOST_CLASSES = 40
"""A chart of more bars than this says less than the table beside it."""
_ROW_PX = 30
_FRAME_PX = 72


def class_bars(classes: Sequence[ClassCounts], *, minimum: int, theme: str) -> Figure:
    """One bar a class: kept, unreviewed, rejected; a dashed line at the minimum.

    Of more than `MOST_CLASSES` the smallest are drawn: those need a person's eye.
    """
    colours = COLOURS.get(theme, COLOURS["light"])
    shown = _shown(classes)
    series = [
        ("✓ kept", [row.kept for row in shown], colours["keep"], ""),
        ("unreviewed", [row.unreviewed for row in shown], colours["unreviewed"], ""),
        ("✕ rejected", [row.rejected for row in shown], colours["reject"], "/"),
    ]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": list(range(len(shown))),
            "x": values,
            "marker": {"color": colour, "pattern": {"shape": pattern, "fgopacity": 0.6}},
            "hovertemplate": f"%{{x:,}} {name}<extra></extra>",
        }
        for name, values, colour, pattern in series
    ]
    axis: dict[str, object] = {
        "tickmode": "array",
        "tickvals": list(range(len(shown))),
        "ticktext": [_label(row.name) for row in shown],
    }
    return {"data": data, "layout": _bars_layout(minimum, axis=axis, colour=colours["warning"])}


def class_bars_height(classes: Sequence[ClassCounts]) -> int:
    """Pixels that `class_bars` wants for these classes."""
    return _FRAME_PX + _ROW_PX * max(1, min(len(classes), MOST_CLASSES))


def class_bars_words(classes: Sequence[ClassCounts], *, minimum: int) -> str:
    """What the chart shows, for those who do not see it."""
    thin = sum(row.usable < minimum for row in classes)
    return f"Pictures in each of {plural(len(classes), 'class', 'classes')}; {count(thin)} below {count(minimum)}."


def split_bar(train: int, val: int, test: int, *, none: int, theme: str) -> Figure:
    """One bar cut into training, validation and test pictures, and those in no part yet; each names itself."""
    colours = _PARTS.get(theme, _PARTS["light"])
    total = max(1, train + val + test + none)
    parts = [
        ("training", train, colours["train"]),
        ("validation", val, colours["val"]),
        ("test", test, colours["test"]),
        ("in no part", none, colours["none"]),
    ]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": [""],
            "x": [number],
            "text": [f"{name} {number:,} ({number / total:.0%})"],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "insidetextfont": {"color": colours["words"]},
            "marker": {"color": colour},
            "hovertemplate": f"{name}: %{{x:,}}<extra></extra>",
        }
        for name, number, colour in parts
        if number
    ]
    layout = {
        "barmode": "stack",
        "bargap": 0,
        "hovermode": "closest",
        "dragmode": False,
        "showlegend": False,
        "margin": {"l": 0, "r": 0, "t": 4, "b": 4},
        "xaxis": {"visible": False, "range": [0, total], "fixedrange": True},
        "yaxis": {"visible": False, "fixedrange": True},
    }
    return {"data": data, "layout": layout}


def split_words(train: int, val: int, test: int) -> str:
    """What the split bar shows, for those who do not see it."""
    return f"{count(train)} training, {count(val)} validation and {count(test)} test pictures."


def _bars_layout(minimum: int, *, axis: dict[str, object], colour: str) -> dict[str, object]:
    line = {"type": "line", "x0": minimum, "x1": minimum, "y0": 0, "y1": 1, "yref": "paper"}
    note = {
        "x": minimum,
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "text": f"minimum {minimum:,}",
        "showarrow": False,
        "font": {"size": 11, "color": colour},
    }
    return {
        "barmode": "stack",
        "bargap": 0.35,
        "legend": {"traceorder": "normal", "orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "y unified",
        "dragmode": False,
        "shapes": [line | {"line": {"color": colour, "width": 1.5, "dash": "dash"}}],
        "annotations": [note],
        "xaxis": {"fixedrange": True, "rangemode": "tozero", "showticklabels": False, "showgrid": False, "ticks": ""},
        "yaxis": {
            "fixedrange": True,
            "autorange": "reversed",
            "ticklabelstandoff": 8,
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
        }
        | axis,
        "margin": {"l": 8, "r": 8, "t": 32, "b": 24},
    }


def _shown(classes: Sequence[ClassCounts]) -> Sequence[ClassCounts]:
    if len(classes) <= MOST_CLASSES:
        return classes
    return sorted(classes, key=lambda row: row.usable)[:MOST_CLASSES]


def _label(name: str) -> str:
    short = name if len(name) <= 28 else f"{name[:27]}…"
    return escape(short)
