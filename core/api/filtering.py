"""The route that helps to write a filter: what fits at the cursor, what is wrong, how many pictures it shows."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from core.api.desk import Desk, Opened
from core.catalog.classes import list_classes
from core.catalog.columns import RUN
from core.catalog.completion import complete
from core.catalog.counting import count_values
from core.catalog.filters import parse_filter
from core.catalog.images import list_images
from core.catalog.parser import LONGEST
from core.catalog.tokens import FilterError
from core.runs.predictions import answered_runs, settle_filter

__all__ = ["filter_routes"]

_CLASSES = ("class", "truth", "predicted")
_FEW_VALUES = ("format", "mode", "engine", "query", "author", "licence", "reason", "oddest")
_MOST_VALUES = 300

Text = Annotated[str, Query(max_length=LONGEST)]


def filter_routes(desk: Desk) -> APIRouter:
    """The route under which a filter is looked at while it is typed."""
    routes = APIRouter(tags=["images"])

    @routes.get("/filter", summary="What fits at a place of a filter, what is wrong, how many it lets through")
    def look(
        where: Text = "",
        at: Annotated[int, Query(ge=0, le=LONGEST)] = 0,
        base: Annotated[str, Query(max_length=2 * LONGEST, description="what holds besides; it may name the run")] = "",
    ) -> dict[str, object]:
        here = desk.opened
        found = complete(where, at, values=lambda column: _values(here, column))
        options = [{"insert": each.insert, "meaning": each.meaning} for each in found.options]
        answer: dict[str, object] = {"from": found.start, "to": found.end, "options": options}
        try:
            parse_filter(where, run=parse_filter(base).run)
        except FilterError as exc:
            return answer | {"problem": {"message": str(exc), "from": exc.start, "to": exc.end}, "total": None}
        whole = " and ".join(f"({part})" for part in (base, where) if part.strip())
        settle_filter(here.workspace, here.db, whole)
        return answer | {"problem": None, "total": list_images(here.db, where=whole, limit=0)[0]}

    return routes


def _values(here: Opened, column: str) -> Sequence[str]:
    if column in _CLASSES:
        return [row.name for row in list_classes(here.db)]
    if column == RUN:
        return answered_runs(here.workspace)
    return list(count_values(here.db, column, limit=_MOST_VALUES)) if column in _FEW_VALUES else []
