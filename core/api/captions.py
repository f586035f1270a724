"""What stands under a tile besides its class: the run's answer, or the figure that the list is ordered by."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.catalog.columns import COLUMNS, RUN
from core.catalog.filters import order_columns, parse_filter, quoted
from core.catalog.images import image_table
from core.database import Database

__all__ = ["captions"]

_EVERY: Final = "missing in (yes, no) and (error is empty or error is not empty)"
_FORMS: Final[Mapping[str, str]] = {
    "brightness": "{:.0%} bright",
    "border_white": "{:.0%} white",
    "transparent": "{:.0%} see-through",
    "contrast": "contrast {:.2f}",
    "entropy": "{:.1f} bits",
    "sharpness": "sharpness {:,.0f}",
    "pixels": "{:,.0f} pixels",
    "aspect": "{:.2f} : 1",
    "bytes": "{:,.0f} bytes",
}


def captions(database: Database, images: Sequence[int], *, where: str = "", order: str = "") -> dict[int, str]:
    """A few words on each of these images in a list of that filter and order; none where they have nothing to say.

    Raises InputError for a filter or an order that is not understood.
    """
    run = parse_filter(where).run
    first = next(iter(order_columns(order)), "")
    among = f"id in ({', '.join(map(str, images))}) and {_EVERY}"
    if not images:
        return {}
    if run is not None:
        return _answers(database, f"{RUN} = {quoted(run)} and {among}")
    if first in ("suspicion", "blur"):
        return _oddities(database, among, first)
    return _figures(database, among, first) if first in _FORMS else {}


def _answers(database: Database, where: str) -> dict[int, str]:
    table = image_table(database, ["id", "predicted", "probability", "wrong"], where)
    rows = zip(*table.values(), strict=True)
    return {
        int(str(image)): f"→ {predicted} {probability:.0%}" if wrong else f"✓ {probability:.0%}"
        for image, predicted, probability, wrong in rows
    }


def _oddities(database: Database, where: str, measure: str) -> dict[int, str]:
    table = image_table(database, ["id", "oddest", measure], where)
    rows = zip(*table.values(), strict=True)
    return {
        int(str(image)): f"{oddest if measure == 'suspicion' else 'blur'} {figure:.1f}"
        for image, oddest, figure in rows
        if figure is not None
    }


def _figures(database: Database, where: str, name: str) -> dict[int, str]:
    table = image_table(database, ["id", COLUMNS[name].name], where)
    rows = zip(*table.values(), strict=True)
    return {int(str(image)): _FORMS[name].format(figure) for image, figure in rows if figure is not None}
