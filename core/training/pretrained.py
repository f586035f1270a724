"""Weights to start from: a run's checkpoint, a file from anywhere, or torchvision's."""

import urllib.error
from pathlib import Path

import torch
from torch import Tensor
from torchvision.models import ResNet18_Weights

from core.errors import UnavailableError
from core.models.weights import read_foreign

__all__ = ["starting_weights"]


def starting_weights(weights: str) -> dict[str, Tensor]:
    """The named tensors that `weights` stands for; none for `none`.

    `torchvision` is downloaded once into torch's own cache. Raises UnavailableError when it cannot be had, InputError,
    RefusedError or StorageError when a file is absent, unsafe or damaged.
    """
    if weights == "none":
        return {}
    if weights == "torchvision":
        return _from_torchvision()
    return read_foreign(Path(weights).expanduser())


def _from_torchvision() -> dict[str, Tensor]:
    wanted = ResNet18_Weights.IMAGENET1K_V1
    name = wanted.url.rpartition("/")[2]
    place = Path(torch.hub.get_dir()) / "checkpoints" / name
    try:
        tensors: dict[str, Tensor] = wanted.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except (urllib.error.URLError, OSError, RuntimeError) as exc:
        raise UnavailableError(
            f"torchvision's weights cannot be fetched from {wanted.url} ({_reason(exc)}); go online once, copy the "
            f"file to {place}, or give its path with weights=/path/to/{name}."
        ) from exc
    return tensors


def _reason(exc: Exception) -> str:
    reason = getattr(exc, "reason", exc)
    return str(getattr(reason, "strerror", None) or reason or type(exc).__name__)
