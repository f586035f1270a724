"""A run's records as curves: which belong together, in which colour, thinned to what a screen can show."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from ui.plot.live_plot import Figure

__all__ = ["OKABE_ITO", "Curves", "Panel", "panels", "smoothed", "sparkline", "thinned"]

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#F0E442")
"""Colours that colour-blind people tell apart, in our fixed order; black is left out for the dark theme."""

_POINTS = 800
_FEW = 40
_FEW_EPOCHS = 12
_NOT_CURVES = frozenset({"t", "kind", "step", "epoch"})


@dataclass(slots=True)
class Series:
    """One name's values in the order they were recorded; None where a figure was not finite."""

    step: list[int] = field(default_factory=list)
    epoch: list[float] = field(default_factory=list)
    value: list[float | None] = field(default_factory=list)

    def append(self, record: Mapping[str, object], value: float | None) -> None:
        """Put `value` at the record's step; what a resumed run does again replaces what it had done before."""
        step, epoch = record.get("step"), record.get("epoch")
        place = int(step) if isinstance(step, int | float) else len(self.step)
        while self.step and self.step[-1] >= place:
            for column in (self.step, self.epoch, self.value):
                column.pop()
        self.step.append(place)
        self.epoch.append(float(epoch) if isinstance(epoch, int | float) else float(len(self.epoch)))
        self.value.append(value)


@dataclass(slots=True)
class Curves:
    """Every series of one run, grown record by record as the run writes them."""

    by_step: dict[str, Series] = field(default_factory=dict)
    by_epoch: dict[str, Series] = field(default_factory=dict)

    def extend(self, records: Iterable[Mapping[str, object]]) -> None:
        """Take in further records of metrics.jsonl; what is no number and no null is passed over."""
        for record in records:
            group = self.by_step if record.get("kind") == "step" else self.by_epoch
            for name, value in record.items():
                if name in _NOT_CURVES or isinstance(value, bool):
                    continue
                if value is None or isinstance(value, int | float):
                    group.setdefault(name, Series()).append(record, None if value is None else float(value))


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot: `name` is its key, `alt` says in words what it shows."""

    name: str
    title: str
    alt: str
    figure: Figure
    main: bool
    """Shown at once; the others wait under "More curves"."""


@dataclass(frozen=True, slots=True)
class _Line:
    label: str
    colour: int
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    title: str
    lines: Mapping[str, _Line]
    axis: str
    main: bool = True
    share: bool = False
    """The values are shares of one and are written as per cent."""


_GROUPS = (
    _Group(
        "loss",
        "Loss per step",
        {
            "loss/train": _Line("training", 0),
            "loss/val": _Line("held-out", 1, "dash"),
            "loss/g": _Line("generator", 0),
            "loss/d": _Line("discriminator", 1),
        },
        "step",
    ),
    _Group(
        "accuracy",
        "Accuracy per epoch",
        {
            "accuracy/train": _Line("training", 0),
            "accuracy/val": _Line("held-out", 1, "dash"),
            "accuracy/test": _Line("test", 2, "dot"),
        },
        "epoch",
        share=True,
    ),
    _Group(
        "judgement",
        "What the discriminator takes for real",
        {"d/real": _Line("real pictures", 2), "d/fake": _Line("drawn pictures", 3)},
        "step",
        share=True,
    ),
    _Group("distance", "Distance to the real pictures", {"distance": _Line("distance", 5)}, "epoch"),
    _Group(
        "told_apart",
        "Told apart by the discriminator",
        {"accuracy/d_real": _Line("real pictures", 2), "accuracy/d_fake": _Line("drawn pictures", 3)},
        "step",
        main=False,
        share=True,
    ),
)

_TITLES = {
    "lr": "Learning rate",
    "images_per_second": "Pictures a second",
    "memory_mb": "Memory, MB",
}


def panels(curves: Curves, *, revision: str) -> list[Panel]:
    """The plots that the records allow, the most telling first; the zoom is kept while `revision` stays the same."""
    known = [panel for group in _GROUPS if (panel := _panel(group, curves, revision))]
    grouped = {name for group in _GROUPS for name in group.lines}
    names = [*curves.by_epoch, *(name for name in curves.by_step if name not in curves.by_epoch)]
    others = [
        _Group(
            name,
            _TITLES.get(name, name.replace("_", " ").replace("/", ", ")),
            {name: _Line(name, 0)},
            "step",
            main=False,
        )
        for name in names
        if name not in grouped
    ]
    return known + [panel for group in others if (panel := _panel(group, curves, revision))]


def thinned(values: Sequence[float | None], limit: int) -> list[int]:
    """Indices of about `limit` values at most: each stretch's lowest and highest, and both ends."""
    count = len(values)
    if count <= limit:
        return list(range(count))
    width = math.ceil(count / (limit / 2))
    chosen = {0, count - 1}
    for start in range(0, count, width):
        filled = [index for index in range(start, min(start + width, count)) if values[index] is not None]
        if filled:
            chosen.add(min(filled, key=lambda index: values[index] or 0.0))
            chosen.add(max(filled, key=lambda index: values[index] or 0.0))
        else:
            chosen.add(start)
    return sorted(chosen)


def smoothed(values: Sequence[float | None], span: int) -> list[float | None]:
    """The running mean over about `span` values, weighted towards the newest; gaps stay gaps."""
    keep = 1.0 - 2.0 / (span + 1.0)
    total = weight = 0.0
    means: list[float | None] = []
    for value in values:
        if value is None:
            means.append(None)
            continue
        total = keep * total + (1.0 - keep) * value
        weight = keep * weight + (1.0 - keep)
        means.append(total / weight)
    return means


def sparkline(records: Iterable[Mapping[str, object]]) -> list[float]:
    """The loss of a run in at most 40 smoothed values, for a line in a table."""
    curves = Curves()
    curves.extend(records)
    series = next(
        (curves.by_step[name] for name in ("loss/train", "loss/g", "loss/d") if name in curves.by_step), Series()
    )
    values = [value for value in smoothed(series.value, max(3, len(series.value) // 20)) if value is not None]
    every = max(1, math.ceil(len(values) / _FEW))
    return values[::-every][::-1]


def _panel(group: _Group, curves: Curves, revision: str) -> Panel | None:
    traces: list[dict[str, object]] = []
    for name, line in group.lines.items():
        first, second = (curves.by_step, curves.by_epoch) if group.axis == "step" else (curves.by_epoch, curves.by_step)
        series = first.get(name) or second.get(name)
        if series is not None and any(value is not None for value in series.value):
            traces += _traces(series, line, group)
    if not traces:
        return None
    shown = ", ".join(str(trace["name"]) for trace in traces if trace.get("showlegend", True))
    farthest = max((x for trace in traces for x in cast("list[float]", trace["x"])), default=1.0)
    layout = _layout(group, revision, lines=shown.count(",") + 1, farthest=farthest)
    figure: Figure = {"data": traces, "layout": layout}
    return Panel(group.name, group.title, f"{group.title}: {shown}", figure, group.main)


def _traces(series: Series, line: _Line, group: _Group) -> list[dict[str, object]]:
    x: Sequence[float] = series.step if group.axis == "step" else series.epoch
    colour = OKABE_ITO[line.colour]
    hover = ("%{y:.1%}" if group.share else "%{y:.4~g}") + f"<extra>{line.label}</extra>"
    count = len(series.value)
    if count <= 2 * _FEW:
        return [_trace(x, series.value, range(count), line, colour, hover, markers=count <= _FEW)]
    mean = smoothed(series.value, max(5, count // 40))
    raw = _trace(x, series.value, thinned(series.value, _POINTS), line, colour, hover, markers=False)
    raw |= {"opacity": 0.3, "showlegend": False, "hoverinfo": "skip", "hovertemplate": None}
    raw["line"] = {"color": colour, "width": 1}
    return [raw, _trace(x, mean, thinned(mean, _POINTS // 2), line, colour, hover, markers=False)]


def _trace(
    x: Sequence[float],
    y: Sequence[float | None],
    indices: Iterable[int],
    line: _Line,
    colour: str,
    hover: str,
    *,
    markers: bool,
) -> dict[str, object]:
    chosen = list(indices)
    return {
        "type": "scatter",
        "mode": "lines+markers" if markers else "lines",
        "name": line.label,
        "x": [x[index] for index in chosen],
        "y": [y[index] for index in chosen],
        "line": {"color": colour, "width": 2, "dash": line.dash},
        "marker": {"color": colour, "size": 5},
        "hovertemplate": hover,
    }


def _layout(group: _Group, revision: str, *, lines: int, farthest: float) -> dict[str, object]:
    yaxis: dict[str, object] = {"rangemode": "tozero"}
    if group.share:
        yaxis = {"tickformat": ".0%", "range": [0, 1.02], "autorange": False}
    x_title = "Step" if group.axis == "step" else "Epoch"
    xaxis: dict[str, object] = {"title": {"text": x_title, "standoff": 4}, "rangemode": "tozero"}
    if group.axis == "epoch":
        xaxis |= {"tickformat": "d", "rangemode": "normal"}
        if farthest <= _FEW_EPOCHS:
            # Left alone, plotly puts ticks at half epochs and writes them as whole ones.
            xaxis |= {"tick0": 0, "dtick": 1}
    return {"uirevision": revision, "xaxis": xaxis, "yaxis": yaxis, "showlegend": lines > 1}
