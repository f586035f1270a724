"""Which of several copies to keep: rules are asked one after the other until one tells two copies apart."""

from collections.abc import Callable, Collection, Mapping, Sequence

from core.duplicates.candidates import Picture
from core.workspace import KEEP_ORDER, KeepRule

__all__ = ["best_copy"]

_MEASURES: Mapping[KeepRule, Callable[[Picture], float]] = {
    "unrejected": lambda picture: picture.verdict != "reject",
    "largest": lambda picture: picture.width * picture.height,
    "sharpest": lambda picture: picture.sharpness,
    "least_compressed": lambda picture: picture.bytes / max(1, picture.width * picture.height),
    "oldest": lambda picture: -picture.image,
}
"""More is better; images are numbered as they come in. "licensed" is no measure of the picture itself."""


def best_copy(
    pictures: Sequence[Picture], *, order: Sequence[KeepRule] = KEEP_ORDER, licensed: Collection[int] = ()
) -> Picture:
    """The one to keep; of copies that no rule tells apart, the one that came first.

    `licensed` holds the images of which an origin with a licence is known.
    """

    def merits(picture: Picture) -> tuple[float, ...]:
        return tuple(picture.image in licensed if rule == "licensed" else _MEASURES[rule](picture) for rule in order)

    return min(pictures, key=lambda picture: (tuple(-merit for merit in merits(picture)), picture.image))
