"""What a job's process writes down while it works and when it ends."""

import json
import math
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import InputError, StoppedError
from core.jobs.record import Status, read_status, write_note, write_status
from core.jobs.reporter import SILENT, report
from core.workspace import CHECKOUT
from tests.support.waiting import until


def test_a_job_that_ends_well_has_told_how_far_it_was(tmp_path: Path) -> None:
    with report(tmp_path / "job", "Count", heartbeat_seconds=0.05) as reporter:
        first = read_status(tmp_path / "job")
        reporter.progress(1, 4, "one of four")
        reporter.update(epoch=1, loss=math.nan)
        seen = until(lambda: (status := read_status(tmp_path / "job")).done == 1 and status)
        reporter.progress(4, 4, "all")
    last = read_status(tmp_path / "job")
    assert (first.state, first.pid, first.title) == ("running", os.getpid(), "Count")
    assert isinstance(seen, Status)
    assert (seen.message, seen.extra) == ("one of four", {"epoch": 1, "loss": None})
    assert (last.state, last.done, last.total, last.cause) == ("finished", 4, 4, None)
    assert last.finished is not None
    assert last.eta_seconds is None


def test_the_heartbeat_goes_on_while_the_work_says_nothing(tmp_path: Path) -> None:
    with report(tmp_path, heartbeat_seconds=0.05):
        first = read_status(tmp_path).pulse
        until(lambda: read_status(tmp_path).pulse != first)


def test_progress_is_written_at_most_four_times_a_second(tmp_path: Path) -> None:
    written: set[int] = set()
    with report(tmp_path) as reporter:
        begun = time.monotonic()
        while time.monotonic() - begun < 1.0:
            reporter.progress(len(written), 100)
            written.add((tmp_path / "status.json").stat().st_mtime_ns)
        passed = time.monotonic() - begun
    assert 2 <= len(written) <= passed * 4 + 2


@pytest.mark.parametrize(
    ("exc", "state", "cause"),
    [
        (InputError("The width 7 is odd; give an even one."), "failed", "error"),
        (MemoryError(), "failed", "out_of_memory"),
        (FloatingPointError("nan"), "failed", "nan"),
        (StoppedError("asked"), "stopped", None),
        (KeyboardInterrupt(), "stopped", None),
    ],
)
def test_an_exception_becomes_a_reason(tmp_path: Path, exc: BaseException, state: str, cause: str | None) -> None:
    with report(tmp_path):
        _raise(exc)
    status = read_status(tmp_path)
    assert (status.state, status.cause) == (state, cause)
    assert (status.error is None) == (state == "stopped")
    if state == "failed":
        assert type(exc).__name__ in (tmp_path / "log.txt").read_text(encoding="utf-8")


def test_leaving_the_process_from_within_is_a_failure_and_still_leaves_it(tmp_path: Path) -> None:
    with pytest.raises(SystemExit), report(tmp_path):
        raise SystemExit(3)
    assert read_status(tmp_path).state == "failed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_to_stop_and_a_second_one_changes_nothing(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with report(tmp_path, heartbeat_seconds=0.05) as reporter:
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        until(reporter.stopped)
        until(lambda: read_status(tmp_path).state == "stopping")
    assert read_status(tmp_path).state == "stopped"
    assert signal.getsignal(number) == before


def test_a_note_asks_to_stop_as_well(tmp_path: Path) -> None:
    with report(tmp_path, heartbeat_seconds=0.05) as reporter:
        assert not reporter.stopped()
        write_note(tmp_path, "stop", {"forced": False})
        until(reporter.stopped)
    with report(tmp_path) as reporter:
        assert reporter.stopped()


def test_a_job_whose_folder_was_deleted_stops_and_does_not_make_it_anew(tmp_path: Path) -> None:
    with report(tmp_path / "job", heartbeat_seconds=0.05) as reporter:
        (tmp_path / "job").rename(tmp_path / "bin")
        until(reporter.stopped)
    assert not (tmp_path / "job").exists()


def test_a_forked_child_dies_of_the_signal_that_its_parent_would_obey(tmp_path: Path) -> None:
    with report(tmp_path):
        ready, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(tell, b"x")
            time.sleep(60)
            os._exit(0)
        os.read(ready, 1)
        os.close(ready)
        os.close(tell)
        os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGTERM
    assert read_status(tmp_path).state == "finished"


def test_what_an_earlier_process_told_stays_when_the_job_goes_on(tmp_path: Path) -> None:
    write_status(tmp_path, Status("queued", created=5.0, seconds=100.0, title="Train", done=7, extra={"epoch": 3}))
    with report(tmp_path) as reporter:
        reporter.update(best=0.5)
    status = read_status(tmp_path)
    assert (status.created, status.title, status.done, status.extra) == (5.0, "Train", 7, {"epoch": 3, "best": 0.5})
    assert status.seconds >= 100.0


def test_a_full_disk_does_not_swallow_the_end(tmp_path: Path) -> None:
    """A disk of 64 KB, filled up by the job itself: no room for a new file, but the old one's blocks are there."""
    script = f"""
import sys
from pathlib import Path
from core.jobs.reporter import report
folder = Path({str(tmp_path)!r})
with report(folder / "job", "Fill") as reporter:
    with (folder / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
sys.stdout.write((folder / "job" / "status.json").read_text())
"""
    mount = f"mount -t tmpfs -o size=64k none {tmp_path} && exec {sys.executable} -c {shlex.quote(script)}"
    command = ["unshare", "-Urm", "sh", "-c", mount]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT)
    if done.returncode:
        pytest.skip(f"this machine lets nobody mount a small disk: {done.stderr.strip()[-200:]}")
    status = json.loads(done.stdout)
    assert (status["state"], status["cause"]) == ("failed", "disk_full")
    assert status["hint"].startswith("Free some space")


def test_values_that_no_file_can_hold_fail_where_they_are_given(tmp_path: Path) -> None:
    with report(tmp_path) as reporter:
        with pytest.raises(TypeError):
            reporter.update(best=object())
        with pytest.raises(ValueError, match="state"):
            reporter.update(state="fine")
    assert read_status(tmp_path).state == "finished"


def test_a_thread_may_report_too(tmp_path: Path) -> None:
    def work() -> None:
        with report(tmp_path) as reporter:
            reporter.progress(1, 1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert read_status(tmp_path).state == "finished"


def test_the_silent_reporter_never_stops() -> None:
    SILENT.progress(1, 2, "x")
    SILENT.update(a=1)
    assert not SILENT.stopped()


def _raise(exc: BaseException) -> None:
    raise exc
