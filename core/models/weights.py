"""The content of a checkpoint file: safetensors with the blueprint of the network in its metadata; bytes in, bytes out.

Format 1, metadata values are text: `format`, `network`, `arguments` (JSON), `labels` (JSON), `input` (JSON, the shape
of one input), `epoch`, `step`. Nothing here unpickles anything but tensors and plain values.
"""

import io
import json
import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from core.errors import InputError, RefusedError, StorageError

__all__ = ["Blueprint", "pack", "pack_state", "read_foreign", "unpack", "unpack_state"]

_FORMAT = 1
_LONGEST_HEADER = 100_000_000
_TORN = (RuntimeError, EOFError, OSError, ValueError, LookupError, TypeError, AttributeError)
"""What torch.load raises for a damaged file: it trusts the sizes and names that it reads there."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All that is needed to build the network again and to read its answers."""

    network: str
    """`scratch-cnn`, `resnet18` or `dcgan`."""
    arguments: dict[str, int | float]
    """What the network's class takes."""
    labels: tuple[str, ...]
    """Class names in the order of the scores; empty for GANs."""
    input: tuple[int, ...]
    """Shape of one input: (3, side, side) for classifiers, (noise, 1, 1) for GANs."""
    epoch: int
    step: int

    def at(self, *, epoch: int, step: int) -> "Blueprint":
        """The same network at another moment of its training."""
        return replace(self, epoch=epoch, step=step)


def pack(blueprint: Blueprint, tensors: Mapping[str, Tensor]) -> bytes:
    """The checkpoint file that holds these tensors."""
    metadata = {
        "format": str(_FORMAT),
        "network": blueprint.network,
        "arguments": json.dumps(blueprint.arguments),
        "labels": json.dumps(blueprint.labels, ensure_ascii=False),
        "input": json.dumps(blueprint.input),
        "epoch": str(blueprint.epoch),
        "step": str(blueprint.step),
    }
    return _ordered(save({name: _plain(tensor) for name, tensor in tensors.items()}, metadata))


def unpack(content: bytes, name: str) -> tuple[Blueprint, dict[str, Tensor]]:
    """What `pack` was given, tensors on the CPU.

    Raises RefusedError naming the file `name` when it is no checkpoint of ours or of a newer version.
    """
    try:
        tensors: dict[str, Tensor] = load(content)
        metadata = _metadata(content)
        if int(metadata["format"]) > _FORMAT:
            raise RefusedError(f"{name} was written by a newer version of Specimen; update this one.")
        blueprint = Blueprint(
            network=metadata["network"],
            arguments=json.loads(metadata["arguments"]),
            labels=tuple(json.loads(metadata["labels"])),
            input=tuple(json.loads(metadata["input"])),
            epoch=int(metadata["epoch"]),
            step=int(metadata["step"]),
        )
    except (SafetensorError, KeyError, ValueError, TypeError) as exc:
        raise RefusedError(f"{name} is no checkpoint of Specimen ({exc}); choose another file.") from exc
    return blueprint, tensors


def pack_state(state: Mapping[str, object]) -> bytes:
    """Tensors and plain values in torch's zip format, such that `unpack_state` takes them."""
    buffer = io.BytesIO()
    torch.save(dict(state), buffer)
    return buffer.getvalue()


def unpack_state(content: bytes, name: str) -> dict[str, object]:
    """What `pack_state` was given, tensors on the CPU; nothing in the file is executed.

    Raises RefusedError naming the file when it holds anything but tensors and plain values, StorageError when torn.
    """
    try:
        value = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as exc:
        raise RefusedError(f"{name} holds more than tensors and plain values, so it is not opened.") from exc
    except _TORN as exc:
        raise StorageError(f"{name} cannot be read as tensors; it is damaged or another format.") from exc
    if not isinstance(value, dict):
        raise RefusedError(f"{name} does not hold named tensors; choose a state dictionary.")
    return value


def read_foreign(path: Path) -> dict[str, Tensor]:
    """The named tensors of a weights file from anywhere: .safetensors, or .pth/.pt with tensors alone.

    Raises InputError when it is not there, RefusedError when opening it would run code, StorageError when damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise InputError(f"The weights file {path} cannot be read ({exc.strerror}); check weights=.") from exc
    if path.suffix == ".safetensors":
        return _unpack_any(content, str(path))
    value = unpack_state(content, str(path))
    inner = value.get("state_dict")
    named = inner if isinstance(inner, dict) else value
    return {str(key): tensor for key, tensor in named.items() if isinstance(tensor, Tensor)}


def _unpack_any(content: bytes, name: str) -> dict[str, Tensor]:
    """The tensors of any safetensors file; raises StorageError when it is none."""
    try:
        tensors: dict[str, Tensor] = load(content)
    except SafetensorError as exc:
        raise StorageError(f"{name} is not readable as safetensors ({exc}); fetch it again.") from exc
    return tensors


def _plain(tensor: Tensor) -> Tensor:
    # clone: safetensors refuses tensors that share memory, as tied weights do.
    return tensor.detach().to("cpu").clone(memory_format=torch.contiguous_format)


def _ordered(content: bytes) -> bytes:
    """The same file with its metadata in order: safetensors shuffles it, and equal weights should give equal files."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[end:]


def _metadata(content: bytes) -> dict[str, str]:
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + min(length, _LONGEST_HEADER)])
    metadata = header["__metadata__"]
    if not isinstance(metadata, dict):
        raise TypeError("no metadata")
    return metadata
