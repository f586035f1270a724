"""A plot that grows in place: new figures reach Plotly.react, so that zoom, hover and hidden lines stay.

`st.plotly_chart` mounts anew with every figure in Streamlit 1.67: blank frames, and the zoom is lost.
"""

from pathlib import Path

import streamlit as st

from ui.plot.plotly_js import plotly_address

__all__ = ["Figure", "live_plot"]

Figure = dict[str, object]
"""A plotly figure as plain JSON: `{"data": [...], "layout": {...}}`; colours of ground and text come from the theme."""

_FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "specimen_plot",
    html='<div class="specimen-plot" role="figure"></div>',
    css=(_FOLDER / "live_plot.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "live_plot.js").read_text(encoding="utf-8"),
    # Plotly puts its own style sheet into the document's head, where a shadow root would not see it.
    isolate_styles=False,
)


def live_plot(figure: Figure, *, key: str, alt: str, height: int = 280, picks: bool = False) -> tuple[int, int] | None:
    """Draw `figure`, or bring the one already drawn under `key` up to date; `height` in pixels.

    `alt` says in words what is shown. The zoom is kept for as long as `layout.uirevision` stays the same. With
    `picks`, a click on a point gives its (x, y), whole numbers, in the run of the script that follows; else None.
    """
    data = {"figure": figure, "library": plotly_address(), "alt": alt, "height": height, "picks": picks}
    picked = _component(key=key, data=data, height=height, on_picked_change=_heard).picked
    return (int(picked["x"]), int(picked["y"])) if picked else None


def _heard() -> None:
    """Streamlit hands triggers only to components that have a callback."""
