"""metrics.jsonl: one whole line a record, whatever crashed in between."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StorageError
from core.runs.metrics import MetricsWriter, read_metrics, without_replayed
from core.workspace import CHECKOUT


def test_records_come_back_as_they_were_written_with_null_for_what_is_no_number(tmp_path: Path) -> None:
    with MetricsWriter(tmp_path, clock=lambda: 12.5) as metrics:
        metrics.write("step", 1, 0, **{"loss/train": 0.5, "lr": 1e-3})
        metrics.write("eval", 2, 1, **{"loss/val": math.nan, "accuracy/val": math.inf, "loss/d": None})
    records, end = read_metrics(tmp_path)
    assert records == [
        {"t": 12.5, "kind": "step", "step": 1, "epoch": 0, "loss/train": 0.5, "lr": 1e-3},
        {"t": 12.5, "kind": "eval", "step": 2, "epoch": 1, "loss/val": None, "accuracy/val": None, "loss/d": None},
    ]
    content = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8")
    assert end == len(content)
    assert "NaN" not in content


def test_a_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    with MetricsWriter(tmp_path) as metrics:
        metrics.write("step", 1, 0, loss=1.0)
        first, end = read_metrics(tmp_path)
        metrics.write("step", 2, 0, loss=2.0)
        second, last = read_metrics(tmp_path, since=end)
    assert [record["step"] for record in first + second] == [1, 2]
    assert read_metrics(tmp_path, since=last) == ([], last)


@pytest.mark.parametrize("since", [-5, 10**9])
def test_a_place_that_cannot_be_reads_from_the_start(tmp_path: Path, since: int) -> None:
    with MetricsWriter(tmp_path) as metrics:
        metrics.write("step", 1, 0, loss=1.0)
    assert read_metrics(tmp_path, since=since)[0] == read_metrics(tmp_path)[0]


def test_without_a_file_there_are_no_records(tmp_path: Path) -> None:
    assert read_metrics(tmp_path) == ([], 0)


def test_a_torn_last_line_is_ignored_and_a_resumed_run_begins_on_a_fresh_one(tmp_path: Path) -> None:
    """Matrix 5, at every byte."""
    with MetricsWriter(tmp_path, clock=lambda: 1.0) as metrics:
        metrics.write("step", 1, 0, loss=1.0)
        metrics.write("step", 2, 0, loss=2.0)
    path = tmp_path / "metrics.jsonl"
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    for length in range(first, len(content)):
        path.write_bytes(content[:length])
        assert [record["step"] for record in read_metrics(tmp_path)[0]] == [1]
        with MetricsWriter(tmp_path, clock=lambda: 1.0) as metrics:
            metrics.write("step", 3, 0, loss=3.0)
        steps = [record["step"] for record in read_metrics(tmp_path)[0]]
        assert steps == ([1, 2, 3] if length == len(content) - 1 else [1, 3])


def test_a_damaged_line_between_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_bytes(b'{"step": 1}\n\xff\xfe{\n[1]\n\n{"step": 2}\n')
    assert read_metrics(tmp_path)[0] == [{"step": 1}, {"step": 2}]


def test_a_full_disk_is_said_and_the_next_record_is_whole_again(tmp_path: Path) -> None:
    """RLIMIT_FSIZE stands for a full disk: half a line is written, then nothing, then the limit is lifted."""
    script = f"""
import resource, signal
from pathlib import Path
from core.errors import StorageError
from core.runs.metrics import MetricsWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
with MetricsWriter(Path({str(tmp_path)!r})) as metrics:
    metrics.write("step", 1, 0, loss=1.0)
    size = metrics.path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, hard))
    for step in (2, 3):
        try:
            metrics.write("step", step, 0, loss=2.0)
        except StorageError:
            continue
        raise SystemExit("it was written")
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    metrics.write("step", 4, 0, loss=4.0)
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=CHECKOUT)
    assert [record["step"] for record in read_metrics(tmp_path)[0]] == [1, 4]


def test_a_folder_that_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").mkdir()
    with pytest.raises(StorageError, match=r"metrics\.jsonl"):
        MetricsWriter(tmp_path)


def test_what_a_resumed_run_did_again_counts_once(tmp_path: Path) -> None:
    lines = [(1, "step"), (2, "step"), (2, "epoch"), (3, "step"), (4, "step"), (3, "step"), (4, "step"), (4, "epoch")]
    records: list[dict[str, object]] = [
        {"step": step, "kind": kind, "at": number} for number, (step, kind) in enumerate(lines)
    ]
    assert [record["at"] for record in without_replayed(records)] == [0, 1, 2, 5, 6, 7]
    assert without_replayed([]) == []


def test_a_step_that_was_recorded_just_before_the_kill_counts_once_too() -> None:
    records: list[dict[str, object]] = [{"step": 3, "kind": kind} for kind in ("step", "epoch", "step")]
    assert without_replayed(records) == records[2:]
