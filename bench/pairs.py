"""How long near pairs among many hashes take, next to others: `python -m bench.pairs [--install] [--full]`.

Hashes are uniform, but for a tenth, each of which is another one with up to twelve bits flipped; all of them differ, so
that every contestant means the same by a pair, and a run fails where the numbers of pairs found differ. Each case runs
in a process of its own, all bound to one core, in turns; ratios are medians of the turns'
(who takes long has one turn, beside our first, which is our slowest). Peak memory is beyond what
the process held before. The growth exponent is the slope of log time over log number, from 10,000 on.
"""

import argparse
import json
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bench.rivals.process import Answer, Rival, installed
from core.workspace import CHECKOUT

__all__ = ["main"]

_RESULT: Final = CHECKOUT / "bench" / "results" / "pairs.json"
_SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
_RADII: Final = (4, 6, 10)
_USUAL_RADIUS: Final = 6
_CORE: Final = {0}
_LONG_SECONDS: Final = 5.0
"""A contestant that took longer has one turn only."""


@dataclass(frozen=True, slots=True)
class _Contestant:
    name: str
    module: str
    task: str
    most: int
    """Hashes up to which it runs by default; for the slow ones at the usual radius only."""
    most_in_full: int
    method: str = ""
    theirs: bool = False
    """Runs in the rivals' environment."""
    slow: bool = False

    def takes(self, size: int, radius: int, *, full: bool) -> bool:
        """Whether it runs so many hashes at that radius."""
        if full:
            return size <= self.most_in_full
        return size <= self.most and not (self.slow and size == self.most and radius != _USUAL_RADIUS)


_CONTESTANTS: Final = (
    _Contestant("ours", "bench.rivals.own", "search", 1_000_000, 1_000_000),
    _Contestant("numpy brute force", "bench.rivals.own", "brute", 10_000, 100_000),
    _Contestant("imagededup BK-tree", "bench.rivals.of_imagededup", "search", 1_000, 10_000, "bktree", theirs=True),
    _Contestant(
        "imagededup brute force",
        "bench.rivals.of_imagededup",
        "search",
        10_000,
        10_000,
        "brute_force_cython",
        theirs=True,
        slow=True,
    ),
    _Contestant("faiss flat binary", "bench.rivals.of_faiss", "search", 100_000, 1_000_000, theirs=True, slow=True),
)


def main() -> None:
    """Measure every number of hashes at every radius; write bench/results/pairs.json."""
    parser = argparse.ArgumentParser(description="Near pairs among many hashes, next to others.")
    parser.add_argument("--install", action="store_true", help="make the rivals' environment first (some gigabytes)")
    parser.add_argument("--full", action="store_true", help="the slow ones too, up to a million (half an hour)")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    python = installed(install=arguments.install)
    contestants = [contestant for contestant in _CONTESTANTS if python or not contestant.theirs]
    cases: dict[str, dict[str, dict[str, object]]] = {f"radius {radius}": {} for radius in _RADII}
    ours: dict[int, list[float]] = {radius: [] for radius in _RADII}
    with tempfile.TemporaryDirectory() as folder:
        for size in _SIZES:
            hashes = Path(folder) / f"{size}.npy"
            np.save(hashes, _draw(size))
            for radius in _RADII:
                asked = [one for one in contestants if one.takes(size, radius, full=arguments.full)]
                answers = _measure(asked, {"hashes": str(hashes), "radius": radius}, python, arguments.rounds)
                cases[f"radius {radius}"][f"{size:,} hashes"] = _summary(answers)
                ours[radius].append(statistics.median(answer.seconds for answer in answers["ours"]))
    growth = {f"radius {radius}": _exponent(ours[radius]) for radius in _RADII}
    result = {"rounds": arguments.rounds, "growth_exponent_of_ours": growth, **cases}
    _RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _draw(size: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """`size` different hashes, seeded; a tenth of them near another."""
    rng = np.random.default_rng(size)
    values = rng.integers(0, 1 << 64, size - size // 10, dtype=np.uint64)
    copies = values[: size // 10].copy()
    for flips in range(12):
        chosen = rng.random(len(copies)) < (12 - flips) / 12
        places = rng.integers(0, 64, len(copies), dtype=np.uint64)
        copies[chosen] ^= np.uint64(1) << places[chosen]
    return rng.permutation(np.unique(np.concatenate([values, copies])))


def _measure(
    contestants: list[_Contestant], argument: dict[str, object], python: Path | None, rounds: int
) -> dict[str, list[Answer]]:
    answers: dict[str, list[Answer]] = {contestant.name: [] for contestant in contestants}
    with ExitStack() as stack:
        running = {
            one: stack.enter_context(Rival(one.module, cores=_CORE, python=python if one.theirs else None))
            for one in contestants
        }
        for _ in range(rounds):
            for one, rival in running.items():
                mine = answers[one.name]
                if not mine or mine[-1].seconds < _LONG_SECONDS:
                    mine.append(rival.ask(one.task, {**argument, "method": one.method}))
    found = {name: mine[0].result for name, mine in answers.items()}
    if len(set(found.values())) > 1:
        sys.exit(f"They do not agree on the pairs ({argument}): {found}")
    return answers


def _summary(answers: dict[str, list[Answer]]) -> dict[str, object]:
    seconds = {name: statistics.median(answer.seconds for answer in mine) for name, mine in answers.items()}
    return {
        "pairs": answers["ours"][0].result,
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
        "peak_mib": {name: mine[0].peak_mib for name, mine in answers.items()},
        "times_faster_than": {
            name: round(
                statistics.median(a.seconds / b.seconds for a, b in zip(mine, answers["ours"], strict=False)), 1
            )
            for name, mine in answers.items()
            if name != "ours"
        },
    }


def _exponent(seconds: list[float]) -> float:
    sizes = np.log(_SIZES[1:])
    return round(float(np.polyfit(sizes, np.log(seconds[1:]), 1)[0]), 2)


if __name__ == "__main__":
    main()
