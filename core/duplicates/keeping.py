"""Which of several copies to keep: rules are asked one after the other until one tells two copies apart."""

from collections.abc import Callable, Collection, Mapping, Sequence
from math import log

from core.duplicates.candidates import Picture
from core.workspace import KEEP_ORDER, KeepRule

__all__ = ["best_copy"]

_AS_SHARP = 1.05
"""Pictures whose sharpness differs by less than about this factor are as sharp: saving a mirrored or turned picture
once more changes it by that much."""
_BORDER_ERROR = 0.95
"""The edges of a picture in a page are found to a pixel or two."""
_OF_THE_PICTURE: frozenset[KeepRule] = frozenset({"largest", "sharpest", "least_compressed"})
_NO_PAGES: Mapping[int, float] = {}

_MEASURES: Mapping[KeepRule, Callable[[Picture], float]] = {
    "unrejected": lambda picture: picture.verdict != "reject",
    "largest": lambda picture: picture.width * picture.height,
    "sharpest": lambda picture: round(log(picture.sharpness + 1) / log(_AS_SHARP)),
    "least_compressed": lambda picture: picture.bytes / max(1, picture.width * picture.height),
    "oldest": lambda picture: -picture.image,
}
"""More is better; images are numbered as they come in. "licensed" is no measure of the picture itself."""


def best_copy(
    pictures: Sequence[Picture],
    *,
    order: Sequence[KeepRule] = KEEP_ORDER,
    licensed: Collection[int] = (),
    pages: Mapping[int, float] = _NO_PAGES,
) -> Picture:
    """The one to keep; of copies that no rule tells apart, the one that came first.

    `licensed` holds the images of which an origin with a licence is known. `pages` has, of those that are a page or a
    frame around another one, the share which that fills: they count as large as the picture in them, less a little,
    and are neither sharper nor less compressed for their straight lines and plain margins.
    """

    def merits(picture: Picture) -> tuple[float, ...]:
        return tuple(merit(rule, picture) for rule in order)

    def merit(rule: KeepRule, picture: Picture) -> float:
        if rule == "licensed":
            return picture.image in licensed
        share = pages.get(picture.image)
        if share is None or rule not in _OF_THE_PICTURE:
            return _MEASURES[rule](picture)
        return _MEASURES[rule](picture) * share * _BORDER_ERROR if rule == "largest" else 0.0

    return min(pictures, key=lambda picture: (tuple(-merit for merit in merits(picture)), picture.image))
