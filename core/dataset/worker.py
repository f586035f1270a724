"""The app's writing process: `python -m core.dataset.worker HOME IDLE_SECONDS`.

It writes annotations.csv for each line on stdin, and answers with a JSON line on stdout. It ends when nothing was asked
for that long, and at once, also amid a write, when who asks is gone: an app that was killed leaves nobody behind who
would overwrite the file later.
"""

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path

from core.catalog.store import open_catalog
from core.database import Database
from core.dataset.annotations import write_annotations
from core.errors import SpecimenError
from core.workspace import Workspace

__all__ = ["main"]


def main(home: Path, idle_seconds: float) -> int:
    """Write until idle or alone; the exit status, 0."""
    # A terminal's Ctrl-C reaches the whole group; the app decides when this process ends, by closing its pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    desk = _Desk(Workspace(home))
    with contextlib.suppress(SpecimenError):
        desk.open()  # while the app waits for a pause; an error is told when it asks
    while True:
        try:
            asked.get(timeout=idle_seconds)
        except queue.Empty:
            break
        os.write(1, json.dumps(_answer(desk)).encode() + b"\n")
    desk.close()
    return 0


class _Desk:
    """The catalogue as this process has it open."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._database: Database | None = None

    def open(self) -> Database:
        self._database = self._database or open_catalog(self.workspace)
        return self._database

    def close(self) -> None:
        if self._database is not None:
            self._database.close()


def _answer(desk: _Desk) -> dict[str, object]:
    try:
        return {"rows": write_annotations(desk.workspace, desk.open()).rows}
    except SpecimenError as exc:
        return {"error": [type(exc).__name__, str(exc)]}
    except Exception as exc:  # noqa: BLE001 - the edge of this process: the app needs an answer whatever happened
        traceback.print_exc()
        return {"error": ["SpecimenError", f"annotations.csv was not written: {type(exc).__name__}: {exc}."]}


def _listen(asked: queue.SimpleQueue[bytes]) -> None:
    while line := os.read(0, 1):
        asked.put(line)
    os._exit(0)  # whatever the other thread is at: half a file has no name yet, half a transaction no effect


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
