"""What is wrong with which line of a pasted list."""

from collections.abc import Sequence

import streamlit as st

from core.catalog.class_names import LeftOut
from ui.words import count, plain, plural

__all__ = ["left_out", "left_out_words"]

_MOST_LINES = 8


def left_out(lines: Sequence[LeftOut]) -> None:
    """Draws the lines that make no class, each with the reason; nothing when all do."""
    if not lines:
        return
    shown = [f"Line {line.line}, {plain(line.text[:40])}: {plain(line.reason)}" for line in lines[:_MOST_LINES]]
    if len(lines) > len(shown):
        shown.append(f"and {count(len(lines) - len(shown))} more")
    st.caption("  \n".join([f"{plural(len(lines), 'line')} left out", *shown]))


def left_out_words(lines: Sequence[LeftOut]) -> str:
    """The same in short, to follow what was done; empty when all make a class."""
    if not lines:
        return ""
    first = lines[0]
    return f"; {plural(len(lines), 'line')} left out, first line {first.line}: {plain(first.reason)}"
