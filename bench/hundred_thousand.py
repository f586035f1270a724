"""A hundred thousand pictures from end to end, by the command line: `python -m bench.hundred_thousand [--pictures N]`.

The pictures are drawn first (bench/crowd.py: JPEGs of 64 to 128 px, seeded, 3 % of them copies), into a folder under
build/ that is deleted at the end, unless `--keep` names another one. Then:

- `scan` is interrupted when half of the pictures are in the catalogue, and runs again to the end;
- `scan` runs once more with nothing to do, and strace, where it is installed, counts the pictures that it opens;
- `duplicates` runs, and what it finds is held against what was planted;
- the catalogue is opened, without and with the note that says that its pages are sound.

Memory is the most that the command and its decoders held together. About six minutes on two cores that do nothing else.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from bench.crowd import draw_crowd
from bench.watched import Watched, watch
from core.catalog.schema import CATALOG
from core.catalog.store import open_catalog
from core.database import open_database
from core.workspace import CHECKOUT, Workspace, open_workspace

__all__ = ["main"]

_RESULT: Final = CHECKOUT / "bench" / "results" / "hundred_thousand.json"
_BUILD: Final = CHECKOUT / "build"
_LOOK_SECONDS: Final = 1.0


def main() -> None:
    """Measure all of it; write bench/results/hundred_thousand.json."""
    parser = argparse.ArgumentParser(description="Many pictures from end to end.")
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="make the workspace here and leave it there")
    arguments = parser.parse_args()
    _BUILD.mkdir(exist_ok=True)
    with nullcontext(arguments.keep) if arguments.keep else tempfile.TemporaryDirectory(dir=_BUILD) as home:
        workspace = open_workspace(Path(home), environ={})
        start = time.perf_counter()
        planted = draw_crowd(workspace.images, arguments.pictures)
        result = {
            "planted": asdict(planted),
            "drawing_seconds": round(time.perf_counter() - start, 1),
            **_scan(workspace, arguments.pictures),
            "scan_of_nothing_new": _scan_again(workspace, arguments.pictures),
            "duplicates": _duplicates(workspace),
            "opening_the_catalogue": _open(workspace),
        }
    _RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _scan(workspace: Workspace, pictures: int) -> dict[str, Any]:
    """Half, an interruption, and the rest."""
    halfway = _Halfway(workspace, pictures // 2)
    first = watch(workspace.home, ["scan"], stop=halfway.is_reached)
    stored = halfway.stored()
    rest = watch(workspace.home, ["scan"])
    if rest.answer is None or (rest.answer["images"], rest.answer["new"]) != (pictures, pictures - stored):
        sys.exit(f"After {stored} pictures of the interrupted scan the second one said {rest.answer}.")
    rate = pictures / (first.seconds + rest.seconds)
    return {
        "scan_interrupted": {"pictures_kept": stored, "seconds": first.seconds, "peak_mib": first.peak_mib},
        "scan_resumed": {"pictures": pictures - stored, "seconds": rest.seconds, "peak_mib": rest.peak_mib},
        "scanned_per_second": round(rate, 1),
    }


class _Halfway:
    """Looks now and then how many pictures the catalogue holds."""

    def __init__(self, workspace: Workspace, many: int) -> None:
        self._path = workspace.catalog
        self._many = many
        self._next = 0.0

    def is_reached(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + _LOOK_SECONDS
        return self.stored() >= self._many

    def stored(self) -> int:
        """The rows of the catalogue; 0 while there is none."""
        if not self._path.exists() or not self._path.stat().st_size:
            return 0
        database = open_database(self._path, CATALOG)
        with database.read() as connection:
            count = int(connection.execute("SELECT COUNT(*) FROM image").fetchone()[0])
        database.close()
        return count


def _scan_again(workspace: Workspace, pictures: int) -> dict[str, Any]:
    """With nothing to do; once for the time, and once under strace."""
    again = watch(workspace.home, ["scan"])
    if again.answer is None or (again.answer["images"], again.answer["new"]) != (pictures, 0):
        sys.exit(f"The scan of nothing new said {again.answer}.")
    return {"seconds": again.seconds, "peak_mib": again.peak_mib, "pictures_opened": _opened(workspace)}


def _opened(workspace: Workspace) -> int | None:
    """How many pictures a scan opens; None where there is no strace."""
    strace = shutil.which("strace")
    if strace is None:
        print("strace is not installed, so nobody counts the files that a scan opens.", file=sys.stderr)
        return None
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "opened"
        traced = [strace, "-f", "--seccomp-bpf", "-e", "trace=open,openat,openat2", "-o", str(log)]
        watch(workspace.home, ["scan"], before=traced)
        with log.open(encoding="utf-8", errors="replace") as lines:
            return sum(f'"{workspace.images}/' in line and "O_DIRECTORY" not in line for line in lines)


def _duplicates(workspace: Workspace) -> dict[str, Any]:
    found: Watched = watch(workspace.home, ["duplicates"])
    clusters = found.answer["clusters"]
    return {
        "seconds": found.seconds,
        "peak_mib": found.peak_mib,
        "clusters": dict(Counter(cluster["kind"] for cluster in clusters)),
        "copies_found": sum(len(cluster["images"]) - 1 for cluster in clusters),
        "in_two_classes": found.answer["conflicts"],
    }


def _open(workspace: Workspace) -> dict[str, float]:
    """Milliseconds, the file being in memory."""
    (workspace.cache / "catalog.checked").unlink(missing_ok=True)
    taken = []
    for _ in range(2):
        start = time.perf_counter()
        open_catalog(workspace).close()
        taken.append(round((time.perf_counter() - start) * 1000, 1))
    return {"looking_through_all_pages_ms": taken[0], "known_to_be_sound_ms": taken[1]}


if __name__ == "__main__":
    main()
