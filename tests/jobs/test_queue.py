"""The line at the devices: one click is one job, each job runs once, one at a time a device, whoever dies."""

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import InputError
from core.jobs.line import append, claim, claim_key, open_queue, waiting, working
from core.jobs.process import stop, wait
from core.jobs.queue import list_jobs, request_of, submit, wake
from core.jobs.record import Status, read_status, write_status
from core.jobs.requests import JobRequest, write_request
from core.jobs.runner import run_queue
from core.jobs.status import acknowledge, observe
from core.workspace import CHECKOUT, Workspace
from tests.jobs.program import LAUNCHER
from tests.support.waiting import until

_ONE_KEY = """
import sys
from pathlib import Path
from core.jobs.queue import submit
from core.workspace import Workspace
from tests.jobs.program import LAUNCHER
arguments = {"name": "once", "trace": sys.argv[2]}
workspace = Workspace(Path(sys.argv[1]))
folder = submit(workspace, kind="note", arguments=arguments, title="n", request_key="click", launcher=LAUNCHER)
sys.stdout.write(folder.name)
"""

_CLAIM_ALL = """
import sys
from pathlib import Path
from core.jobs.line import claim, open_queue, waiting
from core.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
with open_queue(workspace) as database:
    while rows := waiting(database, workspace):
        for row in rows:
            if claim(database, row.id):
                sys.stdout.write(f"{row.folder.name}\\n")
"""


def _note(
    workspace: Workspace, name: str, *, device: str | None = "cpu", pause: float = 0.0, after: str | None = None
) -> Path:
    trace = str(workspace.home / "trace")
    arguments: dict[str, object] = {"name": name, "trace": trace, "pause": pause}
    return submit(
        workspace, kind="note", arguments=arguments, title=name, device=device, after=after, launcher=LAUNCHER
    )


def _order(workspace: Workspace) -> list[str]:
    trace = workspace.home / "trace"
    return [line.split()[0] for line in trace.read_text(encoding="utf-8").splitlines()] if trace.exists() else []


def _runner_pid(workspace: Workspace) -> int | None:
    """The process that holds the runner's lock, as the kernel lists it."""
    path = workspace.data / "queue.runner"
    inode = str(path.stat().st_ino) if path.exists() else "-"
    for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
        fields = line.split()
        if fields[1] == "FLOCK" and fields[5].endswith(f":{inode}"):
            return int(fields[4])
    return None


def test_one_click_is_one_job_however_many_threads_and_processes_send_it(workspace: Workspace) -> None:
    """Matrix 23."""
    trace = workspace.home / "trace"
    found: list[str] = []

    def click() -> None:
        arguments: dict[str, object] = {"name": "once", "trace": str(trace)}
        folder = submit(workspace, kind="note", arguments=arguments, title="n", request_key="click", launcher=LAUNCHER)
        found.append(folder.name)

    command = [sys.executable, "-c", _ONE_KEY, str(workspace.home), str(trace)]
    others = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) for _ in range(4)]
    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found += [process.communicate()[0] for process in others]
    assert len(found) == 12
    assert len(set(found)) == 1
    assert [entry.name for entry in workspace.jobs.iterdir()] == [found[0]]
    assert wait(workspace.jobs / found[0], seconds=20).state == "finished"
    assert _order(workspace) == ["once"]


def test_each_of_200_jobs_is_claimed_once_by_four_processes(workspace: Workspace) -> None:
    """Matrix 24."""
    with open_queue(workspace) as database, database.write() as connection:
        for number in range(200):
            append(connection, workspace, workspace.jobs / f"job-{number}", device=None, after=None)
    command = [sys.executable, "-c", _CLAIM_ALL, str(workspace.home)]
    claimants = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) for _ in range(4)]
    claimed = [name for process in claimants for name in process.communicate()[0].split()]
    assert sorted(claimed) == sorted(f"job-{number}" for number in range(200))


def test_a_device_has_one_slot(workspace: Workspace) -> None:
    with open_queue(workspace) as database:
        with database.write() as connection:
            for name, device in (("a", "cpu"), ("b", "cpu"), ("c", "cuda:0"), ("d", None)):
                append(connection, workspace, workspace.jobs / name, device=device, after=None)
        taken = [row.folder.name for row in waiting(database, workspace) if claim(database, row.id)]
        assert taken == ["a", "c", "d"]
        assert [row.folder.name for row in waiting(database, workspace)] == ["b"]


def test_the_line_is_worked_off_in_order_one_at_a_time(workspace: Workspace) -> None:
    folders = [_note(workspace, name, pause=0.1) for name in ("one", "two", "three")]
    assert [wait(folder, seconds=30).state for folder in folders] == ["finished"] * 3
    assert _order(workspace) == ["one", "two", "three"]
    begun = [read_status(folder).began or 0.0 for folder in folders]
    ended = [read_status(folder).finished or 0.0 for folder in folders]
    assert begun[1] >= ended[0]
    assert begun[2] >= ended[1]
    until(lambda: _runner_pid(workspace) is None, what="the idle runner to end")


def test_after_waits_for_the_one_it_names(workspace: Workspace) -> None:
    first = _note(workspace, "first", device="cuda:0", pause=0.5)
    second = _note(workspace, "second", after=first.name)
    third = _note(workspace, "third")
    assert [wait(folder, seconds=30).state for folder in (first, second, third)] == ["finished"] * 3
    assert (read_status(second).began or 0.0) >= (read_status(first).finished or 0.0)


def test_a_dead_runner_is_replaced_and_its_job_adopted(workspace: Workspace) -> None:
    first = _note(workspace, "first", pause=2.0)
    until(lambda: observe(first).state == "running")
    runner = _runner_pid(workspace)
    assert runner is not None
    os.kill(runner, signal.SIGKILL)
    second = _note(workspace, "second")
    assert wait(first, seconds=30).state == "finished"
    assert wait(second, seconds=30).state == "finished"
    assert (read_status(second).began or 0.0) >= (read_status(first).finished or 0.0)
    assert _order(workspace) == ["first", "second"]


def test_a_killed_job_gives_its_slot_to_the_next(workspace: Workspace) -> None:
    first = submit(workspace, kind="work alone", arguments={}, title="a", device="cpu", launcher=LAUNCHER)
    second = _note(workspace, "second")
    pid = until(lambda: observe(first).extra.get("child") and read_status(first).pid)
    assert isinstance(pid, int)
    assert observe(second).state == "queued"
    os.kill(pid, signal.SIGKILL)
    assert wait(second, seconds=30).state == "finished"
    assert read_status(first).cause == "killed"


def test_a_job_stopped_in_line_never_starts(workspace: Workspace) -> None:
    first = _note(workspace, "first", pause=0.5)
    second = _note(workspace, "second")
    assert stop(second).state == "stopped"
    third = _note(workspace, "third")
    assert [wait(folder, seconds=30).state for folder in (first, second, third)] == ["finished", "stopped", "finished"]
    assert _order(workspace) == ["first", "third"]


def test_two_runners_do_not_work_at_once(workspace: Workspace) -> None:
    first = _note(workspace, "first", pause=1.0)
    until(lambda: _runner_pid(workspace) is not None)
    assert run_queue(workspace, launcher=LAUNCHER) == 0
    wake(workspace, launcher=LAUNCHER)
    assert wait(first, seconds=30).state == "finished"
    assert _order(workspace) == ["first"]


def test_a_turn_that_was_taken_and_never_used_comes_again(workspace: Workspace) -> None:
    folder = workspace.jobs / "orphan"
    folder.mkdir()
    write_request(folder, JobRequest("count", {"items": 1}, "orphan", "cpu"))
    write_status(folder, Status("queued"))
    with open_queue(workspace) as database:
        with database.write() as connection:
            append(connection, workspace, folder, device="cpu", after=None)
        [row] = waiting(database, workspace)
        assert claim(database, row.id)
        with database.write() as connection:
            connection.execute("UPDATE job SET claimed = claimed - 3600")
    assert run_queue(workspace, launcher=LAUNCHER, poll_seconds=0.05) == 1
    assert observe(folder).state == "finished"


def test_a_folder_goes_on_when_it_is_submitted_again(workspace: Workspace) -> None:
    """What resume does: the same folder, a new process, the figures of before kept until it tells new ones."""
    folder = _note(workspace, "first", device=None)
    wait(folder, seconds=20)
    created = read_status(folder).created
    stop(folder)
    again = submit(
        workspace,
        kind="count",
        arguments={"items": 2},
        title="again",
        folder=folder,
        device="cpu",
        launcher=LAUNCHER,
    )
    assert again == folder
    status = wait(folder, seconds=20)
    assert (status.state, status.done, status.created, status.title) == ("finished", 2, created, "again")
    assert request_of(folder) == JobRequest("count", {"items": 2}, "again", "cpu", True)


def test_a_folder_at_work_is_not_started_twice(workspace: Workspace) -> None:
    folder = _note(workspace, "first", pause=0.5)
    for _ in range(3):
        same = submit(workspace, kind="note", arguments={}, title="n", folder=folder, device="cpu", launcher=LAUNCHER)
        assert same == folder
    wait(folder, seconds=20)
    assert _order(workspace) == ["first"]


def test_a_key_is_free_again_when_making_failed_or_the_folder_is_gone(workspace: Workspace) -> None:
    def fail() -> Path:
        raise InputError("no")

    with pytest.raises(InputError):
        claim_key(workspace, "key", fail)
    first = workspace.jobs / "first"
    first.mkdir()
    assert claim_key(workspace, "key", lambda: first) == first
    assert claim_key(workspace, "key", fail) == first
    first.rmdir()
    second = workspace.jobs / "second"
    second.mkdir()
    assert claim_key(workspace, "key", lambda: second) == second


def test_the_list_shows_who_works_and_who_ended_lately(workspace: Workspace) -> None:
    done, failed = (
        _note(workspace, "done", device=None),
        submit(workspace, kind="fail", arguments={"name": "nan"}, title="failed", launcher=LAUNCHER),
    )
    wait(done, seconds=20)
    wait(failed, seconds=20)
    assert {folder for folder, _ in list_jobs(workspace)} == {done, failed}
    with open_queue(workspace) as database:
        assert working(database, workspace) == []
    for folder in (done, failed):
        write_status(folder, dataclasses.replace(read_status(folder), finished=time.time() - 100_000))
    assert [folder for folder, _ in list_jobs(workspace)] == [failed]
    acknowledge(failed)
    assert list_jobs(workspace) == []


def test_of_many_old_jobs_only_the_unread_failures_stay(workspace: Workspace) -> None:
    for number in range(205):
        folder = workspace.jobs / f"2001{number:04d}-000000-scan"
        folder.mkdir()
        write_status(folder, Status("failed" if number == 0 else "finished", created=1.0, finished=2.0))
    newest = _note(workspace, "newest", device=None)
    wait(newest, seconds=20)
    names = sorted(entry.name for entry in workspace.jobs.iterdir())
    assert len(names) == 201
    assert names[0] == "20010000-000000-scan"
    assert newest.name in names


def test_an_empty_workspace_has_no_jobs_and_no_queue(workspace: Workspace) -> None:
    assert list_jobs(workspace) == []
    wake(workspace, launcher=LAUNCHER)
    assert not workspace.queue.exists()
