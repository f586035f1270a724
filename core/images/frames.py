"""What the decoder's parent and child say to each other: length-prefixed frames of JSON and bytes."""

import base64
import json
import struct
from dataclasses import asdict, dataclass
from typing import IO, Any, Final

from core.catalog.records import FileStamp, Measured

__all__ = ["Reply", "Request", "read_reply", "read_request", "write_reply", "write_request"]

_LENGTHS: Final = struct.Struct(">II")
_BYTES: Final = ("cells", "detail", "inner")
"""What of a measured picture JSON cannot hold as it is."""


@dataclass(frozen=True, slots=True)
class Request:
    """One picture to examine."""

    number: int
    named: bool
    """`body` is a path (as bytes); else it is the file's content."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """That work on a request began (all fields but the first two empty), or what came of it."""

    number: int
    begun: bool
    measured: Measured | None = None
    stamp: FileStamp | None = None
    """Size, time and digest of the bytes that were read, where they could be read."""
    extension: str | None = None
    error: str | None = None
    out_of_memory: bool = False
    """The error may be a neighbour's fault: worth another try alone."""
    thumbnail: bytes = b""


def write_request(stream: IO[bytes], request: Request) -> None:
    """Send a request; raises OSError when the reader is gone."""
    _write(stream, {"number": request.number, "named": request.named}, request.body)


def read_request(stream: IO[bytes]) -> Request | None:
    """The next request; None when the writer is gone."""
    frame = _read(stream)
    return None if frame is None else Request(**frame[0], body=frame[1])


def write_reply(stream: IO[bytes], reply: Reply) -> None:
    """Send a reply; raises OSError when the reader is gone."""
    fields = asdict(reply)
    del fields["thumbnail"]
    if reply.measured is not None:
        for name in _BYTES:
            fields["measured"][name] = base64.b64encode(getattr(reply.measured, name)).decode()
    _write(stream, fields, reply.thumbnail)


def read_reply(stream: IO[bytes]) -> Reply | None:
    """The next reply; None when the writer is gone or died within a frame."""
    frame = _read(stream)
    if frame is None:
        return None
    fields, thumbnail = frame
    measured, stamp = fields.pop("measured"), fields.pop("stamp")
    return Reply(
        **fields,
        measured=_measured(measured) if measured else None,
        stamp=FileStamp(**stamp) if stamp else None,
        thumbnail=thumbnail,
    )


def _measured(fields: dict[str, Any]) -> Measured:
    return Measured(**fields | {name: base64.b64decode(fields[name]) for name in _BYTES})


def _write(stream: IO[bytes], fields: dict[str, object], blob: bytes) -> None:
    head = json.dumps(fields).encode()
    stream.write(_LENGTHS.pack(len(head), len(blob)) + head)
    stream.write(blob)
    stream.flush()


def _read(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_bytes, blob_bytes = _LENGTHS.unpack(lengths)
    head, blob = stream.read(head_bytes), stream.read(blob_bytes)
    if len(head) < head_bytes or len(blob) < blob_bytes:
        return None
    return json.loads(head), blob
