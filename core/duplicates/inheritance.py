"""What a kept copy takes over from those it replaces, where its own is missing: that a person kept it, origin, licence.

All of it hangs on the batch of decisions that rejected the others, so undo takes it back with them.
"""

from collections.abc import Mapping, Sequence

from core.catalog.records import ImageRow, Operation
from core.catalog.sources import find_origins, inherit_sources
from core.database import Database

__all__ = ["inherit_label", "inherit_origins"]


def inherit_label(heir: ImageRow, replaced: Sequence[ImageRow]) -> list[Operation]:
    """Keep the heir when nobody has looked at it yet, but somebody kept one of those that it replaces."""
    kept = any(row.verdict == "keep" for row in replaced if row.id != heir.id)
    return [Operation(heir.id, "keep")] if kept and heir.verdict == "unreviewed" else []


def inherit_origins(database: Database, replaced: Mapping[int, Sequence[int]], *, batch: int) -> None:
    """Give each heir the origins of the images it replaces, by the decisions of `batch`.

    An heir of which no place on the web is known takes all of them; one whose origins name no licence takes those
    that do.
    """
    everybody = {image for heir, others in replaced.items() for image in (heir, *others)}
    origins = find_origins(database, sorted(everybody))
    given: list[tuple[int, int]] = []
    for heir, others in replaced.items():
        own = origins.get(heir, [])
        placed, licensed = any(origin.address for origin in own), any(origin.licence for origin in own)
        offered = [origin for other in others for origin in origins.get(other, ())]
        given += [
            (heir, origin.source)
            for origin in offered
            if (origin.address and not placed) or (origin.licence and not licensed) or not own
        ]
    if given:
        inherit_sources(database, given, batch=batch)
