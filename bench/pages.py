"""How long each page's script runs at 10,000 images: `python -m bench.pages [IMAGES]`.

Every page is opened through the shell, as a browser's first visit would, then run again as a click would. The answer
of an empty Streamlit script in the same process stands beside it, so that the machine's own speed shows.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from core.api.desk import close_desk, desk
from core.catalog.classes import ensure_class
from core.catalog.images import add_images, reserve_paths
from core.catalog.records import Measured, NewImage
from core.database import Database
from core.dataset.split import make_split
from core.duplicates.clusters import update_clusters
from core.workspace import CHECKOUT
from ui.rooms import ROOMS
from ui.server import warm_up

__all__ = ["main"]

_CLASSES = 12
_COPIES = 300
_RUNS = 7


def main(images: int = 10_000) -> None:
    """Fill a catalogue with made-up rows, time every page, write bench/results/pages.json."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["SPECIMEN_HOME"] = home
        database = desk().opened.db
        _fill(database, images)
        update_clusters(database, distance=6)
        make_split(database)
        warm_up().join()
        empty = _milliseconds(AppTest.from_string("import streamlit as st\nst.title('empty')").run)
        pages = {room.name: _time_page(room.name, room.file) for room in ROOMS}
        close_desk()
    result = {"images": images, "empty_script_ms": empty, "pages": pages}
    target = CHECKOUT / "bench" / "results" / "pages.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _time_page(name: str, file: str) -> dict[str, float]:
    app = AppTest.from_file(CHECKOUT / "ui" / "shell.py", default_timeout=120)
    if name != "overview":
        app.run()
        app.switch_page(str(Path("..") / "pages" / file))
    start = time.perf_counter()
    app.run()
    first = (time.perf_counter() - start) * 1000
    again = [_milliseconds(app.run) for _ in range(_RUNS)]
    if app.exception or app.error:
        raise RuntimeError(f"{name} shows an error: {[item.value for item in (*app.exception, *app.error)]}")
    return {"first_ms": round(first, 1), "median_ms": round(statistics.median(again), 1), "worst_ms": max(again)}


def _milliseconds(run: object) -> float:
    start = time.perf_counter()
    run()  # type: ignore[operator]
    return round((time.perf_counter() - start) * 1000, 1)


def _fill(database: Database, images: int) -> None:
    random = np.random.default_rng(0)
    hashes = random.integers(0, 1 << 63, (images, 2), dtype=np.int64)
    hashes[images - _COPIES :] = hashes[:_COPIES] ^ 5
    for number in range(_CLASSES):
        class_id = ensure_class(database, f"class {number}").class_id
        mine = range(number, images, _CLASSES)
        paths = reserve_paths(database, class_id, ["jpg"] * len(mine))
        rows = [
            NewImage(path, path, class_id, _measured(at, int(hashes[at, 0]), int(hashes[at, 1]), random))
            for at, path in zip(mine, paths, strict=True)
        ]
        add_images(database, rows)


def _measured(number: int, phash: int, mirror: int, random: np.random.Generator) -> Measured:
    sharpness, brightness, contrast, entropy, white = (float(value) for value in random.random(5))
    return Measured(
        sha256=f"{number:064x}", bytes=20_000 + number, mtime_ns=number, inode=number, width=256, height=256,
        format="JPEG", mode="RGB", orientation=1, phash=phash, phash_mirror=mirror, sharpness=sharpness * 900,
        brightness=brightness, contrast=contrast / 2, entropy=entropy * 8, border_white=white, transparent=0.0,
    )  # fmt: skip


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
