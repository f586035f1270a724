"""Four kinds of creatures, drawn: every picture is another individual, pose, colour and place, fixed by its seed.

Coordinates: a creature lives in the square from -1 to 1, y down, looking to the right.
"""

import colorsys
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from core.collect.scenery import draw_scenery

__all__ = ["SPECIES", "Drawing", "draw_creature"]

Colour = tuple[int, int, int]
Point = tuple[float, float]

_OVERSAMPLING = 2
_INK: Colour = (52, 42, 54)


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawn picture."""

    image: Image.Image
    """RGB."""
    white: bool
    """The creature stands on pure white."""


class Pen:
    """Draws in creature coordinates on a transparent layer."""

    def __init__(self, side_px: int) -> None:
        self.layer = Image.new("RGBA", (side_px, side_px), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self.layer)
        self._half = side_px / 2
        self._scale = side_px / 2.6
        self._width = max(2, round(side_px / 90))

    def _place(self, points: Sequence[Point]) -> list[Point]:
        return [(self._half + x * self._scale, self._half + y * self._scale) for x, y in points]

    def oval(self, centre: Point, radii: Point, fill: Colour, *, inked: bool = True) -> None:
        (x, y), (a, b) = centre, radii
        box = self._place([(x - a, y - b), (x + a, y + b)])
        self._draw.ellipse(box, fill=fill, outline=_INK if inked else None, width=self._width)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        placed = self._place(points)
        self._draw.polygon(placed, fill=fill)
        self._draw.line([*placed, placed[0], placed[1]], fill=_INK, width=self._width, joint="curve")

    def stroke(self, points: Sequence[Point], *, colour: Colour = _INK, thick: float = 1.0) -> None:
        self._draw.line(self._place(points), fill=colour, width=max(1, round(self._width * thick)), joint="curve")

    def eye(self, centre: Point, radius: float) -> None:
        x, y = centre
        self.oval(centre, (radius, radius * 1.1), (255, 255, 255))
        self.oval((x + radius * 0.25, y), (radius * 0.55, radius * 0.62), (30, 26, 34), inked=False)
        self.oval((x + radius * 0.42, y - radius * 0.28), (radius * 0.2, radius * 0.2), (255, 255, 255), inked=False)

    def smile(self, centre: Point, width: float) -> None:
        x, y = centre
        steps = [index / 8 * math.pi for index in range(9)]
        self.stroke([(x - width * math.cos(angle), y + width * 0.6 * math.sin(angle)) for angle in steps])


@dataclass(frozen=True, slots=True)
class Coat:
    """The colours of one individual."""

    base: Colour
    light: Colour
    dark: Colour
    accent: Colour


def draw_creature(species: str, *, seed: str, side_px: int) -> Drawing:
    """A picture of one creature of `species` (a key of SPECIES); the same seed gives the same pixels."""
    rng = random.Random(f"{species}:{seed}")
    hue, draw = SPECIES[species]
    canvas_px = side_px * _OVERSAMPLING
    pen = Pen(canvas_px)
    draw(pen, rng, _coat(rng, hue))
    scenery, white = draw_scenery(rng, canvas_px)
    figure, place = _posed(pen.layer, rng)
    scenery.paste(figure, place, figure)
    return Drawing(scenery.resize((side_px, side_px), Image.Resampling.LANCZOS), white)


def _posed(layer: Image.Image, rng: random.Random) -> tuple[Image.Image, tuple[int, int]]:
    """The layer turned, scaled and mirrored at random, and the place to paste it at."""
    side = layer.width
    if rng.random() < 0.5:
        layer = layer.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    layer = layer.rotate(rng.uniform(-38, 38), Image.Resampling.BICUBIC)
    scale = rng.uniform(0.74, 1.1)
    layer = layer.resize((round(side * scale), round(side * scale)), Image.Resampling.BICUBIC)
    slack = 0.13 * side
    left = (side - layer.width) / 2 + rng.uniform(-slack, slack)
    top = (side - layer.height) / 2 + rng.uniform(-slack, slack)
    return layer, (round(left), round(top))


def _coat(rng: random.Random, usual_hue: float) -> Coat:
    """Colours around the species' usual hue; one in seven individuals has any hue."""
    hue = (usual_hue + rng.gauss(0, 0.04)) % 1 if rng.random() < 0.85 else rng.random()
    strength = rng.uniform(0.5, 0.85)
    accent = (hue + rng.choice([0.12, 0.4, 0.5, 0.62])) % 1
    return Coat(
        base=_colour(hue, strength, 0.88),
        light=_colour(hue, strength * 0.45, 0.97),
        dark=_colour(hue, min(1.0, strength + 0.1), 0.62),
        accent=_colour(accent, 0.6, 0.94),
    )


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _draw_finlet(pen: Pen, rng: random.Random, coat: Coat) -> None:
    """A fish: long body, forked tail, fins, bars."""
    tall = rng.uniform(0.38, 0.55)
    swing = rng.uniform(-0.15, 0.15)
    pen.shape([(-0.55, 0), (-1.1, -0.45 + swing), (-0.95, swing), (-1.1, 0.45 + swing)], coat.dark)
    peak = -tall - rng.uniform(0.15, 0.35)
    pen.shape([(-0.3, -tall * 0.75), (-0.2, peak), (0.3, -tall * 0.8)], coat.accent)
    pen.shape([(-0.1, tall * 0.85), (-0.3, tall + 0.28), (0.2, tall * 0.85)], coat.accent)
    pen.oval((0.05, 0), (0.8, tall), coat.base)
    pen.oval((0.12, tall * 0.42), (0.52, tall * 0.42), coat.light, inked=False)
    for index in range(rng.randint(0, 3)):
        x = -0.35 + index * 0.24
        reach = tall * math.sqrt(max(0.0, 1 - ((x - 0.05) / 0.8) ** 2)) * 0.8
        pen.stroke([(x, -reach), (x + 0.06, 0), (x, reach * 0.6)], colour=coat.dark, thick=4)
    pen.shape([(0.05, 0.05), (-0.22, 0.3 + swing), (0.12, 0.24)], coat.accent)
    pen.eye((0.5, -tall * 0.25), rng.uniform(0.11, 0.16))
    pen.smile((0.68, tall * 0.18), 0.08)


def _draw_wiggler(pen: Pen, rng: random.Random, coat: Coat) -> None:
    """A caterpillar: a row of balls along a wave, feet, a head with feelers."""
    count = rng.randint(5, 7)
    height, phase, waves = rng.uniform(0.1, 0.34), rng.uniform(0, 6.28), rng.uniform(0.6, 1.2)
    spots = [
        (-0.95 + 1.6 * index / count, 0.15 + height * math.sin(phase + waves * 6.28 * index / count))
        for index in range(count + 1)
    ]
    for x, y in spots[:-1]:
        pen.stroke([(x - 0.05, y + 0.2), (x - 0.08, y + 0.4)], thick=2)
        pen.stroke([(x + 0.05, y + 0.2), (x + 0.08, y + 0.4)], thick=2)
    for index, (x, y) in enumerate(spots[:-1]):
        pen.oval((x, y), (0.24, 0.26), coat.base if index % 2 else coat.light)
        pen.oval((x, y - 0.06), (0.06, 0.06), coat.accent, inked=False)
    x, y = spots[-1][0], spots[-1][1] - 0.12
    lean = rng.uniform(-0.12, 0.12)
    for side in (-0.12, 0.14):
        tip = (x + side * 2 + lean, y - 0.6)
        pen.stroke([(x + side, y - 0.25), tip], thick=1.6)
        pen.oval(tip, (0.06, 0.06), coat.accent)
    pen.oval((x, y), (0.33, 0.33), coat.base)
    pen.oval((x - 0.08, y + 0.12), (0.07, 0.05), coat.accent, inked=False)
    pen.eye((x - 0.02, y - 0.05), 0.09)
    pen.eye((x + 0.18, y - 0.05), 0.09)
    pen.smile((x + 0.09, y + 0.1), 0.09)


def _draw_pricklet(pen: Pen, rng: random.Random, coat: Coat) -> None:
    """A ball of prickles with a face and two feet."""
    count = rng.randint(13, 21)
    inner, outer, turn = rng.uniform(0.52, 0.6), rng.uniform(0.85, 1.02), rng.uniform(0, 1)
    ring: list[Point] = []
    for index in range(2 * count):
        radius = outer * rng.uniform(0.92, 1.05) if index % 2 else inner
        angle = (index + turn) * math.pi / count
        ring.append((radius * math.cos(angle), radius * math.sin(angle)))
    for x in (-0.28, 0.28):
        pen.oval((x, 0.82), (0.2, 0.12), coat.accent)
    pen.shape(ring, coat.dark)
    pen.oval((0, 0), (0.62, 0.62), coat.base)
    pen.oval((0.06, 0.16), (0.42, 0.36), coat.light, inked=False)
    for x in (-0.28, 0.4):
        pen.oval((x, 0.18), (0.09, 0.06), coat.accent, inked=False)
    size = rng.uniform(0.11, 0.16)
    pen.eye((-0.13, -0.08), size)
    pen.eye((0.24, -0.08), size)
    pen.oval((0.07, 0.12), (0.06, 0.045), _INK, inked=False)
    pen.smile((0.07, 0.2), 0.12)


def _draw_flutter(pen: Pen, rng: random.Random, coat: Coat) -> None:
    """A moth: four spotted wings around a slim body, feelers."""
    spread, lift = rng.uniform(0.75, 1.0), rng.uniform(-0.1, 0.15)
    low = rng.uniform(0.55, 0.8)
    for side in (-1.0, 1.0):
        pen.shape(_petal((side * 0.05, 0.1), (side * spread * low, 0.72), width=0.28), coat.light)
        pen.oval((side * spread * low * 0.72, 0.52), (0.1, 0.1), coat.accent, inked=False)
        pen.shape(_petal((side * 0.05, -0.05), (side * spread, -0.55 + lift), width=0.4), coat.base)
        pen.oval((side * spread * 0.7, -0.4 + lift * 0.7), (0.17, 0.17), coat.dark, inked=False)
        pen.oval((side * spread * 0.7, -0.4 + lift * 0.7), (0.09, 0.09), coat.accent, inked=False)
        pen.stroke([(side * 0.05, -0.4), (side * 0.16, -0.7), (side * 0.34, -0.84)], thick=1.4)
        pen.oval((side * 0.34, -0.84), (0.05, 0.05), coat.accent)
    for index in range(4):
        pen.oval((0, 0.5 - index * 0.2), (0.13, 0.15), coat.dark if index % 2 else coat.light)
    pen.oval((0, -0.32), (0.2, 0.19), coat.base)
    pen.eye((-0.08, -0.35), 0.07)
    pen.eye((0.09, -0.35), 0.07)
    pen.smile((0.0, -0.25), 0.06)


def _petal(root: Point, tip: Point, *, width: float) -> list[Point]:
    """A wing: a rounded leaf from `root` to `tip`, `width` to each side."""
    along = (tip[0] - root[0], tip[1] - root[1])
    length = math.hypot(*along)
    across = (-along[1] / length, along[0] / length)
    outline: list[Point] = []
    for step in range(24):
        angle = step / 24 * 2 * math.pi
        forward = 0.5 - 0.5 * math.cos(angle)
        sideways = width * math.sin(angle) * (0.45 + 0.75 * forward)
        outline.append((
            root[0] + along[0] * forward + across[0] * sideways,
            root[1] + along[1] * forward + across[1] * sideways,
        ))
    return outline


SPECIES: dict[str, tuple[float, Callable[[Pen, random.Random, Coat], None]]] = {
    "finlet": (0.56, _draw_finlet),
    "flutter": (0.82, _draw_flutter),
    "pricklet": (0.06, _draw_pricklet),
    "wiggler": (0.31, _draw_wiggler),
}
"""By class name: the usual hue (0-1) and what draws one individual."""
