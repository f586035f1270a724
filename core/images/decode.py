"""The one loader: any picture that we take, as upright 8-bit RGB, or the reason why not.

Scan, thumbnails, training and prediction all see a picture through `load_rgb`, so that they see the same pixels.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from core.errors import InputError
from core.images.formats import FORMATS, describe_content, extension_of, format_of, is_cut_short
from core.images.pixels import to_rgb
from core.images.reading import MAX_BYTES, read_file
from core.images.reasons import DECODER_ERRORS, explain, too_many_pixels

__all__ = ["FORMATS", "MAX_BYTES", "MAX_PIXELS", "UPRIGHT", "Decoded", "decode", "extension_of", "load_rgb"]

MAX_PIXELS: Final = 64_000_000

_ORIENTATION: Final = 0x0112
UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Damaged metadata makes Pillow warn on every file; what matters of it becomes a reason.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture as we look at it, and how it was stored."""

    image: Image.Image
    """RGB, upright, over white; the first frame of several."""
    format: str
    """One of FORMATS."""
    mode: str
    """Pillow's mode of the stored pixels."""
    orientation: int
    """EXIF orientation as stored, 1 … 8; already applied to `image`."""
    transparent: float
    """Share of pixels that are more than half see-through, 0 … 1."""


def load_rgb(source: Path | bytes) -> Image.Image:
    """The picture in RGB, upright, first frame, over white.

    Raises InputError whose message is the reason, such as `truncated JPEG`.
    """
    content = source if isinstance(source, bytes) else read_file(source, follow_links=True)[0]
    return decode(content).image


def decode(content: bytes) -> Decoded:
    """The picture in these bytes; raises InputError whose message is the reason."""
    if len(content) > MAX_BYTES:
        raise InputError(f"too large ({len(content):,} bytes; at most {MAX_BYTES:,})")
    format = format_of(content)
    if format is None:
        raise InputError(describe_content(content))
    compression: str | None = None
    try:
        picture = _open(content, format)
        _check_size(picture.size)
        compression = _compression(picture)
        mode, applied = picture.mode, _applied_by_pillow(picture)
        # Before any look at EXIF: PNG's getexif() loads, and an error that it swallowed would not come a second time.
        picture.load()
        _check_size(picture.size)
        remaining = _orientation(picture)
        rgb, transparent = to_rgb(picture)
        if remaining in UPRIGHT:
            rgb = rgb.transpose(UPRIGHT[remaining])
    except DECODER_ERRORS as exc:
        reason = explain(exc, format, limit=MAX_PIXELS, compression=compression)
        truncated = reason.startswith("damaged") and is_cut_short(content, format)
        raise InputError(f"truncated {format}" if truncated else reason) from exc
    return Decoded(rgb, format, mode, max(applied, remaining), transparent)


def _open(content: bytes, format: str) -> Image.Image:
    """The picture, its header read; where Pillow only says `cannot identify`, what its parser stumbled over."""
    try:
        return Image.open(io.BytesIO(content), formats=[format])
    except UnidentifiedImageError:
        opener, _ = Image.OPEN[format]
        return opener(io.BytesIO(content), "")


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise InputError(f"no pixels ({width} x {height})")
    if width * height > MAX_PIXELS:
        raise InputError(too_many_pixels(width * height, limit=MAX_PIXELS))


def _compression(picture: Image.Image) -> str | None:
    named = picture.info.get("compression")
    return named if isinstance(named, str) else None


def _applied_by_pillow(picture: Image.Image) -> int:
    """The orientation that Pillow applies by itself while loading, as it does for TIFF alone; else 1."""
    if not isinstance(picture, TiffImagePlugin.TiffImageFile):
        return 1
    value = picture.tag_v2.get(_ORIENTATION, 1)
    return value if value in UPRIGHT else 1


def _orientation(picture: Image.Image) -> int:
    """The EXIF (or XMP) orientation; 1 where there is none or the metadata is damaged, which hurts no pixel."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except DECODER_ERRORS:
        return 1
    return value if value in UPRIGHT else 1
