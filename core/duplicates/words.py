"""In words: why two pictures count as copies, and what sets them apart."""

from math import sqrt

from core.duplicates.candidates import Picture

__all__ = ["difference_in_words", "match_in_words"]

_SAME_ASPECT = 1.03
_LEAST_GREY_TOLD = 0.01


def match_in_words(picture: Picture, keep: Picture, *, bits: int, mirrored: bool) -> str:
    """What matched: bytes, pixels or hash and by how many bits, mirrored or not, the scale, how far the grey is off."""
    if picture.sha256 == keep.sha256:
        return "same bytes"
    if picture.pixel_digest == keep.pixel_digest != "":
        return "same pixels in other bytes"
    words = [*(["mirrored"] if mirrored else []), f"{bits} of 64 bits apart" if bits else "same hash"]
    return ", ".join([*words, *_scale(picture, keep), *_grey(picture, keep)])


def difference_in_words(picture: Picture, keep: Picture) -> str:
    """Where it differs from the copy to keep: class, pixels, bytes; empty where it does not."""
    words = [f"class {picture.class_name}, not {keep.class_name}"] if picture.class_id != keep.class_id else []
    if (picture.width, picture.height) != (keep.width, keep.height):
        words.append(f"{picture.width:,}×{picture.height:,}, not {keep.width:,}×{keep.height:,}")
    if _size(picture.bytes) != _size(keep.bytes):
        words.append(f"{_size(picture.bytes)}, not {_size(keep.bytes)}")
    return ", ".join(words)


def _scale(picture: Picture, keep: Picture) -> list[str]:
    aspects = (picture.width * keep.height, keep.width * picture.height)
    if max(aspects) > _SAME_ASPECT * min(aspects):
        return ["other proportions"]
    pixels = (picture.width * picture.height, keep.width * keep.height)
    scale = round(100 * sqrt(pixels[0] / max(1, pixels[1])))
    return ["same size"] if scale == 100 else [f"at {scale} % of its size"]


def _grey(picture: Picture, keep: Picture) -> list[str]:
    apart = picture.brightness - keep.brightness
    if abs(apart) < _LEAST_GREY_TOLD:
        return []
    return [f"{abs(apart) * 100:.0f} % {'lighter' if apart > 0 else 'darker'}"]


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1e3:.1f} kB"
