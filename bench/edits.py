"""Seeded edits of pictures, by kind: what the web does to a picture that it hands on."""

import io
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

__all__ = ["EDITS", "Edit"]

Edit = Callable[[Image.Image, np.random.Generator], Image.Image]


def _scale(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    factor = float(np.exp(rng.uniform(np.log(0.35), np.log(3.0))))
    width, height = (max(8, round(side * factor)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def _jpeg(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=int(rng.integers(20, 96)))
    return Image.open(buffer).convert("RGB")


def _crop(least: float, most: float) -> Edit:
    def crop(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
        """Part of each side goes, in all `least` to `most` of the width and as much of the height, unevenly."""
        width, height = picture.size
        share = rng.uniform(least, most)
        left, top = rng.uniform(0, share, 2) * picture.size
        right, bottom = left + (1 - share) * width, top + (1 - share) * height
        return picture.crop((round(left), round(top), round(right), round(bottom)))

    return crop


def _watermark(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Half see-through white letters over a corner or the middle, a third to two thirds of the width."""
    marked = picture.copy()
    width, height = marked.size
    words = Image.new("L", (66, 13))
    ImageDraw.Draw(words).text((1, 0), "(c) pictures", fill=255)
    size = (round(width * rng.uniform(0.33, 0.66)), max(8, height // 10))
    mask = words.resize(size).point(lambda level: round(level * 0.55))
    places = [(2, 2), (width - size[0] - 2, height - size[1] - 2), ((width - size[0]) // 2, height // 2)]
    marked.paste("white", places[int(rng.integers(len(places)))], mask)
    return marked


def _brightness(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(float(rng.uniform(0.7, 1.3)))


def _blur(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(max(picture.size) * float(rng.uniform(0.004, 0.016))))


def _mirror(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    return ImageOps.mirror(picture)


def _rotate(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    turns = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)
    return picture.transpose(turns[int(rng.integers(2))])


def _frame(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    wide = max(1, round(max(picture.size) * rng.uniform(0.01, 0.04)))
    return ImageOps.expand(picture, wide, fill=("white", "black")[int(rng.integers(2))])


def _screenshot(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture in a window of a phone: a bar above, a bar below, white beside."""
    width, height = picture.size
    bar, side = round(height * rng.uniform(0.08, 0.2)), round(width * rng.uniform(0.0, 0.1))
    screen = Image.new("RGB", (width + 2 * side, height + 2 * bar), "white")
    pen = ImageDraw.Draw(screen)
    pen.rectangle((0, 0, screen.width, bar // 2), fill=(33, 37, 41))
    pen.text((4, 0), "12:30  Pictures", fill="white")
    pen.rounded_rectangle((4, screen.height - bar + 2, screen.width // 3, screen.height - 3), 3, fill=(66, 133, 244))
    screen.paste(picture, (side, bar))
    return screen


EDITS: Final[dict[str, Edit]] = {
    "scale": _scale,
    "JPEG 20-95": _jpeg,
    "crop 2 %": _crop(0.02, 0.02),
    "crop 2-15 %": _crop(0.02, 0.15),
    "watermark": _watermark,
    "brightness": _brightness,
    "blur": _blur,
    "mirror": _mirror,
    "rotate 90": _rotate,
    "frame": _frame,
    "screenshot": _screenshot,
}
"""By the kind's name, in the order of the report; each draws its strength from the generator."""
