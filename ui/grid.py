"""The pictures that a generator drew in each epoch, with a slider over the epochs and real pictures beside."""

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

__all__ = ["sample_grid"]


def sample_grid(
    epochs: Sequence[int], *, key: str, sample: Callable[[int], str], real: str | None, start: int | None = None
) -> int:
    """Draws the grid of the epoch chosen on the slider; that epoch.

    `sample` gives a grid's address, `real` that of real pictures. Whoever stands at the newest epoch goes along with a
    live run; whoever went back stays there. `start` is the epoch shown at first, when it exists.
    """
    chosen = _follow(epochs, key=key, start=start)
    if len(epochs) > 1:
        st.select_slider("Epoch", epochs, key=key, help="The same noise in every epoch, so that one sees it learn")
    drawn = f"Drawn after epoch {chosen:,}"
    figures = _figure(sample(chosen), drawn)
    if real is not None:
        figures += _figure(real, "Real pictures")
    st.html(f'<div class="specimen-samples">{figures}</div>')
    return chosen


def _follow(epochs: Sequence[int], *, key: str, start: int | None) -> int:
    state = st.session_state
    newest = epochs[-1]
    chosen = state.get(key, start)
    if chosen not in epochs or chosen == state.get(f"{key}.newest"):
        chosen = newest
    state[f"{key}.newest"] = newest
    state[key] = chosen
    return int(chosen)


def _figure(address: str, words: str) -> str:
    return (
        f'<figure><img src="{escape(address)}" alt="{escape(words)}" draggable="false">'
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )
