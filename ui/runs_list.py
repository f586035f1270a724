"""The runs as rows: a link to each, state, best figure, course of the loss, newest pictures, and how long it took."""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from core.jobs.status import State
from core.runs.index import RunSummary
from ui.curves import OKABE_ITO
from ui.rooms import page_of
from ui.states import LIVE, best_text, state_html
from ui.words import plain, span

__all__ = ["RunExtras", "page_of_runs", "runs_filter", "runs_list", "sparkline_image"]

_WIDTH, _HEIGHT = 120, 28
_NAME_PX = 250
_ROWS = 25
_HEAD = ("State", "Best", "Epoch", "Loss", "Newest", "Started", "Took")
_GROUPS: dict[str, frozenset[State]] = {
    "under way": LIVE,
    "finished": frozenset({"finished"}),
    "stopped": frozenset({"stopped"}),
    "failed": frozenset({"failed", "lost"}),
}


@dataclass(frozen=True, slots=True)
class RunExtras:
    """What a row shows beyond the summary."""

    loss: Sequence[float] = ()
    sample: str | None = None
    """Address of the newest grid of a generator."""


def runs_filter(rows: Sequence[RunSummary]) -> Callable[[RunSummary], bool]:
    """Draws what may be chosen among these runs; tells of a run whether it is wanted. The choice is in the address."""
    presets = sorted({row.preset for row in rows})
    groups = [name for name, states in _GROUPS.items() if any(row.state in states for row in rows)]
    with st.container(horizontal=True, gap="small", key="runs_filter"):
        preset = _pills("Preset", presets, key="preset")
        group = _pills("State", groups, key="state")

    def wanted(row: RunSummary) -> bool:
        return preset in (None, row.preset) and (group is None or row.state in _GROUPS[group])

    return wanted


def page_of_runs(rows: Sequence[RunSummary]) -> Sequence[RunSummary]:
    """Draws the numbers of the pages where one does not hold all; the rows of the one that is open."""
    pages = -(-len(rows) // _ROWS)
    if pages < 2:
        return rows
    number = st.pagination(pages, key="page", bind="query-params")
    return rows[_ROWS * (number - 1) : _ROWS * number]


def runs_list(rows: Sequence[RunSummary], extras: Mapping[str, RunExtras]) -> None:
    """Draws the rows in their order; a click on a name opens the run."""
    if not rows:
        st.caption("No run is like that.")
        return
    with st.container(key="runs_list", gap=None):
        with st.container(horizontal=True, key="runs_head", vertical_alignment="center"):
            st.caption("Run", width=_NAME_PX)
            cells = "".join(f"<span>{word}</span>" for word in _HEAD)
            st.html(f'<div class="specimen-run head">{cells}</div>')
        for row in rows:
            with st.container(horizontal=True, key=f"runs_row_{row.run}", vertical_alignment="center"):
                st.page_link(page_of("runs"), label=plain(row.run), query_params={"run": row.run}, width=_NAME_PX)
                st.html(_cells(row, extras.get(row.run, RunExtras())))


def sparkline_image(values: Sequence[float]) -> str:
    """The values as a small line, the lowest at the foot; "" for fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    reach = (high - low) or 1.0
    across = (_WIDTH - 4) / (len(values) - 1)
    points = " ".join(
        f"{2 + index * across:.1f},{2 + (high - value) / reach * (_HEIGHT - 4):.1f}"
        for index, value in enumerate(values)
    )
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f'<polyline points="{points}" fill="none" stroke="{OKABE_ITO[0]}" stroke-width="1.5"/></svg>'
    )
    # Streamlit takes <svg> out of HTML that it is given; as an image it stays.
    address = f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"
    words = f"Loss from {values[0]:.3g} to {values[-1]:.3g}"
    return f'<img src="{address}" width="{_WIDTH}" height="{_HEIGHT}" alt="{words}" title="{words}">'


def _pills(label: str, options: Sequence[str], *, key: str) -> str | None:
    if len(options) < 2:
        return None
    return st.pills(label, options, key=key, label_visibility="collapsed", bind="query-params", width="content")


def _cells(row: RunSummary, extras: RunExtras) -> str:
    image = f'<img src="{escape(extras.sample)}" alt="Newest pictures of {escape(row.run)}">' if extras.sample else ""
    cells = (
        ("state", state_html(row.state)),
        ("number", best_text(row.best, row.preset)),
        ("number", f"{row.epoch:,} / {row.epochs:,}" if row.epochs else "–"),
        ("line", sparkline_image(extras.loss)),
        ("sample", image),
        ("quiet", _moment(row.started)),
        ("number quiet", span(row.seconds) if row.seconds else "–"),
    )
    return (
        '<div class="specimen-run">' + "".join(f'<span class="{name}">{cell}</span>' for name, cell in cells) + "</div>"
    )


def _moment(started: float | None) -> str:
    """`14:03` today, `3 Nov 14:03` before."""
    if not started:
        return "–"
    then = time.localtime(started)
    today = time.localtime()
    clock = time.strftime("%H:%M", then)
    if then[:3] == today[:3]:
        return clock
    date = f"{then.tm_mday} {time.strftime('%b', then)}"
    return f"{date} {clock}" if then.tm_year == today.tm_year else f"{date} {then.tm_year}"
