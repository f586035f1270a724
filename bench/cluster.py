"""What several machines would do, from what this one does: `python -m bench.cluster [IMAGES] [HASHES]`, with Ray.

Measures the rate of one core with and without Ray between, the catalogue's bytes a picture, and the time of the pair
search; then works out what docs/cluster.md says of a hundred million pictures. Nothing of that size is run here.
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from core.catalog.store import open_catalog
from core.duplicates.pairs import find_pairs
from core.duplicates.pieces import join_here, masks, plan
from core.duplicates.spread import Meeting, chunk_size, cut, meet_chunks, meetings, spread_over
from core.images.decoder import Decoder, Examined
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
        memory = _memory()
        with Decoder() as decoder:
            looks = {look.path: look for look in decoder.examine(paths)}
        write_seconds, stored = _store(Path(folder), looks)
    measured = {
        "cores": os.cpu_count(),
        "images": images,
        "picture": f"drawn JPEG of {_SIZE[0]} x {_SIZE[1]}, {sum(stored[2]) // images} bytes",
        "images_per_second_one_thread": round(alone, 1),
        "images_per_second_ray_all_cores": round(by_ray, 1),
        "rows_written_per_second": round(images / write_seconds),
        "memory_megabytes_of_a_worker": memory,
        "catalogue_bytes_a_picture": stored[0] // images,
        "thumbnail_bytes_a_picture": stored[1] // images,
        "load_average": round(os.getloadavg()[0], 1),
        "hashes": hashes,
        "pairs_seconds_here": round(join_seconds, 2),
        "pairs_seconds_by_ray": round(spread_seconds, 2),
    }
    result = {"measured": measured, "computed": _compute(alone, join_seconds / _work(hashes), sum(stored[2]) / images)}
    target = CHECKOUT / "bench" / "results" / "cluster.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _draw(folder: Path, images: int) -> list[Path]:
    folder.mkdir(parents=True)
    paths = [folder / f"{number:06}.jpg" for number in range(images)]
    for number, path in enumerate(paths):
        path.write_bytes(jpeg(number, size=_SIZE))
    return paths


class _Replay:
    """Hands that have looked at every file before, so that a scan only writes."""

    def __init__(self, looks: Mapping[Path | None, Examined]) -> None:
        self._looks = looks

    def share(self, value: object) -> object:
        return value

    def in_order(
        self,
        work: Callable[..., Any],
        pieces: Iterable[tuple[Any, ...]],
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[Any]:
        for paths, *_ in pieces:
            yield "here", [self._looks[path] for path in paths]


def _memory() -> dict[str, int]:
    """The most memory that a fresh process takes for what a worker does, in MB."""
    most = chunk_size(2 * _GOAL)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        return {
            "before_any_work": pool.submit(_peak, None, most).result(),
            "joining_two_full_chunks": pool.submit(_peak, _RADIUS, most).result(),
        }


def _peak(radius: int | None, most: int) -> int:
    if radius is not None:
        drawn = np.random.default_rng(2).integers(0, 2**64, (2, most), dtype=np.uint64, endpoint=False)
        pieces = plan(2 * _GOAL, radius)
        meet_chunks(drawn[0], drawn[1], Meeting(pieces[-1], tuple(pieces[:-1]), (0,), radius))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _store(home: Path, looks: Mapping[Path | None, Examined]) -> tuple[float, tuple[int, int, list[int]]]:
    """Seconds that writing takes, and bytes of the catalogue and of the thumbnails after it, and of each file."""
    workspace = open_workspace(home, environ={})
    database = open_catalog(workspace)
    seconds = _seconds(lambda: scan(workspace, database, cluster=_Replay(looks)))
    database.close()
    files = [path.stat().st_size for path in workspace.images.rglob("*.jpg")]
    return seconds, (workspace.catalog.stat().st_size, workspace.thumbnails.stat().st_size, files)


def _compute(images_per_second: float, seconds_a_unit: float, file_bytes: float) -> dict[str, float]:
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
        "hashes_of_a_chunk_at_most": chunk_size(hashes),
        "read_megabytes_a_second_with_64_cores": round(64 * images_per_second * file_bytes / 1e6, 1),
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
