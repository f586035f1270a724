"""What several machines would do, from what this one does: `python -m bench.cluster [IMAGES] [HASHES]`, with Ray.

Measures the rate of one core with and without Ray between, the catalogue's bytes a picture, and the time of the pair
search; then works out what docs/cluster.md says of a hundred million pictures. Nothing of that size is run here.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.catalog.store import open_catalog
from core.duplicates.pairs import find_pairs
from core.duplicates.pieces import join_here, masks, plan
from core.duplicates.spread import chunk_size, cut, meetings, spread_over
from core.images.decoder import Decoder
from core.images.examiner import ShardExaminer
from core.images.scan import scan
from core.jobs.cluster import open_cluster
from core.workspace import CHECKOUT, open_workspace
from tests.support.pictures import jpeg

__all__ = ["main"]

_SIZE = (640, 480)
_RADIUS = 6
_GOAL = 100_000_000


def main(images: int = 2048, hashes: int = 1_000_000) -> None:
    """Measure, compute, write bench/results/cluster.json."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _draw(Path(folder) / "data" / "images" / "drawn", images)
        with Decoder(processes=1) as decoder:
            alone = images / _seconds(lambda: sum(1 for _ in decoder.examine(paths)))
        with open_cluster({}) as cluster:
            list(ShardExaminer(cluster, decoder, shard=1).examine(paths[:4]))  # the workers start
            by_ray = images / _seconds(lambda: list(ShardExaminer(cluster, decoder).examine(paths)))
            values = np.random.default_rng(0).integers(0, 2**64, hashes, dtype=np.uint64, endpoint=False)
            join_seconds = _seconds(lambda: find_pairs(values, _RADIUS, join=join_here))
            spread_seconds = _seconds(lambda: find_pairs(values, _RADIUS, join=spread_over(cluster)))
        stored = _stored_bytes(Path(folder))
    measured = {
        "cores": os.cpu_count(),
        "images": images,
        "picture": f"drawn JPEG of {_SIZE[0]} x {_SIZE[1]}, {sum(stored[2]) // images} bytes",
        "images_per_second_one_thread": round(alone, 1),
        "images_per_second_ray_all_cores": round(by_ray, 1),
        "catalogue_bytes_a_picture": stored[0] // images,
        "thumbnail_bytes_a_picture": stored[1] // images,
        "load_average": round(os.getloadavg()[0], 1),
        "hashes": hashes,
        "pairs_seconds_here": round(join_seconds, 2),
        "pairs_seconds_by_ray": round(spread_seconds, 2),
    }
    result = {"measured": measured, "computed": _compute(alone, join_seconds / _work(hashes))}
    target = CHECKOUT / "bench" / "results" / "cluster.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _draw(folder: Path, images: int) -> list[Path]:
    folder.mkdir(parents=True)
    paths = [folder / f"{number:06}.jpg" for number in range(images)]
    for number, path in enumerate(paths):
        path.write_bytes(jpeg(number, size=_SIZE))
    return paths


def _stored_bytes(home: Path) -> tuple[int, int, list[int]]:
    """Of the catalogue and of the thumbnails after a scan, and of each file."""
    workspace = open_workspace(home, environ={})
    database = open_catalog(workspace)
    scan(workspace, database)
    database.close()
    files = [path.stat().st_size for path in workspace.images.rglob("*.jpg")]
    return workspace.catalog.stat().st_size, workspace.thumbnails.stat().st_size, files


def _compute(images_per_second: float, seconds_a_unit: float) -> dict[str, float]:
    """Two hashes a picture: the straight and the mirrored one."""
    hashes = 2 * _GOAL
    pieces = plan(hashes, _RADIUS)
    sample = np.random.default_rng(1).integers(0, 2**64, 1 << 16, dtype=np.uint64, endpoint=False)
    most = chunk_size(hashes) * len(sample) // hashes  # a sample cut into as many chunks as the whole would be
    cuts = [(piece, cut(sample, piece, most)) for piece in pieces]
    meets = [list(meetings(chunks, piece, count=len(sample), most=most)) for piece, chunks in cuts]
    sent = sum(
        len(chunks[a].members) + (a != b) * len(chunks[b].members)
        for (_, chunks), wanted in zip(cuts, meets, strict=True)
        for a, b, _ in wanted
    )
    return {
        "pictures": _GOAL,
        "scan_core_hours": round(_GOAL / images_per_second / 3600, 1),
        "pairs_pieces": len(pieces),
        "pairs_meetings": sum(len(wanted) for wanted in meets),
        "pairs_gigabytes_sent_at_most": round(sent * hashes / len(sample) * 8 / 1e9),
        "pairs_chunks": sum(len(chunks) for _, chunks in cuts),
        "pairs_core_hours": round(_work(hashes) * seconds_a_unit / 3600, 1),
        "hashes_gigabytes": hashes * 8 / 1e9,
    }


def _work(count: int) -> float:
    """Candidates and looks into tables of a join of so many hashes: what its time grows with."""
    total = 0.0
    for piece in plan(count, _RADIUS):
        choices = sum(1 for _ in masks(piece))
        total += choices * (count * count / 2 / 2.0**piece.bits + 2.5 * count / 2)
    return total


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
