"""The child's end of a measurement: one request a line on stdin, its seconds and result a line on stdout.

Only the standard library, since it also runs in the environment of the libraries that we measure ourselves against.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

__all__ = ["serve"]

Task = Callable[[Any], object]

_FORGET_PEAK: Final = "5"


def serve(tasks: dict[str, Task]) -> None:
    """Run the tasks asked for until stdin ends; only the task's own work is on the clock.

    Memory is the peak of this process, without its children, beyond what it held when the task began, in MiB.
    """
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as replies:
        os.dup2(2, 1)  # what the libraries print must not end up between the replies
        for line in sys.stdin:
            request = json.loads(line)
            before = _mib("VmRSS")
            # Not getrusage: its peak outlives exec, so a child would begin with its parent's.
            Path("/proc/self/clear_refs").write_text(_FORGET_PEAK, encoding="ascii")
            start = time.perf_counter()
            result = tasks[request["task"]](request["argument"])
            seconds = time.perf_counter() - start
            reply = {"seconds": seconds, "result": result, "peak_mib": round(_mib("VmHWM") - before, 1)}
            replies.write(json.dumps(reply) + "\n")
            replies.flush()


def _mib(field: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:"))
