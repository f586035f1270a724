"""What the app and the model's process say to each other: a JSON head and byte strings, lengths before them."""

import json
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Frame", "read_frame", "write_frame"]

_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Frame:
    """One question or one answer."""

    head: dict[str, Any]
    """Plain JSON values."""
    blobs: tuple[bytes, ...] = ()


def write_frame(descriptor: int, head: dict[str, object], blobs: Sequence[bytes] = ()) -> None:
    """Send one frame; raises OSError when the other side is gone."""
    content = json.dumps({"head": head, "lengths": [len(blob) for blob in blobs]}).encode()
    for piece in (_LENGTH.pack(len(content)), content, *blobs):
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view) :]


def read_frame(descriptor: int) -> Frame | None:
    """The next frame; None when the other side is gone, also within a frame."""
    size = _read(descriptor, _LENGTH.size)
    content = None if size is None else _read(descriptor, _LENGTH.unpack(size)[0])
    if content is None:
        return None
    value = json.loads(content)
    blobs = [_read(descriptor, length) for length in value["lengths"]]
    whole = tuple(blob for blob in blobs if blob is not None)
    return Frame(value["head"], whole) if len(whole) == len(blobs) else None


def _read(descriptor: int, length: int) -> bytes | None:
    pieces, missing = [], length
    while missing:
        piece = os.read(descriptor, min(missing, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
