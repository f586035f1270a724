"""The image grid: drawn by the browser, decided upon there, saved over the API without a run of the page's script."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.api.desk import desk
from core.catalog.records import ClassRow
from ui.server import api_address

__all__ = ["gallery"]

_FOLDER = Path(__file__).parent
_SCRIPTS = ("journal.js", "shelf.js", "grid.js", "deciding.js", "palette.js", "large.js", "keys.js", "gallery.js")


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "specimen_gallery",
    html=_read("gallery.html"),
    css=_read("gallery.css"),
    # One module made of several files: Streamlit takes the script as one text, and there is no build step.
    js="\n".join(_read(name) for name in _SCRIPTS),
)


def gallery(
    where: str,
    order: str,
    *,
    key: str,
    classes: Sequence[ClassRow],
    tile: int = 144,
    on_saved: Callable[[], None] | None = None,
    who: str = "app",
    empty: str = "No picture fits; loosen the filter.",
    fresh: int = 0,
) -> None:
    """Draw the images that `where` lets through, in `order`; `tile` is the wished side of a tile in pixels.

    The list stays as it is until `where`, `order` or `fresh` changes, whatever is decided meanwhile. `on_saved` is
    called in a run of the script a second after the last decision is on disk: to draw counters again. The first nine
    `classes` have the keys 1 … 9. `who` owns the decisions: undo takes one's own back. `empty` stands where no image
    is.
    """
    data = {
        "api": api_address(),
        "workspace": desk().token,
        "where": where,
        "order": order,
        "fresh": fresh,
        "who": who,
        "tile": tile,
        "empty": empty,
        "classes": [{"class_id": row.class_id, "name": row.name} for row in classes],
    }
    _component(key=key, data=data, on_saved_change=on_saved or _nothing)


def _nothing() -> None:
    """Streamlit hands triggers only to components that have a callback."""
