"""The kernel's counts of kills for memory, in both generations of control groups."""

from pathlib import Path

import pytest

from core.jobs.memory import oom_kills


@pytest.mark.parametrize(
    ("membership", "counter"),
    [
        ("0::/user/app\n", "user/app/memory.events"),
        ("0::/\n", "memory.events"),
        ("9:pids:/\n4:memory:/box/1\n0::/\n", "memory/box/1/memory.oom_control"),
        ("4:cpu,memory:/elsewhere\n", "memory/memory.oom_control"),
    ],
)
def test_the_innermost_counter_that_exists_counts(tmp_path: Path, membership: str, counter: str) -> None:
    (tmp_path / "membership").write_text(membership, encoding="utf-8")
    path = tmp_path / "root" / counter
    path.parent.mkdir(parents=True)
    path.write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n", encoding="utf-8")
    assert oom_kills(tmp_path / "root", membership=tmp_path / "membership") == 7


def test_without_a_counter_nobody_knows(tmp_path: Path) -> None:
    assert oom_kills(tmp_path, membership=tmp_path / "absent") is None
