"""Why a picture could not be decoded, in words that are true of the file and plain to a person.

Pillow reports damage by whatever its parsers stumble over (TypeError, struct.error, KeyError …), and hides it behind
UnidentifiedImageError when it happens in the header.
"""

import re
import struct
import zlib
from typing import Final

from PIL import Image, UnidentifiedImageError
from PIL.ImageCms import PyCMSError

__all__ = ["DECODER_ERRORS", "explain", "too_many_pixels"]

DECODER_ERRORS: Final = (
    OSError,  # UnidentifiedImageError too
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,  # IndexError, KeyError
    ArithmeticError,  # OverflowError, ZeroDivisionError
    AttributeError,
    AssertionError,
    EOFError,
    RuntimeError,
    MemoryError,
    BufferError,
    struct.error,
    zlib.error,
    PyCMSError,
    Image.DecompressionBombError,
    Warning,  # where warnings are made errors
)
"""Everything that Pillow was seen to raise, or may raise, on a damaged file."""

_TRUNCATED = re.compile(r"truncated|not enough (image )?data|unexpected end|premature|end of (file|data)", re.I)
_BOMB = re.compile(r"size \((\d+) pixels\)")
_UNSUPPORTED = re.compile(r"^unsupported (?:BMP |PNG |TIFF )?(.+)$", re.I)
_PIXEL_DATA = re.compile(r"decoder error|data stream|decoding error", re.I)
_CODED_BY_CHANCE = ("webp", "zstd", "lzma", "jpeg2000", "lerc")
"""TIFF compressions that not every build of libtiff knows."""
_IN_OUR_WORDS = (
    ("cannot load this image", "it holds no pixels"),
    ("not identified by this driver", "its header names no size or no kind of pixels"),
    ("unable to seek", "its header points outside of the file"),
    ("index out of range", "its header contradicts itself"),
    ("broken png file", "a broken chunk"),
)


def too_many_pixels(count: int, *, limit: int) -> str:
    """The reason for a picture of `count` pixels."""
    return f"too many pixels ({count:,}; at most {limit:,})"


def explain(exc: BaseException, format: str, *, limit: int, compression: str | None = None) -> str:
    """The reason for a file that claims to be a `format` and made Pillow raise `exc`.

    `limit`: pixels allowed; `compression`: Pillow's name of a TIFF's compression, where known.
    """
    message = " ".join(str(exc).split())
    if isinstance(exc, MemoryError):
        return f"needs too much memory to decode ({format})"
    if isinstance(exc, Image.DecompressionBombError | Image.DecompressionBombWarning):
        found = _BOMB.search(message)
        return too_many_pixels(int(found[1]), limit=limit) if found else "too many pixels"
    if format == "TIFF" and compression in _CODED_BY_CHANCE:
        return f"damaged TIFF, or its compression ({compression}) is not supported here"
    if isinstance(exc, UnidentifiedImageError):
        return f"damaged {format} (its header cannot be read)"
    return _explain_message(exc, message, format)


def _explain_message(exc: BaseException, message: str, format: str) -> str:
    if _TRUNCATED.search(message) or isinstance(exc, EOFError):
        return f"truncated {format}"
    if isinstance(exc, TypeError | LookupError | ArithmeticError | AttributeError | AssertionError | struct.error):
        return f"damaged {format} (its header contradicts itself)"
    if _PIXEL_DATA.search(message):
        return f"damaged {format} (its pixels cannot be decoded)"
    if "MAX_TEXT" in message or "too large" in message.lower():
        return f"refused {format} (its text unpacks to an unreasonable size)"
    known = next((text for part, text in _IN_OUR_WORDS if part in message.lower()), None)
    if known:
        return f"damaged {format} ({known})"
    unsupported = _UNSUPPORTED.match(message)
    if unsupported:
        return f"unsupported kind of {format} ({_first_small(unsupported[1].replace('(', '').replace(')', ''))})"
    return f"damaged {format} ({_first_small(message)})" if message else f"damaged {format}"


def _first_small(text: str) -> str:
    short = text.rstrip(". ")[:120]
    return short if short[:2].isupper() else short[:1].lower() + short[1:]
