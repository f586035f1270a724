"""The clusters that groups make, described anew only where a group has changed: of many most stay as they were."""

from collections.abc import Sequence

from core.catalog.sources import find_licensed
from core.database import Database
from core.duplicates.candidates import Picture
from core.duplicates.clusters import Cluster, describe, in_turn
from core.duplicates.kin import Kin
from core.workspace import KeepRule

__all__ = ["Described"]

_MOST_KEPT = 8
"""Times as many clusters as groups were asked for; neighbouring distances share most of theirs."""

Images = tuple[int, ...]


class Described:
    """Remembers clusters; for one thread at a time."""

    def __init__(self) -> None:
        self._basis: tuple[str, tuple[KeepRule, ...], frozenset[int]] | None = None
        self._known: dict[Images, tuple[Sequence[Picture], Cluster]] = {}

    def clusters(
        self, database: Database, groups: Sequence[Sequence[Picture]], *, kin: Kin, order: Sequence[KeepRule]
    ) -> list[Cluster]:
        """Those that wait for a decision, as `core.duplicates.clusters.describe` gives them."""
        basis = (kin.stamp, tuple(order), frozenset(find_licensed(database)))
        if basis != self._basis or len(self._known) > _MOST_KEPT * len(groups):
            self._basis, self._known = basis, {}
        kept, fresh = [], {}
        for group in groups:
            images = tuple(picture.image for picture in group)
            known = self._known.get(images)
            if known is not None and all(one is other for one, other in zip(known[0], group, strict=True)):
                kept.append(known[1])
            else:
                fresh[images] = group
        described = describe(database, list(fresh.values()), kin=kin, resolved=False, order=order)
        self._remember(described, fresh)
        return in_turn([*kept, *described])

    def _remember(self, clusters: Sequence[Cluster], groups: dict[Images, Sequence[Picture]]) -> None:
        """Not of rejected pictures: what their clusters say hangs on more than their members."""
        for cluster in clusters:
            images = tuple(sorted(member.image for member in cluster.members))
            group = groups.get(images)
            if group is not None and all(picture.verdict != "reject" for picture in group):
                self._known[images] = (group, cluster)
