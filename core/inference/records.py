"""What predictions and drawings look like, on both sides of the model's process."""

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["ClassProbability", "Drawing", "Prediction"]


@dataclass(frozen=True, slots=True)
class ClassProbability:
    class_name: str
    probability: float
    """0 … 1; those of one prediction add up to 1."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a classifier says of one picture, or why it cannot be looked at."""

    name: str
    """The path as it was given; `picture 1` and so on for bytes."""
    predictions: tuple[ClassProbability, ...]
    """The most probable class first; empty when there is an error."""
    error: str | None = None


class Drawing(NamedTuple):
    """One picture that a GAN drew."""

    seed: int
    png: bytes
