"""Ours: the hash alone, the whole scan in the program's own decoder process, and the search for pairs."""

from pathlib import Path
from typing import Any

import numpy as np

from bench.rivals.bare import each
from bench.rivals.serve import serve
from core.duplicates.pairs import find_pairs
from core.images.decode import decode
from core.images.decoder import Decoder
from core.images.measure import hash_cells, phashes
from core.images.quick_hash import jpeg_luma, quick_hashes
from core.images.reading import read_file
from core.workspace import HashMode

__all__: list[str] = []

_BLOCK = 1 << 20


def _exact(path: str) -> int:
    return phashes(hash_cells(decode(read_file(Path(path), follow_links=False)[0]).image))[0]


def _fast(path: str) -> int:
    luma = jpeg_luma(read_file(Path(path), follow_links=False)[0], 1)
    assert luma is not None
    return quick_hashes(luma)[0]


def _differing_bits(argument: dict[str, list[str]]) -> list[int]:
    """For every file, in how many bits its two hashes differ."""
    return [(_exact(path) ^ _fast(path)).bit_count() for path in argument["files"]]


class _Scan:
    """The decoder as scan uses it, kept from one task to the next."""

    def __init__(self, hash_mode: HashMode) -> None:
        self._hash_mode = hash_mode
        self._decoder: Decoder | None = None

    def run(self, argument: dict[str, list[str]]) -> int:
        """Digest, pixels, both hashes, quality and thumbnail of every file."""
        self._decoder = self._decoder or Decoder(processes=len(argument["cores"]), hash_mode=self._hash_mode)
        return sum(look.error is None for look in self._decoder.examine(map(Path, argument["files"])))


def _search(argument: dict[str, Any]) -> int:
    return len(find_pairs(np.load(argument["hashes"]), argument["radius"]).i)


def _brute(argument: dict[str, Any]) -> int:
    """Every pair looked at, by numpy, a block of rows at a time."""
    hashes = np.load(argument["hashes"])
    rows = max(1, _BLOCK // len(hashes))
    found = 0
    for start in range(0, len(hashes), rows):
        block = hashes[start : start + rows, None] ^ hashes[None, start:]
        near = np.bitwise_count(block) <= argument["radius"]
        found += int(np.count_nonzero(np.triu(near, k=1)))
    return found


if __name__ == "__main__":
    serve({
        "exact hash": each(_exact),
        "fast hash": each(_fast),
        "differing bits": _differing_bits,
        "exact scan": _Scan("exact").run,
        "fast scan": _Scan("fast").run,
        "search": _search,
        "brute": _brute,
    })
