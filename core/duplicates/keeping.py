"""Which of several copies to keep: rules are asked one after the other until one tells two copies apart."""

from collections.abc import Callable, Collection, Mapping, Sequence

from core.duplicates.candidates import Picture
from core.workspace import KEEP_ORDER, KeepRule

__all__ = ["best_copy"]

_AS_SHARP = 0.9
"""Pictures with this share of the sharpest one's sharpness are as sharp: saving a photograph once more as a JPEG,
mirrored or turned, adds up to 8 %."""
_BORDER_ERROR = 0.95
"""The edges of a picture in a page are found to a pixel or two."""
_OF_THE_PICTURE: frozenset[KeepRule] = frozenset({"largest", "sharpest", "least_compressed"})
_NO_PAGES: Mapping[int, float] = {}

_MEASURES: Mapping[KeepRule, Callable[[Picture], float]] = {
    "unrejected": lambda picture: picture.verdict != "reject",
    "largest": lambda picture: picture.width * picture.height,
    "sharpest": lambda picture: picture.sharpness,
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

    left = list(pictures)
    for rule in order:
        merits = [_merit(rule, picture, licensed=licensed, pages=pages) for picture in left]
        least = max(merits) * (_AS_SHARP if rule == "sharpest" else 1)
        left = [picture for picture, merit in zip(left, merits, strict=True) if merit >= least or merit == max(merits)]
    return min(left, key=lambda picture: picture.image)


def _merit(rule: KeepRule, picture: Picture, *, licensed: Collection[int], pages: Mapping[int, float]) -> float:
    if rule == "licensed":
        return picture.image in licensed
    share = pages.get(picture.image)
    if share is None or rule not in _OF_THE_PICTURE:
        return _MEASURES[rule](picture)
    return _MEASURES[rule](picture) * share * _BORDER_ERROR if rule == "largest" else 0.0
