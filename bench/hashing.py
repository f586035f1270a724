"""Images hashed and scanned a second, next to others and to the decoder's limit: `python -m bench.hashing [--install]`.

Every contestant runs in a process of its own, bound to one core and then to two, over the same files: photographs of
128 px, and pictures of 256 px and 1024 px drawn here. They take turns, several rounds in one run; a ratio is the
median of the rounds' ratios, so that what else the machine does falls on both sides. Each has run once before the
clock starts.

Two limits stand for what no program built on the same codecs can go below:

- `decode`, for the hash alone: Pillow opens the file and decodes it in grey at the smallest scale that still has
  64 px a side. Nothing is computed from the pixels. Only the fast hash can come near it: the exact one is imagehash's,
  which begins with all pixels in RGB.
- `pipeline`, for the whole scan: read the file, digest it (sha256), decode every pixel in RGB, reduce to 256 px, encode
  as WebP with our settings; bare calls of Pillow in one loop. A scan owes at least that: it tells a file by its
  content; it tells a truncated file from a whole one, so it must decode all; its loader is the one of training, which
  sees all pixels; and it leaves a thumbnail. What ours does beyond (two hashes, quality, small looks, a digest of the
  pixels, credits, checks, a process that a hostile file may kill, whose answers go through a pipe) is what the ratio
  shows. On one core that pipe's other end runs on the same core.

About twelve minutes on two cores that do nothing else, most of it the others on 1024 px.
"""

import argparse
import io
import json
import shutil
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from bench.rivals.process import Rival, installed
from core.workspace import CHECKOUT

__all__ = ["main"]

_RESULT: Final = CHECKOUT / "bench" / "results" / "hashing.json"
_PICTURES: Final = CHECKOUT.parent / "shared" / "data" / "flowers"
_TILE_PX: Final = 128
_ENLARGED: Final = 2

_RATIOS: Final = {
    **{
        name.format(mode): (first.format(mode), second.format(mode))
        for mode in ("fast", "exact")
        for name, first, second in (
            ("{} hash: rate over imagehash", "our {} hash", "imagehash"),
            ("{} hash: rate over imagededup", "our {} hash", "imagededup hash"),
            ("{} hash: rate over cleanvision", "our {} hash", "cleanvision hash"),
            ("{} hash: time over the decoder's limit", "decode limit", "our {} hash"),
            ("{} scan: time over the pipeline's limit", "pipeline limit", "our {} scan"),
            ("{} scan: rate over cleanvision", "our {} scan", "cleanvision scan"),
        )
    },
    "the limit itself: rate over imagehash": ("decode limit", "imagehash"),
    "the limit itself: rate over imagededup": ("decode limit", "imagededup hash"),
}
"""Quotients of two contestants' rates."""


@dataclass(frozen=True, slots=True)
class _Contestant:
    name: str
    module: str
    task: str
    theirs: bool = False
    """Runs in the rivals' environment."""


_CONTESTANTS: Final = (
    _Contestant("decode limit", "bench.rivals.bare", "decode"),
    _Contestant("imagehash", "bench.rivals.bare", "imagehash"),
    _Contestant("our fast hash", "bench.rivals.own", "fast hash"),
    _Contestant("our exact hash", "bench.rivals.own", "exact hash"),
    _Contestant("imagededup hash", "bench.rivals.of_imagededup", "hash", theirs=True),
    _Contestant("cleanvision hash", "bench.rivals.of_cleanvision", "hash", theirs=True),
    _Contestant("pipeline limit", "bench.rivals.bare", "pipeline"),
    _Contestant("our fast scan", "bench.rivals.own", "fast scan"),
    _Contestant("our exact scan", "bench.rivals.own", "exact scan"),
    _Contestant("cleanvision scan", "bench.rivals.of_cleanvision", "scan", theirs=True),
)


def main() -> None:
    """Measure on both sets, on one core and on two; write bench/results/hashing.json."""
    parser = argparse.ArgumentParser(description="Images a second, next to others and to the decoder's limit.")
    parser.add_argument("--install", action="store_true", help="make the rivals' environment first (some gigabytes)")
    parser.add_argument("--photographs", type=int, default=300, help="how many of 128 px (default 300)")
    parser.add_argument("--middling", type=int, default=150, help="how many of 256 px (default 150)")
    parser.add_argument("--large", type=int, default=30, help="how many of 1024 px (default 30)")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    python = installed(install=arguments.install)
    result: dict[str, object] = {"rounds": arguments.rounds}
    with tempfile.TemporaryDirectory() as folder:
        sets = {
            "photographs of 128 px": _photographs(Path(folder) / "small", arguments.photographs),
            "pictures of 256 px": _sheets(Path(folder) / "middling", arguments.middling, columns=1, rows=1),
            "pictures of 1024 px": _sheets(Path(folder) / "large", arguments.large, columns=4, rows=3),
        }
        for name, files in sets.items():
            size = statistics.median(Path(file).stat().st_size for file in files)
            result[name] = {"images": len(files), "median_bytes": size, "fast_hash": _differing_bits(files)} | {
                f"{count} core{'s' * (count > 1)}": _measure(files, set(range(count)), python, arguments.rounds)
                for count in (1, 2)
            }
    _RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _measure(files: list[str], cores: set[int], python: Path | None, rounds: int) -> dict[str, object]:
    contestants = [contestant for contestant in _CONTESTANTS if python or not contestant.theirs]
    argument = {"files": files, "cores": sorted(cores)}
    seconds: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    with ExitStack() as stack:
        running = {
            contestant: stack.enter_context(
                Rival(contestant.module, cores=cores, python=python if contestant.theirs else Path(sys.executable))
            )
            for contestant in contestants
        }
        for round_number in range(rounds + 1):
            for contestant, rival in running.items():
                answer = rival.ask(contestant.task, argument)
                if answer.result != len(files):
                    raise RuntimeError(f"{contestant.name} did {answer.result} of {len(files)} pictures")
                if round_number > 0:
                    seconds[contestant.name].append(answer.seconds)
    rates = {name: round(len(files) / statistics.median(values), 1) for name, values in seconds.items()}
    return {"images_per_second": rates, "ratios": _ratios(seconds)}


def _differing_bits(files: list[str]) -> dict[str, float]:
    """How the fast hash differs from the exact one, which is imagehash's."""
    with Rival("bench.rivals.own", cores={0}) as rival:
        bits = np.array(rival.ask("differing bits", {"files": files}).result)
    return {
        "mean_bits_off": round(float(bits.mean()), 3),
        "share_within_2_bits": round(float((bits <= 2).mean()), 4),
        "most_bits_off": int(bits.max()),
    }


def _ratios(seconds: dict[str, list[float]]) -> dict[str, float]:
    return {
        name: round(statistics.median(b / a for a, b in zip(seconds[first], seconds[second], strict=True)), 2)
        for name, (first, second) in _RATIOS.items()
        if first in seconds and second in seconds
    }


def _photographs(folder: Path, count: int) -> list[str]:
    """A seeded choice of the photographs, in one folder."""
    folder.mkdir()
    copies = [folder / f"{place:05}.jpg" for place in range(count)]
    for source, copy in zip(_chosen(count), copies, strict=True):
        shutil.copyfile(source, copy)
    return [str(copy) for copy in copies]


def _sheets(folder: Path, count: int, *, columns: int, rows: int) -> list[str]:
    """JPEGs of so many photographs side by side, enlarged twice: as soft as a photograph of that size."""
    folder.mkdir()
    tiles = columns * rows
    sources = _chosen(count + tiles)
    copies = [folder / f"{place:05}.jpg" for place in range(count)]
    for place, copy in enumerate(copies):
        sheet = Image.new("RGB", (columns * _TILE_PX, rows * _TILE_PX))
        for tile, source in enumerate(sources[place : place + tiles]):
            picture = Image.open(source).convert("RGB").resize((_TILE_PX, _TILE_PX))
            sheet.paste(picture, (tile % columns * _TILE_PX, tile // columns * _TILE_PX))
        size = (sheet.width * _ENLARGED, sheet.height * _ENLARGED)
        buffer = io.BytesIO()
        sheet.resize(size, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
        copy.write_bytes(buffer.getvalue())
    return [str(copy) for copy in copies]


def _chosen(count: int) -> list[Path]:
    sources = sorted(_PICTURES.rglob("*.jpg"))
    if not sources:
        sys.exit(f"No photographs in {_PICTURES}; put some .jpg files there.")
    order = np.random.default_rng(0).permutation(len(sources))
    return [sources[order[place % len(sources)]] for place in range(count)]


if __name__ == "__main__":
    main()
