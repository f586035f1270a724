"""How far each picture is out of its class and out of the set: the score behind "most suspicious first".

Each measure is made roughly symmetric (sizes, shapes and sharpness by their logarithm) and compared with the median
of the picture's class, or of the whole set where the class has few pictures, in robust standard deviations (1.4826
times the median absolute deviation; Iglewicz and Hoaglin, 1993). The score is that of the measure which is furthest
out, so that it can be said in a word why. White ground is no part of it: a class has it or has it not, and all the
pictures of the rarer kind would be as far out. Derived data: made when a filter or an order first asks, and again after
pictures came or were measured anew.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.database import Database

__all__ = ["ODD_MEASURES", "settle_oddity"]

ODD_MEASURES: Final = {
    "sharpness": ("blurred", "sharp"),
    "brightness": ("dark", "bright"),
    "contrast": ("low contrast", "high contrast"),
    "entropy": ("plain", "busy"),
    "pixels": ("small", "large"),
    "aspect": ("tall", "wide"),
}
"""Measure: (word for too low, word for too high)."""
_LEAST_SPREAD: Final = (0.2, 0.03, 0.015, 0.2, 0.2, 0.08)
"""What counts as one deviation at least, in the units of the transformed measures: sets of equal sizes have none."""
_FEWEST: Final = 30
"""Pictures that a class needs to have medians of its own."""
_MAD_TO_DEVIATION: Final = 1.4826
_STAMP: Final = "SELECT COUNT(*) || '-' || COALESCE(MAX(image.id), 0) || '-' || TOTAL(mtime_ns) FROM image"
_MEASURES: Final = (
    "SELECT id, class_id, sharpness, brightness, contrast, entropy, "
    "width * height, CAST(width AS REAL) / height FROM image "
    "WHERE error IS NULL AND sharpness IS NOT NULL AND width > 0 AND height > 0"
)

Figures = NDArray[np.float64]


def settle_oddity(database: Database) -> None:
    """Bring the scores up to the pictures where they are not; moving one to another class alone changes none."""
    with database.read(seconds=60.0) as connection:
        stamp = str(connection.execute(_STAMP).fetchone()[0])
        kept = connection.execute("SELECT value FROM meta WHERE key = 'oddity'").fetchone()
        if kept is not None and kept[0] == stamp:
            return
        rows = np.array([tuple(row) for row in connection.execute(_MEASURES)], dtype=np.float64).reshape(-1, 8)
    cells = _scored(rows)
    with database.write() as connection:
        connection.execute("DELETE FROM oddity")
        connection.executemany("INSERT INTO oddity VALUES (?, ?, ?, ?, ?)", cells)
        connection.execute(
            "INSERT INTO meta VALUES ('oddity', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (stamp,)
        )


def _scored(rows: Figures) -> list[tuple[int, float, str, float, float]]:
    """(image, score, word, deviations of the size, deviations below the set's sharpness) of each row."""
    if not len(rows):
        return []
    images, classes = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
    measures = _symmetric(rows[:, 2:])
    everybody = _deviations(measures)
    own = everybody.copy()
    for class_id in np.unique(classes):
        inside = classes == class_id
        if inside.sum() >= _FEWEST:
            own[inside] = _deviations(measures[inside])
    furthest = np.abs(own).argmax(axis=1)
    signed = own[np.arange(len(own)), furthest]
    words = list(ODD_MEASURES.values())
    size = np.abs(everybody[:, 4])
    blur = -everybody[:, 0]
    return [
        (
            int(image),
            round(abs(float(far)), 3),
            words[measure][int(far > 0)],
            round(float(big), 3),
            round(float(dim), 3),
        )
        for image, far, measure, big, dim in zip(images, signed, furthest, size, blur, strict=True)
    ]


def _symmetric(measures: Figures) -> Figures:
    """(N, 6) measures as they are compared: logarithms of sharpness, pixels and aspect."""
    changed = measures.copy()
    changed[:, 0] = np.log(np.maximum(measures[:, 0], 0.01))
    changed[:, 4:] = np.log(measures[:, 4:])
    return changed


def _deviations(measures: Figures) -> Figures:
    """(N, 6) signed robust deviations of each from the middle of all."""
    middle = np.median(measures, axis=0)
    spread = _MAD_TO_DEVIATION * np.median(np.abs(measures - middle), axis=0)
    result: Figures = (measures - middle) / np.maximum(spread, _LEAST_SPREAD)
    return result
