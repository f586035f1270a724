"""Any of Pillow's pixel modes as 8-bit RGB: scaled, never clipped; see-through parts over white."""

import io
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, TiffImagePlugin

__all__ = ["to_rgb"]

_WITH_ALPHA: Final = {"LA", "La", "PA", "RGBA", "RGBa"}
_DEEP: Final = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_BITS_PER_SAMPLE: Final = 258
_SIXTEEN_BITS: Final = 65535


def to_rgb(picture: Image.Image) -> tuple[Image.Image, float]:
    """The loaded picture in RGB over white, and the share of its pixels that are more than half see-through."""
    if picture.mode in _DEEP:
        return _flatten(_eight_bits(picture))
    if picture.mode in _WITH_ALPHA or "transparency" in picture.info:
        return _flatten(_managed(picture.convert("RGBA"), picture.info))
    if picture.mode == "LAB":
        return picture.convert("RGB"), 0.0
    return _managed(picture, picture.info).convert("RGB"), 0.0


def _flatten(picture: Image.Image) -> tuple[Image.Image, float]:
    """`picture` (RGBA or L) over white, and its see-through share."""
    if picture.mode != "RGBA":
        return picture.convert("RGB"), 0.0
    alpha = picture.getchannel("A")
    counts = alpha.histogram()
    pixels = sum(counts)
    if counts[255] == pixels:
        return picture.convert("RGB"), 0.0
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture.convert("RGB"), mask=alpha)
    return ground, sum(counts[:128]) / pixels


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A 16-bit, 32-bit or floating point picture as L, or RGBA where one grey level is marked transparent."""
    values = np.asarray(picture)
    low, high = _range(values, picture)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = (values.astype(np.float32) - np.float32(low)) * np.float32(255.0 / (high - low))
    tame = np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0).clip(0, 255)
    grey = Image.fromarray(tame.round().astype(np.uint8))
    clear = picture.info.get("transparency")
    if not isinstance(clear, int):
        return grey
    coloured = grey.convert("RGBA")
    coloured.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
    return coloured


def _range(values: NDArray[np.generic], picture: Image.Image) -> tuple[float, float]:
    """The levels that become black and white: those of the sample's depth where it is known, else those that occur."""
    if picture.mode.startswith("I;16"):
        return 0.0, float(2 ** _bits(picture) - 1)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if picture.mode == "F" and low >= 0 and high <= 1:
        return 0.0, 1.0
    if low >= 0 and high <= 255:
        return 0.0, 255.0
    if picture.mode == "I" and low >= 0 and high <= _SIXTEEN_BITS:
        return 0.0, float(_SIXTEEN_BITS)
    return low, max(high, low + 1.0)


def _bits(picture: Image.Image) -> int:
    """Significant bits of a 16-bit sample: a TIFF may use fewer, such as the 12 of a scanner."""
    if not isinstance(picture, TiffImagePlugin.TiffImageFile):
        return 16
    named = picture.tag_v2.get(_BITS_PER_SAMPLE)
    bits = int(named[0]) if isinstance(named, tuple) and named else 16
    return bits if 8 <= bits <= 16 else 16


def _managed(picture: Image.Image, info: dict[str | tuple[int, int], object]) -> Image.Image:
    """`picture` with its colour profile applied; as it is where it has none, or plain sRGB, or a useless one."""
    profile = info.get("icc_profile")
    if not isinstance(profile, bytes) or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    transform = _transform(profile, picture.mode)
    return picture if transform is None else transform.apply(picture)


@lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(opened).lower():
            return None
        target = "RGBA" if mode == "RGBA" else "RGB"
        return ImageCms.ImageCmsTransform(opened, _srgb(), mode, target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
