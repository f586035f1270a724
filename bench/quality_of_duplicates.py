"""How well copies are told from pictures that are merely alike: `python -m bench.quality_of_duplicates [--install]`.

Ours beside plain pHash (imagehash, all pairs within the same distance) and imagededup's PHash, on the same files in one
run. Ours is judged by what a person sees: two pictures count as joined when they are in one cluster.

What tells crops, pages and turned copies from other pictures was chosen on edits of one half of the pictures, drawn
from other seeds, and on a draw of both halves before three thresholds were loosened; the edits of the other half stand
apart in the result, as `edits_held_out`. The figures of this draw were read while the last two thresholds were chosen
on other draws, and when pairs within 8 bits of pHash came to be laid over each other too: one JPEG and one lighter
picture of 182 each had been missed.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image

from bench.edits import EDITS
from bench.rivals.process import installed
from core.catalog.store import open_catalog
from core.duplicates.clusters import find_clusters
from core.images.decode import load_rgb
from core.images.scan import scan
from core.workspace import CHECKOUT, open_workspace

__all__ = ["main"]

Pair = tuple[str, str]
Found = dict[int, set[Pair]]
"""By distance."""
Finder = Callable[[Path, Sequence[int]], Found]

_FIELD = CHECKOUT.parent / "shared" / "data"
_SEED = 0
_HELD_OUT = (
    "edits_held_out are those of pictures whose name's SHA-256 begins with an odd byte; thresholds were chosen on "
    "edits of the other pictures, drawn from other seeds"
)
_SAME_SCENE = {
    "bridge-same": "bridge", "modes-same": "bridge", "dihedral-same": "bridge", "forest-same": "forest",
}  # fmt: skip
_ON_PAPER = CHECKOUT / "bench" / "flower_pairs.json"
"""What a person saw in each pair of flowers within 10 bits, or that agree when laid over each other: `same` pictures;
`either` is recoloured, cropped anew or the next shot of a series, where both answers are right; all others are
different."""


@dataclass(frozen=True, slots=True)
class Score:
    right: int
    """Pairs joined that are copies."""
    wrong: int
    """Pairs joined that are none."""
    missed: int

    def as_row(self) -> dict[str, float | None]:
        found, there = self.right + self.wrong, self.right + self.missed
        precision = self.right / found if found else None
        recall = self.right / there if there else None
        f1 = 2 * self.right / (found + there) if found + there else None
        figures = {"precision": precision, "recall": recall, "f1": f1}
        counts = {"right": self.right, "wrong": self.wrong, "missed": self.missed}
        return {name: None if value is None else round(value, 4) for name, value in figures.items()} | counts


def main() -> None:
    """Judge all finders on all sets, write bench/results/quality_of_duplicates.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=2000)
    parser.add_argument("--distance", type=int, nargs="+", default=[6, 10])
    parser.add_argument("--install", action="store_true", help="make the rivals' environment first (some gigabytes)")
    asked = parser.parse_args()
    finders: dict[str, Finder] = {"ours": _ours, "plain_phash": _plain}
    python = installed(install=asked.install)
    if python is not None:
        finders["imagededup"] = lambda folder, distances: _peer(python, folder, distances)
    tables = _judge_all(finders, edits=asked.edits, distances=asked.distance)
    result = {
        "edits": asked.edits,
        "seed": _SEED,
        "held_out": _HELD_OUT,
        **{f"distance_{at}": table for at, table in tables.items()},
    }
    target = CHECKOUT / "bench" / "results" / "quality_of_duplicates.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _judge_all(
    finders: Mapping[str, Finder], *, edits: int, distances: Sequence[int]
) -> dict[int, dict[str, dict[str, object]]]:
    paper = json.loads(_ON_PAPER.read_text(encoding="utf-8"))
    same, either = ({_pair(*pair) for pair in paper[name]} for name in ("same", "either"))
    tables: dict[int, dict[str, dict[str, object]]] = {distance: {} for distance in distances}
    for name in ("neardup", "creatures256", "flowers"):
        folder = _FIELD / name
        truth = same if name == "flowers" else _same_scene(folder)
        found = {finder: find(folder, distances) for finder, find in finders.items()}
        for distance in distances:
            tables[distance][name] = {
                finder: _score(pairs[distance] - either, truth).as_row() for finder, pairs in found.items()
            }
    with tempfile.TemporaryDirectory() as made:
        origins = _make_edits(Path(made), edits, leave_out={name for pair in same | either for name in pair})
        found = {finder: find(Path(made), distances) for finder, find in finders.items()}
    held_out = {edit: origin for edit, origin in origins.items() if _is_held_out(origin)}
    for distance in distances:
        for name, mine in (("edits", origins), ("edits_held_out", held_out)):
            tables[distance][name] = {
                kind: {finder: _score_edits(pairs[distance], some).as_row() for finder, pairs in found.items()}
                for kind, some in {**_by_kind(mine), "all": mine}.items()
            }
    return tables


def _is_held_out(origin: str) -> bool:
    """Whether a picture is of the half on which no threshold was chosen."""
    return bool(sha256(Path(origin).name.encode()).digest()[0] % 2)


def _by_kind(origins: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {kind: {edit: o for edit, o in origins.items() if Path(edit).parent.name == kind} for kind in EDITS}


def _score(found: set[Pair], truth: set[Pair]) -> Score:
    return Score(len(found & truth), len(found - truth), len(truth - found))


def _score_edits(found: set[Pair], origins: Mapping[str, str]) -> Score:
    """Pairs of these edits with anything; each has one origin."""
    return _score({pair for pair in found if origins.keys() & set(pair)}, {_pair(*item) for item in origins.items()})


def _same_scene(folder: Path) -> set[Pair]:
    """Pairs of files in folders that hold edits of one picture."""
    scenes: dict[str, list[str]] = {}
    for path in _files(folder):
        scene = _SAME_SCENE.get(path.parent.name)
        if scene and _is_readable(path):
            scenes.setdefault(scene, []).append(str(path.relative_to(folder)))
    return {_pair(*two) for files in scenes.values() for two in combinations(files, 2)}


def _make_edits(folder: Path, count: int, *, leave_out: set[str]) -> dict[str, str]:
    """All flowers but those with another one alike, and edits of some; the origin of each edit, by relative path."""
    rng = np.random.default_rng(_SEED)
    flowers = [
        path for path in _files(_FIELD / "flowers") if str(path.relative_to(_FIELD / "flowers")) not in leave_out
    ]
    for path in flowers:
        place = folder / path.relative_to(_FIELD / "flowers")
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(path)
    origins: dict[str, str] = {}
    for number, place in enumerate(rng.permutation(len(flowers))[:count].tolist()):
        kind = list(EDITS)[number % len(EDITS)]
        target = folder / "edits" / kind / f"{number}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        EDITS[kind](load_rgb(flowers[place]), rng).save(target, quality=90)
        origins[str(target.relative_to(folder))] = str(flowers[place].relative_to(_FIELD / "flowers"))
    return origins


def _ours(folder: Path, distances: Sequence[int]) -> Found:
    with tempfile.TemporaryDirectory() as home:
        workspace = open_workspace(Path(home), environ={})
        for path in _files(folder):
            place = workspace.images / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
        database = open_catalog(workspace)
        scan(workspace, database)
        clusters = {distance: find_clusters(database, distance=distance) for distance in distances}
        database.close()
    return {
        distance: {_pair(*two) for one in found for two in combinations([member.path for member in one.members], 2)}
        for distance, found in clusters.items()
    }


def _plain(folder: Path, distances: Sequence[int]) -> Found:
    hashes: dict[str, int] = {}
    for path in _files(folder):
        if _is_readable(path):
            with Image.open(path) as picture:
                hashes[str(path.relative_to(folder))] = int(str(imagehash.phash(picture)), 16)
    names, values = list(hashes), np.array(list(hashes.values()), np.uint64)
    found: Found = {distance: set() for distance in distances}
    for place in range(len(values)):
        bits = np.bitwise_count(values[place + 1 :] ^ values[place])
        for distance, pairs in found.items():
            near = np.flatnonzero(bits <= distance) + place + 1
            pairs.update(_pair(names[place], names[other]) for other in near.tolist())
    return found


def _peer(python: Path, folder: Path, distances: Sequence[int]) -> Found:
    script = str(CHECKOUT / "bench" / "peer_pairs.py")
    command = [str(python), script, str(folder), *map(str, distances)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return {distance: {_pair(*two) for two in found[str(distance)]} for distance in distances}


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".txt"))


def _is_readable(path: Path) -> bool:
    try:
        with Image.open(path) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _pair(first: str, second: str) -> Pair:
    return (first, second) if first < second else (second, first)


if __name__ == "__main__":
    main()
