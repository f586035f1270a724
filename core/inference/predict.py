"""Class probabilities of pictures."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F

from core.errors import InputError, RefusedError
from core.images.decode import load_rgb
from core.inference.load import Loaded, Models
from core.inference.records import ClassProbability, Prediction
from core.models.pixels import square, to_unit
from core.workspace import Workspace

__all__ = ["predict"]


def predict(
    workspace: Workspace,
    run: str,
    sources: Sequence[Path | bytes],
    *,
    epoch: int | None = None,
    models: Models | None = None,
) -> list[Prediction]:
    """What the run's classifier says of each picture, in order; one that cannot be read is a row with its reason.

    `models` keeps networks between calls. Raises as `Models.get`, and RefusedError when the run is no classifier.
    """
    loaded = (models or Models()).get(workspace, run, epoch)
    if not loaded.blueprint.labels:
        raise RefusedError(f"{run} draws pictures and tells no classes apart; choose a run of a classifier.")
    return [_predict_one(loaded, source, number) for number, source in enumerate(sources, start=1)]


def _predict_one(loaded: Loaded, source: Path | bytes, number: int) -> Prediction:
    name = str(source) if isinstance(source, Path) else f"picture {number}"
    try:
        picture = load_rgb(source)
    except InputError as exc:
        return Prediction(name, (), str(exc))
    except OSError as exc:
        return Prediction(name, (), exc.strerror or str(exc))
    pixels = torch.from_numpy(square(picture, loaded.blueprint.input[-1]))
    with torch.no_grad():
        # One by one: in company the same picture could differ in the last digit.
        scores = loaded.network(to_unit(pixels)[None])  # (1, C)
    probabilities = F.softmax(scores.double(), dim=1)[0].tolist()
    rows = [ClassProbability(label, value) for label, value in zip(loaded.blueprint.labels, probabilities, strict=True)]
    return Prediction(name, tuple(sorted(rows, key=lambda row: -row.probability)))
