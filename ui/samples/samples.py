"""The pictures that a generator drew in each epoch: a slider that answers at once, and real pictures beside.

The browser changes pictures by itself and shows one only when it is there whole, so that nothing flickers; the server
learns the epoch when the slider comes to rest.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

__all__ = ["sample_grid"]

_FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "specimen_samples",
    html=(_FOLDER / "samples.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "samples.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "samples.js").read_text(encoding="utf-8"),
)


def sample_grid(
    epochs: Sequence[int], *, key: str, sample: Callable[[int], str], real: str | None, start: int | None = None
) -> int:
    """Draws the grid with its slider; the epoch that is looked at.

    `sample` gives a grid's address, `real` that of real pictures, `start` is the epoch shown at first when it exists.
    Whoever stands at the newest epoch goes along with a live run; whoever went back stays there.
    """
    data = {"epochs": [[epoch, sample(epoch)] for epoch in epochs], "real": real, "start": start}
    result = _component(key=key, data=data, on_epoch_change=_nothing)
    looked = next((epoch for epoch in (result.epoch, start) if epoch in epochs), None)
    return epochs[-1] if looked is None else int(looked)


def _nothing() -> None:
    """Streamlit hands a component's state on only when a callback is given."""
