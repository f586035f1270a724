"""In words: why two pictures count as copies, and what sets them apart."""

from math import sqrt

from core.duplicates.bonds import Bond
from core.duplicates.candidates import Picture
from core.duplicates.kin import Link
from core.duplicates.look_hash import TURNS

__all__ = ["difference_in_words", "match_in_words"]

_SAME_ASPECT = 1.03
_LEAST_GREY_TOLD = 0.01
_WIDTHS = {25: "a quarter of its width", 33: "a third of its width", 50: "half its width", 200: "twice its width"}
"""By per cent."""
_TURNED = {
    "quarter": "turned by 90°",
    "half": "turned by 180°",
    "upside down": "mirrored top to bottom",
    "diagonal": "mirrored and turned by 90°",
    "other diagonal": "mirrored and turned by 90°",
}


def match_in_words(picture: Picture, keep: Picture, bond: Bond) -> str:
    """What matched: bytes, pixels or hash and by how many bits, the scale, how far the grey is off; or how the two lie
    over each other."""
    if picture.sha256 == keep.sha256:
        return "same bytes"
    if picture.pixel_digest == keep.pixel_digest != "":
        return "same pixels in other bytes"
    words = [*(["mirrored"] if bond.kind == "mirror" else []), _bits(bond.bits)]
    if bond.link is not None:
        return ", ".join([*_laid_over(bond.link), f"{words[-1]} when laid over each other"])
    if bond.kind in ("turned", "crop"):
        return "belongs to another copy in this group"
    return ", ".join([*words, *_scale(picture, keep), *_grey(picture, keep)])


def difference_in_words(picture: Picture, keep: Picture) -> str:
    """Where it differs from the copy to keep: class, pixels, bytes; empty where it does not."""
    words = [f"class {picture.class_name}, not {keep.class_name}"] if picture.class_id != keep.class_id else []
    if (picture.width, picture.height) != (keep.width, keep.height):
        words.append(f"{picture.width:,}×{picture.height:,}, not {keep.width:,}×{keep.height:,}")
    if _size(picture.bytes) != _size(keep.bytes):
        words.append(f"{_size(picture.bytes)}, not {_size(keep.bytes)}")
    return ", ".join(words)


def _bits(bits: int) -> str:
    return f"{bits} of 64 bits apart" if bits else "same hash"


def _laid_over(link: Link) -> list[str]:
    """How the first picture of a link relates to the second."""
    if link.relation == "turned":
        return [_TURNED[TURNS[link.turn]]]
    if link.page:
        return ["with a frame or page around it"]
    if link.other_page:
        return ["without the frame or page around it"]
    if link.relation == "crop":
        part = min(link.area, link.other_area)
        share = f"{part * 100:.0f} %"
        return [
            f"shows {share} of it" if link.other_area < link.area else f"shows more: the best copy is {share} of it"
        ]
    return []


def _scale(picture: Picture, keep: Picture) -> list[str]:
    aspects = (picture.width * keep.height, keep.width * picture.height)
    if max(aspects) > _SAME_ASPECT * min(aspects):
        return ["other proportions"]
    pixels = (picture.width * picture.height, keep.width * keep.height)
    scale = round(100 * sqrt(pixels[0] / max(1, pixels[1])))
    return ["same size"] if scale == 100 else [_WIDTHS.get(scale, f"{scale} % of its width")]


def _grey(picture: Picture, keep: Picture) -> list[str]:
    apart = picture.brightness - keep.brightness
    if abs(apart) < _LEAST_GREY_TOLD:
        return []
    return [f"{abs(apart) * 100:.0f} % {'lighter' if apart > 0 else 'darker'}"]


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1e3:.1f} kB"
