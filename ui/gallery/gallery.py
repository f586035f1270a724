"""The image grid: drawn by the browser, decided upon there, saved over the API without a run of the page's script."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from core.api.desk import desk
from core.catalog.records import ClassRow
from core.workspace import read_settings
from ui.server import api_address
from ui.who import remember_who, who

__all__ = ["gallery"]

_FOLDER = Path(__file__).parent
_SCRIPTS = (
    "journal.js", "shelf.js", "standing.js", "grid.js", "selection.js", "deciding.js", "palette.js", "stage.js",
    "large.js", "one_by_one.js", "sweep.js", "people.js", "ladder.js", "bar.js", "deeds.js", "pointer.js", "away.js",
    "keys.js", "gallery.js",
)  # fmt: skip


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
    only: str | None = None,
    on_class: Callable[[str], None] | None = None,
    on_saved: Callable[[], None] | None = None,
    tile: int = 144,
    empty: str = "No picture fits; loosen the filter.",
    fresh: int = 0,
    bin: bool = False,
) -> None:
    """Draw the images that `where` lets through, in `order`; `tile` is the side of a tile in pixels at first.

    The list stays as it is until `where`, `order` or `fresh` changes, whatever is decided meanwhile. `on_saved` is
    called in a run of the script a second after the last decision is on disk: to draw counters again. The first nine
    `classes` have the keys 1 … 9. `only` names the class when the list is of that one alone: its counts are shown, and
    when it is finished the person goes on with `on_class(name)`, which has to show that class. Decisions belong to the
    person at this browser: undo takes one's own back. `empty` stands where no image is. In the `bin` rejected pictures
    are drawn in full, for one looks at them again there, and nothing is kept or rejected unseen.
    """
    here = desk()
    settings = read_settings(here.workspace)
    data = {
        "api": api_address(),
        "workspace": here.token,
        "where": where,
        "order": order,
        "fresh": fresh,
        "who": who(),
        "tile": tile,
        "empty": empty,
        "wanted": {"minimum": settings.minimum_per_class, "target": settings.target_per_class},
        "only": next((row.class_id for row in classes if row.name == only), None),
        "goes": on_class is not None,
        "bin": bin,
        "classes": [{"class_id": row.class_id, "name": row.name} for row in classes],
    }
    names = {row.class_id: row.name for row in classes}
    _component(
        key=key,
        data=data,
        on_saved_change=on_saved or _nothing,
        on_go_change=partial(_go, key, names, on_class),
        on_named_change=partial(_named, key),
    )


def _go(key: str, names: dict[int, str], on_class: Callable[[str], None] | None) -> None:
    name = names.get(st.session_state[key]["go"])
    if name is not None and on_class is not None:
        on_class(name)


def _named(key: str) -> None:
    remember_who(str(st.session_state[key]["named"]))


def _nothing() -> None:
    """Streamlit hands triggers only to components that have a callback."""
