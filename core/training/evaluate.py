"""How good a classifier is: probabilities of pictures, and the figures that follow from them.

Shapes: N pictures, C classes, H side. Figures are plain arithmetic on arrays; nothing is read or written.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models.pixels import to_unit
from core.training.device import half_precision

__all__ = ["Scores", "calibration", "confusion", "macro_f1", "per_class", "score"]

_BATCH = 128
_BINS = 15


@dataclass(frozen=True, slots=True)
class Scores:
    """What a classifier says of N pictures whose class is known."""

    probabilities: NDArray[np.float64]
    """(N, C), rows add up to 1."""
    truth: NDArray[np.int64]
    """(N,) places of the true classes."""

    @property
    def predicted(self) -> NDArray[np.int64]:
        found: NDArray[np.int64] = self.probabilities.argmax(1)
        return found

    @property
    def accuracy(self) -> float | None:
        """Share of right answers; None without pictures."""
        return float((self.predicted == self.truth).mean()) if len(self.truth) else None

    @property
    def loss(self) -> float | None:
        """Mean cross-entropy in nats; None without pictures."""
        if not len(self.truth):
            return None
        of_truth = self.probabilities[np.arange(len(self.truth)), self.truth]
        return float(-np.log(np.maximum(of_truth, 1e-12)).mean())


def score(network: nn.Module, pixels: Tensor, *, places: Tensor, labels: Tensor) -> Scores:
    """The network's probabilities for `pixels` (N, 3, H, H bytes) at `places`; leaves it in evaluation mode."""
    network.eval()
    rows = []
    with torch.no_grad():
        for chosen in torch.split(places, _BATCH):
            with half_precision(pixels.device):
                answer = network(to_unit(pixels[chosen]))
            rows.append(F.softmax(answer.float(), dim=1))  # (B, C)
    columns = int(labels.max()) + 1 if not rows else rows[0].shape[1]
    found = torch.cat(rows) if rows else torch.empty(0, columns)
    # to("cpu") waits for the device; once a call.
    return Scores(found.to("cpu").double().numpy(), labels[places].to("cpu").numpy())


def confusion(scores: Scores) -> NDArray[np.int64]:
    """(C, C) counts; rows are the true classes, columns the answers."""
    classes = scores.probabilities.shape[1]
    counts = np.bincount(scores.truth * classes + scores.predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)


def per_class(scores: Scores, labels: Sequence[str]) -> list[dict[str, object]]:
    """Precision, recall, F1 and number of pictures of each class; 0 where a share has no denominator."""
    counts = confusion(scores)
    right, truth, answers = counts.diagonal(), counts.sum(1), counts.sum(0)
    rows: list[dict[str, object]] = []
    for place, name in enumerate(labels):
        precision, recall = _share(right[place], answers[place]), _share(right[place], truth[place])
        rows.append({
            "class_name": name,
            "pictures": int(truth[place]),
            "precision": precision,
            "recall": recall,
            "f1": _share(2 * right[place], answers[place] + truth[place]),
        })
    return rows


def macro_f1(scores: Scores) -> float | None:
    """Mean F1 of the classes that occur; None without pictures."""
    counts = confusion(scores)
    both = counts.sum(1) + counts.sum(0)
    present = counts.sum(1) > 0
    if not present.any():
        return None
    return float((2 * counts.diagonal()[present] / both[present]).mean())


def calibration(scores: Scores) -> dict[str, object]:
    """Expected calibration error over 15 equal bins (Guo et al., arXiv 1706.04599, equation 3), and the bins."""
    sure = scores.probabilities.max(1, initial=0.0)
    right = scores.predicted == scores.truth if len(sure) else np.empty(0, bool)
    places = np.minimum((sure * _BINS).astype(np.int64), _BINS - 1)
    bins = []
    for place in range(_BINS):
        inside = places == place
        count = int(inside.sum())
        bins.append({
            "from": place / _BINS,
            "to": (place + 1) / _BINS,
            "pictures": count,
            "confidence": float(sure[inside].mean()) if count else None,
            "accuracy": float(right[inside].mean()) if count else None,
        })
    gaps = [
        abs(float(sure[places == place].mean()) - float(right[places == place].mean()))
        * float((places == place).mean())
        for place in np.unique(places)
    ]
    return {"ece": float(sum(gaps)) if gaps else None, "bins": bins}


def _share(part: np.int64, whole: np.int64) -> float:
    return float(part / whole) if whole else 0.0
