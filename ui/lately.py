"""The newest decisions, so that a person who comes back sees where things stopped."""

import time

import streamlit as st

from core.api.desk import Opened
from core.catalog.decisions import history
from core.catalog.records import BatchRow
from ui.words import plain, plural, span

__all__ = ["lately", "lately_words"]

_SHOWN = 6


def lately(here: Opened) -> None:
    """Draws the list; nothing when nothing was decided yet."""
    rows = history(here.db, _SHOWN)
    if not rows:
        return
    st.subheader("Lately", anchor=False)
    with st.container(gap="xxsmall"):
        for row in rows:
            st.caption(lately_words(row, now=time.time()))


def lately_words(row: BatchRow, *, now: float) -> str:
    """One batch of decisions in one line."""
    what = row.label or "decided"
    words = f"{plain(what[:1].upper() + what[1:])} · {plural(row.decisions, 'picture')} · {span(now - row.at)} ago"
    if row.who == "command line":
        words += " · by the command line"
    return f"~~{words}~~ · taken back" if row.state != "done" else words
