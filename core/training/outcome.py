"""What a finished classifier leaves behind: predictions.csv and report.json, from its best checkpoint."""

import csv
import io
from collections.abc import Sequence

from torch import Tensor, nn

from core.dataset.snapshot import SnapshotRow
from core.errors import StorageError
from core.files import write_atomic, write_json
from core.models.build import fill, part
from core.models.weights import Blueprint
from core.training.checkpoints import BEST, LAST, load_weights
from core.training.evaluate import Scores, calibration, confusion, macro_f1, per_class, score
from core.training.task import LOG, Task

__all__ = ["leakage", "write_outcome"]

_SPLITS = ("train", "val", "test")
_HEADER = ("img_name", "class_name", "predicted", "probability", "probability_true", "split")


def write_outcome(task: Task, network: nn.Module, *, blueprint: Blueprint, step: int, epoch: int) -> None:
    """Score every picture with the best checkpoint and write predictions.csv, report.json and the test's record."""
    task.reporter.progress(step, step, "Scoring all pictures")
    fill(network, part(_best_weights(task, blueprint), "classifier"), task.folder.name)
    labels = task.pictures.labels(task.labels)
    places = {split: task.pictures.indices(split) for split in _SPLITS}
    scores = {
        split: score(network, task.pictures.pixels, places=found, labels=labels) for split, found in places.items()
    }
    if (tested := scores["test"].accuracy) is not None:
        task.recorder.write("eval", step=step, epoch=epoch, values={"accuracy/test": tested})
    rows = {split: [task.pictures.rows[place] for place in found.tolist()] for split, found in places.items()}
    write_atomic(task.folder / "predictions.csv", _predictions(rows, scores, task.labels))
    write_json(task.folder / "report.json", _report(task, scores))
    reached = {split: found.accuracy for split, found in scores.items() if found.accuracy is not None}
    LOG.info("Accuracy of the best epoch: %s", ", ".join(f"{split} {value:.4f}" for split, value in reached.items()))


def leakage(rows: Sequence[SnapshotRow]) -> int:
    """How many clusters of near-duplicates lie in more than one part of the split."""
    parts: dict[int, set[str]] = {}
    for row in rows:
        if row.cluster is not None and row.split:
            parts.setdefault(row.cluster, set()).add(row.split)
    return sum(len(found) > 1 for found in parts.values())


def _best_weights(task: Task, blueprint: Blueprint) -> dict[str, Tensor]:
    """Those of the best epoch; where that file was damaged meanwhile, those of the last."""
    try:
        return load_weights(task.folder, BEST, blueprint)
    except StorageError as exc:
        LOG.warning("Scored with the last epoch instead: %s", exc)
        return load_weights(task.folder, LAST, blueprint)


def _report(task: Task, scores: dict[str, Scores]) -> dict[str, object]:
    # The test part tells the truth; where a person left it empty, validation is the next best, and it is said.
    told = next((split for split in ("test", "val", "train") if len(scores[split].truth)), "train")
    shown = scores[told]
    return {
        "kind": "classifier",
        "accuracy": {split: scores[split].accuracy for split in _SPLITS},
        "loss": {split: scores[split].loss for split in _SPLITS},
        "pictures": {split: len(scores[split].truth) for split in _SPLITS},
        "evaluated_on": told,
        "macro_f1": macro_f1(shown),
        "per_class": per_class(shown, task.labels),
        "confusion": {"labels": list(task.labels), "matrix": confusion(shown).tolist()},
        "calibration": calibration(shown),
        "leakage": leakage(task.pictures.rows),
        "unreadable": list(task.pictures.unreadable),
    }


def _predictions(rows: dict[str, list[SnapshotRow]], scores: dict[str, Scores], labels: Sequence[str]) -> bytes:
    lines: list[tuple[object, ...]] = []
    for split in _SPLITS:
        found = scores[split]
        for row, probabilities, answer, truth in zip(
            rows[split], found.probabilities, found.predicted, found.truth, strict=True
        ):
            figures = (f"{probabilities[answer]:.6f}", f"{probabilities[truth]:.6f}")
            lines.append((row.img_name, row.class_name, labels[answer], *figures, split))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_HEADER, *sorted(lines, key=lambda line: str(line[0]))])
    return text.getvalue().encode()
