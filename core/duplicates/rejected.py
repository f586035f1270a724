"""Pictures that came in after one like them was rejected for what it shows: a person decides on them once more.

A picture that was rejected as a copy of another one says nothing against what it shows, unless that one, or the one
that took its place in turn, was rejected as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.catalog.bin import find_rejections
from core.catalog.images import get_many_by_path
from core.catalog.records import ImageRow
from core.database import Database
from core.duplicates.candidates import Picture

__all__ = ["COPY_OF", "LikeRejected", "find_like_rejected", "reason_again"]

COPY_OF: Final = "duplicate of "
"""What the reason of a copy that went for a better one begins with; that one's path follows."""
_AGAIN: Final = "looks like one rejected before"


@dataclass(frozen=True, slots=True)
class LikeRejected:
    """Members of a group that look like one rejected before they came, and that nobody has looked at since."""

    images: tuple[int, ...]
    """Ascending; all members of the group that are not rejected."""
    reason: str | None
    """Why the first of those that they look like was rejected; None when that was by hand."""
    at: float
    """When, in unix seconds."""


def find_like_rejected(database: Database, groups: Sequence[Sequence[Picture]]) -> dict[int, LikeRejected]:
    """What is like a rejected picture, by the place of its group.

    None is in a group with a picture that a person kept, or that was there when the other one was rejected: the content
    is wanted then, and the new one is a copy as any other.
    """
    waiting = {place: group for place, group in enumerate(groups) if _may_be_like(group)}
    followed = _Followed(database, waiting.values())
    roots = {place: sorted(set(followed.roots(group))) for place, group in waiting.items()}
    times = _times(database, followed, {image for images in roots.values() for image in images})
    found = {}
    for place, images in roots.items():
        if images:
            at, image = min((times[image], image) for image in images)
            new = sorted(one.image for one in waiting[place] if one.verdict != "reject" and one.added > at)
            if len(new) == sum(one.verdict != "reject" for one in waiting[place]):
                found[place] = LikeRejected(tuple(new), followed.rows[image].reason, at)
    return found


def reason_again(found: LikeRejected) -> str:
    """Why a picture is rejected that looks like one rejected before."""
    if found.reason is None:
        return _AGAIN
    return found.reason if found.reason.startswith(_AGAIN) else f"{_AGAIN}: {found.reason}"


def _may_be_like(group: Sequence[Picture]) -> bool:
    """Nobody kept one, and not all that were rejected went for one that stands: nearly all groups end here."""
    if {picture.verdict for picture in group} != {"unreviewed", "reject"}:
        return False
    standing = {picture.path for picture in group if picture.verdict != "reject"}
    return any(picture.verdict == "reject" and _copied(picture) not in standing for picture in group)


class _Followed:
    """Rejected pictures, each followed from copy to copy to the one whose rejection tells of what it shows."""

    def __init__(self, database: Database, groups: Iterable[Sequence[Picture]]) -> None:
        self.rows: dict[int, Picture | ImageRow] = {}
        """By image, those that were met."""
        self._places: dict[str, Picture | ImageRow] = {}
        for group in groups:
            self._places.update((picture.path, picture) for picture in group)
        asked: set[str] = set()
        while unknown := sorted(set(self._wanted()) - asked):
            asked.update(unknown)
            self._places.update(get_many_by_path(database, unknown))

    def roots(self, group: Sequence[Picture]) -> Iterator[int]:
        """The images whose rejection speaks against the rejected pictures of the group."""
        for picture in group:
            if picture.verdict == "reject" and (root := self._root(picture)) is not None:
                yield root

    def _root(self, picture: Picture) -> int | None:
        row: Picture | ImageRow | None = picture
        met: set[str] = set()
        while row is not None and row.verdict == "reject" and row.path not in met:
            met.add(row.path)
            path = _copied(row)
            if path is None:
                number = row.image if isinstance(row, Picture) else row.id
                self.rows[number] = row
                return number
            row = self._places.get(path)
        return None

    def _wanted(self) -> Iterator[str]:
        for row in list(self._places.values()):
            path = _copied(row)
            if path is not None and path not in self._places:
                yield path


def _copied(row: Picture | ImageRow) -> str | None:
    """The path of the picture that this one was rejected as a copy of."""
    if row.verdict == "reject" and row.reason is not None and row.reason.startswith(COPY_OF):
        return row.reason.removeprefix(COPY_OF)
    return None


def _times(database: Database, followed: _Followed, images: Iterable[int]) -> dict[int, float]:
    """When these images were rejected; of those that came in as rejected ones, when they came in."""
    numbers = sorted(images)
    known = find_rejections(database, numbers)
    return {image: known[image].at if image in known else followed.rows[image].added for image in numbers}
