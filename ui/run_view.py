"""One run's page in parts: how it stands, its curves, its facts, its checkpoints, its log."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from core.jobs.status import Status
from ui.curves import Curves, Panel, panels
from ui.plot.live_plot import live_plot
from ui.states import LIVE, state_markdown, where_it_stands
from ui.words import plain

__all__ = ["curve_plots", "facts_list", "log_lines", "standing"]


def standing(status: Status) -> None:
    """State, progress and what went wrong."""
    told = where_it_stands(status)
    st.markdown(state_markdown(status.state) + (f" :gray[· {told}]" if told else ""))
    if status.state in LIVE and status.state != "queued":
        share = min(1.0, status.done / status.total) if status.total else 0.0
        st.progress(share)
    if status.error:
        hint = f"\n\n{plain(status.hint)}" if status.hint else ""
        st.error(f"{plain(status.error)}{hint}", icon=":material/error:")


def curve_plots(curves: Curves, *, run: str) -> None:
    """The telling curves side by side, the others folded; "no figures yet" before the first step."""
    drawn = panels(curves, revision=run)
    if not drawn:
        st.caption("The first figures appear after a few steps.")
        return
    main = [panel for panel in drawn if panel.main]
    others = [panel for panel in drawn if not panel.main]
    _plots(main, key="main")
    if others:
        with st.expander("More curves", key="runs.more_curves", type="compact"):
            _plots(others, key="more")


def facts_list(facts: Mapping[str, object]) -> None:
    """Names and values, nested ones after a dot (`versions.torch`); tables inside are left out."""
    rows = "".join(
        f'<span class="name">{escape(name)}</span><span class="value">{escape(value)}</span>'
        for name, value in _flat(facts)
    )
    st.html(f'<div class="specimen-facts">{rows}</div>')


def log_lines(lines: Sequence[str], *, search: str, height: int = 420) -> None:
    """The lines that hold `search`, in any case; all without one."""
    wanted = search.casefold().strip()
    shown = [line for line in lines if wanted in line.casefold()] if wanted else list(lines)
    if not shown:
        st.caption(f"No line holds “{plain(search)}”." if lines else "The log is empty so far.")
        return
    if wanted:
        st.caption(f"{len(shown):,} of {len(lines):,} lines")
    with st.container(height=height, border=False, autoscroll=True, key="runs.log"):
        st.code("\n".join(shown), language=None, wrap_lines=True)


def _plots(drawn: Sequence[Panel], *, key: str) -> None:
    with st.grid(min(2, len(drawn)), min_column_width=320, gap="medium", key=f"runs.curves.{key}"):
        for panel in drawn:
            with st.container(gap=None, key=f"runs.panel.{panel.name}"):
                st.markdown(f"**{plain(panel.title)}**")
                live_plot(panel.figure, key=f"runs.plot.{panel.name}", alt=panel.alt)


def _flat(facts: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in facts.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{name}.")
        elif value not in (None, "", [], ()) and not _is_table(value):
            rows.append((f"{prefix}{name}".replace("_", " "), _value(value)))
    return rows


def _is_table(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping) for item in value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(_value(item) for item in value)
    return str(value)
