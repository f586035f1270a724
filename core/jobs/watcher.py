"""`python -m core.jobs.watcher FOLDER`: waits until a job that was asked to stop is gone, and kills it when it is late.

A process of its own, so that neither a page has to wait nor a closed app forgets.
"""

import sys
import time
from pathlib import Path

from core.jobs.identity import life_of
from core.jobs.process import force
from core.jobs.record import process_of, read_note, read_status
from core.jobs.status import observe

__all__ = ["watch"]

_POLL_SECONDS = 0.1


def watch(folder: Path) -> None:
    """Return when the process of the job in `folder` is gone, killed if it outlives the time its stop note gives."""
    until = read_note(folder, "stop").get("until")
    identity = process_of(folder, read_status(folder))
    if identity is None or not isinstance(until, int | float):
        return
    while life_of(identity) == "alive":
        if time.monotonic() > until:
            force(folder)
        time.sleep(_POLL_SECONDS)
    observe(folder)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
