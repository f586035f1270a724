"""Grounds for drawn creatures to stand on: white, a wash, a meadow, water, night, dots, paper."""

import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

__all__ = ["draw_scenery"]

Colour = tuple[int, int, int]

_WHITE_SHARE = 0.34


def draw_scenery(rng: random.Random, side_px: int) -> tuple[Image.Image, bool]:
    """A square RGB ground, and whether it is pure white (about a third are)."""
    if rng.random() < _WHITE_SHARE:
        return Image.new("RGB", (side_px, side_px), (255, 255, 255)), True
    draw = rng.choice([_draw_wash, _draw_meadow, _draw_water, _draw_night, _draw_dots, _draw_paper])
    return draw(rng, side_px), False


def _wash(side_px: int, top: Colour, bottom: Colour) -> Image.Image:
    share = np.linspace(0, 1, side_px)[:, None, None]
    rows = np.array(top) * (1 - share) + np.array(bottom) * share
    return Image.fromarray(np.broadcast_to(rows, (side_px, side_px, 3)).astype(np.uint8))


def _pastel(rng: random.Random, low: int = 150) -> Colour:
    return rng.randint(low, 250), rng.randint(low, 250), rng.randint(low, 250)


def _draw_wash(rng: random.Random, side_px: int) -> Image.Image:
    return _wash(side_px, _pastel(rng), _pastel(rng)).rotate(rng.choice([0, 90, 180, 270]))


def _draw_meadow(rng: random.Random, side_px: int) -> Image.Image:
    image = _wash(side_px, (rng.randint(120, 190), 200, 245), (235, 240, rng.randint(200, 250)))
    draw = ImageDraw.Draw(image)
    x, y, r = rng.uniform(0.1, 0.9) * side_px, rng.uniform(0.08, 0.3) * side_px, rng.uniform(0.06, 0.12) * side_px
    draw.ellipse([x - r, y - r, x + r, y + r], fill=(255, 236, 150))
    for layer in range(3):
        green = (
            rng.randint(90, 150) - 20 * layer,
            rng.randint(170, 205) - 28 * layer,
            rng.randint(80, 120) - 18 * layer,
        )
        base, height, phase = 0.55 + 0.14 * layer, rng.uniform(0.03, 0.1), rng.uniform(0, 6.28)
        waves = rng.uniform(0.6, 1.6)
        hill = [
            (x, side_px * (base + height * math.sin(phase + waves * 6.28 * x / side_px)))
            for x in range(0, side_px + 8, 8)
        ]
        draw.polygon([(0, side_px), *hill, (side_px, side_px)], fill=green)
    for _ in range(rng.randint(8, 22)):
        x, y = rng.uniform(0, side_px), rng.uniform(0.72, 1.0) * side_px
        r = rng.uniform(0.006, 0.016) * side_px
        draw.ellipse([x - r, y - r, x + r, y + r], fill=_pastel(rng, 190))
    return image


def _draw_water(rng: random.Random, side_px: int) -> Image.Image:
    image = _wash(side_px, (rng.randint(120, 170), 215, 235), (30, rng.randint(80, 120), rng.randint(130, 170)))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(10, 26)):
        x, y = rng.uniform(0, side_px), rng.uniform(0, side_px)
        r = rng.uniform(0.008, 0.04) * side_px
        draw.ellipse([x - r, y - r, x + r, y + r], outline=(225, 245, 250), width=max(1, side_px // 200))
    for _ in range(rng.randint(2, 6)):
        x, sway, height = rng.uniform(0, side_px), rng.uniform(-0.05, 0.05), rng.uniform(0.15, 0.45)
        weed = [(x + sway * side_px * math.sin(step), side_px * (1 - height * step / 8)) for step in range(9)]
        draw.line(weed, fill=(30, rng.randint(110, 150), 90), width=max(2, side_px // 50), joint="curve")
    return image


def _draw_night(rng: random.Random, side_px: int) -> Image.Image:
    image = _wash(side_px, (rng.randint(18, 40), 22, rng.randint(55, 85)), (rng.randint(60, 110), 60, 120))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(30, 70)):
        x, y = rng.uniform(0, side_px), rng.uniform(0, side_px)
        r = rng.uniform(0.002, 0.008) * side_px
        draw.ellipse([x - r, y - r, x + r, y + r], fill=(250, 245, rng.randint(190, 250)))
    return image


def _draw_dots(rng: random.Random, side_px: int) -> Image.Image:
    image = Image.new("RGB", (side_px, side_px), _pastel(rng, 200))
    draw = ImageDraw.Draw(image)
    colour, step = _pastel(rng, 150), side_px / rng.uniform(5, 11)
    shift = rng.uniform(0, step)
    for row in range(-1, math.ceil(side_px / step) + 1):
        for column in range(-1, math.ceil(side_px / step) + 1):
            x, y, r = shift + (column + row % 2 / 2) * step, shift + row * step, step * 0.22
            draw.ellipse([x - r, y - r, x + r, y + r], fill=colour)
    return image


def _draw_paper(rng: random.Random, side_px: int) -> Image.Image:
    """Blurred patches under fine grain, as a photograph out of focus."""
    tones = np.array([[_pastel(rng, 110) for _ in range(4)] for _ in range(4)], dtype=np.uint8)
    image = Image.fromarray(tones).resize((side_px, side_px), Image.Resampling.BICUBIC)
    image = image.filter(ImageFilter.GaussianBlur(side_px / 30))
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, 7, (side_px, side_px, 1))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
