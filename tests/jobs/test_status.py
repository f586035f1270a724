"""status.json: written whole, read whatever is left of it, and never believed against the processes."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import NotFoundError
from core.jobs.identity import Identity, boot_id, host, identity_of
from core.jobs.process import stop
from core.jobs.record import Status, read_note, write_note
from core.jobs.status import acknowledge, is_acknowledged, observe, read_status, write_status
from tests.support.waiting import until


def _running(identity: Identity) -> Status:
    return Status(
        "running",
        pid=identity.pid,
        started=identity.started,
        boot_id=identity.boot_id,
        host=identity.host,
        heartbeat=time.time(),
        pulse=time.monotonic(),
        title="A job",
        done=3,
        total=9,
        extra={"epoch": 2, "best": None},
    )


def _me() -> Identity:
    identity = identity_of(os.getpid())
    assert identity is not None
    return identity


def test_a_status_is_read_as_it_was_written_with_its_own_fields_beside_the_common_ones(tmp_path: Path) -> None:
    status = _running(_me())
    write_status(tmp_path, status)
    assert read_status(tmp_path) == status
    assert json.loads((tmp_path / "status.json").read_bytes())["epoch"] == 2


def test_fields_of_the_job_may_not_hide_the_common_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pid"):
        write_status(tmp_path, Status("queued", extra={"pid": 1}))


def test_a_missing_job_is_named_and_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="gone"):
        read_status(tmp_path / "gone")
    assert read_status(tmp_path).state == "lost"
    assert "status.json is missing" in str(observe(tmp_path).error)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.9, 0.99])
def test_of_a_torn_status_what_can_be_read_is_kept_and_nothing_is_overwritten(tmp_path: Path, share: float) -> None:
    write_status(tmp_path, _running(_me()))
    content = (tmp_path / "status.json").read_bytes()
    torn = content[: int(len(content) * share)]
    (tmp_path / "status.json").write_bytes(torn)
    status = observe(tmp_path)
    assert status.error is not None
    assert "unreadable" in status.error
    assert status.state == ("running" if share >= 0.5 else "lost")
    assert (tmp_path / "status.json").read_bytes() == torn


def test_nonsense_in_the_file_is_no_traceback(tmp_path: Path) -> None:
    for text in ("[]", '{"state": 7}', '{"state": "dancing"}', "\0\0\0", "null"):
        (tmp_path / "status.json").write_text(text, encoding="utf-8")
        assert "unreadable" in str(observe(tmp_path).error)


def test_a_live_process_is_running(tmp_path: Path) -> None:
    status = _running(_me())
    write_status(tmp_path, status)
    assert observe(tmp_path) == status


def test_a_recycled_pid_is_lost_and_its_new_owner_is_never_signalled(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as innocent:
        identity = identity_of(innocent.pid)
        assert identity is not None
        write_status(tmp_path, _running(dataclasses.replace(identity, started=identity.started - 50)))
        assert stop(tmp_path, grace_seconds=0).state == "lost"
        assert observe(tmp_path).cause == "killed"
        assert innocent.poll() is None
        innocent.kill()


def test_a_restarted_machine_is_the_reason_when_the_boot_id_is_another(tmp_path: Path) -> None:
    write_status(tmp_path, _running(dataclasses.replace(_me(), boot_id="before")))
    status = observe(tmp_path)
    assert (status.state, status.cause) == ("lost", "host_restarted")
    assert read_status(tmp_path) == status


def test_a_job_of_another_host_is_judged_by_its_heartbeat_alone_and_not_signalled(tmp_path: Path) -> None:
    status = _running(dataclasses.replace(_me(), host="elsewhere"))
    write_status(tmp_path, status)
    assert observe(tmp_path) == status
    assert stop(tmp_path).state == "running"
    assert read_note(tmp_path, "stop")["forced"] is False
    write_status(tmp_path, dataclasses.replace(status, heartbeat=time.time() - 3600))
    assert observe(tmp_path).state == "lost"
    assert "elsewhere" in str(observe(tmp_path).error)


def test_a_zombie_is_dead_and_tells_what_killed_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        identity = identity_of(child.pid)
        assert identity is not None
        write_status(tmp_path, _running(identity))
        child.kill()
        until(lambda: identity_of(child.pid) is None)
        status = observe(tmp_path)
    assert (status.state, status.cause) == ("lost", "killed")
    assert "signal 9" in str(status.error)


def test_no_change_of_the_clock_makes_a_job_silent_or_lost(tmp_path: Path) -> None:
    for jump in (-86_400.0, 86_400.0):
        status = dataclasses.replace(_running(_me()), heartbeat=time.time() + jump)
        write_status(tmp_path, status)
        assert observe(tmp_path) == status


def test_a_silent_process_does_not_respond_but_is_not_dead(tmp_path: Path) -> None:
    write_status(tmp_path, dataclasses.replace(_running(_me()), pulse=time.monotonic() - 60))
    status = observe(tmp_path)
    assert status.state == "running"
    assert status.message.startswith("Not responding since")


def test_a_job_whose_starter_died_over_it_is_lost_in_the_end(tmp_path: Path) -> None:
    status = Status("starting", boot_id=boot_id(), host=host(), heartbeat=time.time(), pulse=time.monotonic())
    write_status(tmp_path, status)
    assert observe(tmp_path).state == "starting"
    write_status(tmp_path, dataclasses.replace(status, pulse=time.monotonic() - 600))
    assert observe(tmp_path).error == "It was never started."


def test_a_process_that_died_before_its_first_word_is_known_by_the_note_of_its_parent(tmp_path: Path) -> None:
    write_status(tmp_path, Status("starting", boot_id=boot_id(), host=host(), pulse=time.monotonic()))
    write_note(tmp_path, "process", dataclasses.asdict(dataclasses.replace(_me(), pid=2**22 + 5)))
    assert observe(tmp_path).cause == "killed"


def test_the_kernels_count_of_kills_for_memory_names_the_reason(tmp_path: Path) -> None:
    counters = tmp_path / "cgroup"
    counters.mkdir()
    (counters / "memory.events").write_text("low 0\noom 2\noom_kill 4\n", encoding="utf-8")
    folder = tmp_path / "job"
    folder.mkdir()
    gone = dataclasses.replace(_me(), pid=2**22 + 5)
    write_status(folder, _running(gone))
    write_note(folder, "process", dataclasses.asdict(gone) | {"oom_kills": 3})
    status = observe(folder, cgroup=counters)
    assert (status.state, status.cause) == ("lost", "out_of_memory")
    assert "batch" in str(status.hint)


def test_a_reader_without_the_right_to_write_sees_the_truth_too(tmp_path: Path) -> None:
    write_status(tmp_path, _running(dataclasses.replace(_me(), boot_id="before")))
    (tmp_path / ".lock").mkdir()
    assert observe(tmp_path).cause == "host_restarted"
    assert read_status(tmp_path).state == "running"


def test_a_failure_is_read_once(tmp_path: Path) -> None:
    assert not is_acknowledged(tmp_path)
    acknowledge(tmp_path)
    acknowledge(tmp_path)
    assert is_acknowledged(tmp_path)
