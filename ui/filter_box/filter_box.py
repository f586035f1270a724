"""The box for a filter in the catalogue's own language: completions, the place of a fault, the number of pictures."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from ui.server import api_address

__all__ = ["filter_box"]

_FOLDER = Path(__file__).parent


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "specimen_filter_box",
    html=_read("filter_box.html"),
    css=_read("filter_box.css"),
    js=_read("filter_box.js"),
    # Keys of the page leave alone what is typed into an input; inside a shadow root they could not see it.
    isolate_styles=False,
)


def filter_box(
    text: str,
    *,
    key: str,
    base: str,
    on_text: Callable[[str], None],
    label: str = "Condition",
    at_once: bool = False,
) -> None:
    """Draw the box with `text` in it; `on_text` is called with a whole, right condition when one is applied.

    `base` is the filter that holds besides: the numbers of pictures and the run's answers are under it. `at_once` is
    for pages with a button that acts on what stands in the box: a text that was left is applied before the click that
    follows can act, wrong ones too, so that the page has to say what is wrong with them.
    """
    data = {
        "api": api_address(),
        "text": text,
        "base": base,
        "label": label,
        "at_once": at_once,
        "placeholder": "width >= 128 and class in (abra, mew)",
    }
    _component(key=key, data=data, default={"text": text}, on_text_change=partial(_applied, key, on_text))


def _applied(key: str, on_text: Callable[[str], None]) -> None:
    on_text(str(st.session_state[key]["text"] or ""))
