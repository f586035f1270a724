"""How often the kernel has killed a process of ours because the memory ran out: cgroup v2 and v1."""

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["CGROUP", "oom_kills"]

CGROUP = Path("/sys/fs/cgroup")


def oom_kills(root: Path = CGROUP, *, membership: Path = Path("/proc/self/cgroup")) -> int | None:
    """The count of the innermost group that tells one; None where none does (no Linux, no rights, old kernels)."""
    for path in _counters(root, _lines(membership)):
        found = re.search(r"^oom_kill (\d+)$", _text(path), re.MULTILINE)
        if found:
            return int(found[1])
    return None


def _counters(root: Path, memberships: list[str]) -> Iterator[Path]:
    for line in memberships:
        _, controllers, group = line.split(":", 2)
        inner = group.strip("/")
        if not controllers:
            yield root / inner / "memory.events"
        elif "memory" in controllers.split(","):
            yield root / "memory" / inner / "memory.oom_control"
    yield root / "memory.events"
    yield root / "memory" / "memory.oom_control"


def _lines(path: Path) -> list[str]:
    return [line for line in _text(path).splitlines() if line.count(":") >= 2]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
