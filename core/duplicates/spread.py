"""The exact join of hashes spread over machines, none of which holds more than two chunks of them.

For each piece of the hash, the hashes are cut into chunks by the leading bits of the piece. Two hashes whose pieces
differ in at most t bits lie in chunks whose leading bits differ in at most t bits. So the join is the sum of the joins
of such chunks, each with itself or one other; and as no piece reports what an earlier one finds, the sum needs no
further care, whatever the chunks are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.duplicates.pieces import Join, Met, Piece, masks, meet, plan
from core.errors import RefusedError, StoppedError
from core.jobs.cluster import Hands
from core.jobs.reporter import SILENT, Reporter

__all__ = ["Chunk", "Meeting", "chunk_size", "cut", "meet_chunks", "meetings", "spread_over"]

_MOST: Final = 1 << 22
"""Hashes in a chunk: 32 MB to send, and some 600 MB at work with another one."""
_LEAST: Final = 1 << 15
"""Smaller chunks cost more to hand out than to search."""
_SHARE: Final = 16
"""A chunk holds at most this part of all hashes, so that there is work for many and nobody holds all."""
_MOST_PAIRS: Final = 50_000_000
"""What one meeting may find: 800 MB to send back."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Hashes that agree in the leading bits of one piece."""

    prefix: int
    members: NDArray[np.int64]
    """Their positions."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """What one worker does: find the near pairs across two chunks, or within one, that one piece of the hash shows."""

    piece: Piece
    earlier: tuple[Piece, ...]
    """What the chunks agree in there has been found already."""
    flips: tuple[int, ...]
    """The bits of the piece in which the two hashes of a pair may differ; those that lead from chunk to chunk."""
    radius: int


def spread_over(hands: Hands, *, most: int | None = None, reporter: Reporter = SILENT) -> Join:
    """A join for `find_pairs` whose work is done by `hands`, each holding at most two chunks of `most` hashes.

    Without `most`, a chunk is a sixteenth of all hashes, between 33 thousand and four million.
    It raises StoppedError when the reporter says stop, UnavailableError when the machines are lost.
    """
    return partial(_join, hands=hands, most=most, reporter=reporter)


def chunk_size(count: int) -> int:
    """How many of `count` hashes a chunk holds at most."""
    return min(max(count // _SHARE, _LEAST), _MOST)


def cut(values: NDArray[np.uint64], piece: Piece, most: int) -> list[Chunk]:
    """The positions of all `values`, each in one chunk of at most `most`; by prefix, then by position."""
    leading = _leading_bits(len(values), piece, most)
    prefixes = (values & piece.mask) >> np.uint64(piece.shift + piece.bits - leading)
    order = np.argsort(prefixes, kind="stable")
    found, starts = np.unique(prefixes[order], return_index=True)
    ends = [*starts[1:].tolist(), len(values)]
    return [
        Chunk(prefix, order[begin : min(begin + most, end)])
        for prefix, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True)
        for begin in range(start, end, most)
    ]


def meetings(
    chunks: Sequence[Chunk], piece: Piece, *, count: int, most: int
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Which chunks meet (the lesser position first, or twice the same), and the flips that lead across."""
    below = piece.bits - _leading_bits(count, piece, most)
    flips: dict[int, list[int]] = {}
    for flipped in masks(piece):
        flips.setdefault(flipped >> below, []).append(flipped)
    places: dict[int, list[int]] = {}
    for position, chunk in enumerate(chunks):
        places.setdefault(chunk.prefix, []).append(position)
    for first, chunk in enumerate(chunks):
        for lead, leading in flips.items():
            for second in places.get(chunk.prefix ^ lead, ()):
                if first <= second:
                    yield first, second, tuple(leading)


def meet_chunks(
    first: NDArray[np.uint64], second: NDArray[np.uint64] | None, meeting: Meeting
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Near pairs as positions into `first` and into `second`, or twice into `first` where there is no second.

    Runs in a worker of the cluster. Raises RefusedError when there are too many.
    """
    values = first if second is None else np.concatenate([first, second])
    found = [(np.zeros(0, np.int32), np.zeros(0, np.int32))]
    total = 0
    for a, b in meet(values, meeting.piece, meeting.flips, radius=meeting.radius, earlier=meeting.earlier):
        a, b = np.minimum(a, b), np.maximum(a, b)
        if second is not None:
            across = (a < len(first)) & (b >= len(first))
            a, b = a[across], b[across] - len(first)
        total += len(a)
        if total > _MOST_PAIRS:
            raise RefusedError(
                f"More than {_MOST_PAIRS:,} pairs lie within {meeting.radius} bits; choose a smaller distance."
            )
        found.append((a.astype(np.int32), b.astype(np.int32)))
    one, other = (np.concatenate(column) for column in zip(*found, strict=True))
    return one, other


def _join(
    values: NDArray[np.uint64], radius: int, *, hands: Hands, most: int | None, reporter: Reporter
) -> Iterator[Met]:
    if radius == 0 or len(values) < 2:
        return
    most = most or chunk_size(len(values))
    pieces = plan(len(values), radius)
    for number, piece in enumerate(pieces):
        chunks = cut(values, piece, most)
        held = [hands.share(values[chunk.members]) for chunk in chunks]
        wanted = list(meetings(chunks, piece, count=len(values), most=most))
        work = (
            (held[a], None if a == b else held[b], Meeting(piece, tuple(pieces[:number]), flips, radius))
            for a, b, flips in wanted
        )
        done = 0
        for one, other in hands.in_order(meet_chunks, work, stopped=reporter.stopped):
            first, second, _ = wanted[done]
            yield chunks[first].members[one], chunks[second].members[other]
            done += 1
            reporter.progress(done, len(wanted), f"comparing hashes, {number + 1} of {len(pieces)}")
        if done < len(wanted):
            raise StoppedError("Stopped; the copies found before stay as they are.")


def _leading_bits(count: int, piece: Piece, most: int) -> int:
    """As many bits as make chunks of evenly spread hashes half full, so that few spill over."""
    wanted = max(-(-2 * count // most) - 1, 0).bit_length()
    return min(wanted, piece.bits)
