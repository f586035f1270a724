"""What the decoder's parent and child say to each other: length-prefixed frames of JSON and bytes."""

import json
import struct
from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import IO, Any, Final

from core.catalog.records import FileStamp, Measured

__all__ = ["READY", "Reply", "Request", "read_reply", "read_request", "write_reply", "write_request"]

_LENGTHS: Final = struct.Struct(">II")
_BYTES: Final = ("cells", "detail", "inner")
"""What of a measured picture JSON cannot hold; it follows the JSON, before the thumbnail."""
_PLAIN: Final = tuple(field.name for field in fields(Measured) if field.name not in _BYTES)
_STAMP: Final = tuple(field.name for field in fields(FileStamp))
# A sixth of the time of `asdict`, which copies every value; each picture passes here.
_plain_of: Final = attrgetter(*_PLAIN)
_bytes_of: Final = attrgetter(*_BYTES)
_stamp_of: Final = attrgetter(*_STAMP)

READY: Final = -1
"""The number of a child's first reply: it has started up."""


@dataclass(frozen=True, slots=True)
class Request:
    """One picture to examine."""

    number: int
    named: bool
    """`body` is a path (as bytes); else it is the file's content."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request."""

    number: int
    measured: Measured | None = None
    stamp: FileStamp | None = None
    """Size, time and digest of the bytes that were read, where they could be read."""
    extension: str | None = None
    error: str | None = None
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
    measured, stamp = reply.measured, reply.stamp
    blobs = (*_bytes_of(measured), reply.thumbnail) if measured else (b"",) * (len(_BYTES) + 1)
    head: dict[str, object] = {
        "number": reply.number,
        "extension": reply.extension,
        "error": reply.error,
        "measured": _plain_of(measured) if measured else None,
        "stamp": _stamp_of(stamp) if stamp else None,
        "lengths": [len(blob) for blob in blobs],
    }
    _write(stream, head, b"".join(blobs))


def read_reply(stream: IO[bytes]) -> Reply | None:
    """The next reply; None when the writer is gone or died within a frame."""
    frame = _read(stream)
    if frame is None:
        return None
    head, blob = frame
    *blobs, thumbnail = _cut(blob, head.pop("lengths"))
    plain, stamp = head.pop("measured"), head.pop("stamp")
    return Reply(
        **head,
        measured=_measured(plain, blobs) if plain else None,
        stamp=FileStamp(*stamp) if stamp else None,
        thumbnail=thumbnail,
    )


def _measured(plain: list[Any], blobs: list[bytes]) -> Measured:
    values: dict[str, Any] = dict(zip((*_PLAIN, *_BYTES), (*plain, *blobs), strict=True))
    return Measured(**values)


def _cut(blob: bytes, lengths: list[int]) -> list[bytes]:
    """The pieces of these lengths, one after the other."""
    ends = [0, *accumulate(lengths)]
    return [blob[start:end] for start, end in pairwise(ends)]


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
