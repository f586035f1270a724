"""Real processes: started, adopted, silenced, stopped, killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.errors import BusyError, UnavailableError
from core.jobs.identity import identity_of
from core.jobs.process import spawn, stop, wait
from core.jobs.queue import submit
from core.jobs.record import Status, read_note, read_status, write_note, write_status
from core.jobs.status import observe
from core.workspace import CHECKOUT, Workspace
from tests.jobs.program import LAUNCHER
from tests.support.waiting import until

_STUBBORN = """
import signal, sys, time
from pathlib import Path
from core.jobs.reporter import report
with report(Path(sys.argv[1]), "Stubborn") as reporter:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    reporter.update(deaf=True)
    time.sleep(600)
"""


def _job(workspace: Workspace, kind: str, **arguments: object) -> Path:
    return submit(workspace, kind=kind, arguments=arguments, title=kind, launcher=LAUNCHER)


def _until_running(folder: Path) -> Status:
    return until(lambda: status if (status := observe(folder)).state == "running" else None)


def _script(folder: Path, text: str, *, name: str = "job") -> Path:
    place = folder / name
    place.mkdir()
    write_status(place, Status("queued", title=name))
    spawn(place, [sys.executable, "-c", text, str(place)], niced=False)
    return place


def test_a_job_runs_to_its_end_and_leaves_status_result_and_log(workspace: Workspace) -> None:
    folder = _job(workspace, "count", items=5)
    status = wait(folder, seconds=20)
    assert (status.state, status.done, status.total) == ("finished", 5, 5)
    assert '"counted": 5' in (folder / "result.json").read_text(encoding="utf-8")
    assert (folder / "log.txt").exists()


def test_a_job_has_a_session_of_its_own_and_no_terminal(workspace: Workspace, tmp_path: Path) -> None:
    folder = _job(workspace, "work on", trace=str(tmp_path / "trace"))
    pid = _until_running(folder).pid
    assert pid is not None
    assert os.getsid(pid) == pid
    assert Path(f"/proc/{pid}/fd/0").readlink() == Path(os.devnull)
    assert stop(folder).state in ("stopping", "stopped")
    assert wait(folder, seconds=20).state == "stopped"


def test_a_job_outlives_the_kill_of_its_starter_and_of_the_starters_group(workspace: Workspace, tmp_path: Path) -> None:
    """Matrix 25 to 27: the app goes, the job stays and is adopted."""
    trace = tmp_path / "trace"
    script = f"""
import sys, time
from pathlib import Path
from core.jobs.queue import submit
from core.workspace import Workspace
from tests.jobs.program import LAUNCHER
workspace = Workspace(Path({str(workspace.home)!r}))
folder = submit(workspace, kind="work on", arguments={{"trace": {str(trace)!r}}}, title="x", launcher=LAUNCHER)
sys.stdout.write(str(folder) + "\\n")
sys.stdout.flush()
time.sleep(600)
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=CHECKOUT) as app:
        assert app.stdout is not None
        folder = Path(app.stdout.readline().strip())
        pid = _until_running(folder).pid
        os.killpg(app.pid, signal.SIGINT)
        os.killpg(app.pid, signal.SIGKILL)
    grown = trace.stat().st_size
    until(lambda: trace.stat().st_size > grown)
    assert (observe(folder).state, observe(folder).pid) == ("running", pid)
    stop(folder)
    assert wait(folder, seconds=20).state == "stopped"


def test_a_killed_job_says_so_and_takes_its_children_along(workspace: Workspace) -> None:
    """Matrix 28."""
    folder = _job(workspace, "work alone")
    status = until(lambda: (status := observe(folder)).extra.get("child") and status)
    assert isinstance(status, Status)
    assert status.pid is not None
    os.kill(status.pid, signal.SIGKILL)
    last = wait(folder, seconds=20)
    assert (last.state, last.cause) == ("lost", "killed")
    assert "signal 9" in str(last.error)
    until(lambda: identity_of(int(str(status.extra["child"]))) is None)
    assert read_status(folder) == last


def test_a_stopped_process_does_not_respond_and_recovers(workspace: Workspace, tmp_path: Path) -> None:
    """Matrix 32."""
    folder = _job(workspace, "work on", trace=str(tmp_path / "trace"))
    pid = _until_running(folder).pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    silent = until(lambda: (status := observe(folder, patience_seconds=2.5)).message and status)
    assert isinstance(silent, Status)
    assert silent.state == "running"
    assert silent.message.startswith("Not responding since")
    os.kill(pid, signal.SIGCONT)
    until(lambda: not observe(folder, patience_seconds=2.5).message)


def test_who_ignores_the_request_is_killed_with_all_its_processes(workspace: Workspace) -> None:
    """Matrix 33; the caller does not wait, and may be gone."""
    folder = _job(workspace, "work alone")
    status = until(lambda: (status := observe(folder)).extra.get("child") and status)
    assert isinstance(status, Status)
    assert stop(folder, grace_seconds=0.5).state == "stopping"
    last = wait(folder, seconds=20)
    assert (last.state, last.message) == ("stopped", "Stopped (forced)")
    until(lambda: identity_of(int(str(status.extra["child"]))) is None)


def test_deafness_to_signals_and_a_halt_do_not_help(workspace: Workspace) -> None:
    folder = _script(workspace.jobs, _STUBBORN)
    pid = until(lambda: observe(folder).extra.get("deaf") and read_status(folder).pid)
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGSTOP)
    stop(folder, grace_seconds=0.2)
    assert wait(folder, seconds=20).message == "Stopped (forced)"


def test_a_second_stop_after_the_grace_does_what_a_dead_watcher_did_not(workspace: Workspace) -> None:
    folder = _script(workspace.jobs, _STUBBORN)
    until(lambda: observe(folder).extra.get("deaf"))
    stop(folder, grace_seconds=600)
    assert stop(folder).state == "stopping"
    write_note(folder, "stop", read_note(folder, "stop") | {"until": 0.0})
    stop(folder)
    assert wait(folder, seconds=20).message == "Stopped (forced)"


def test_stopping_what_has_ended_changes_nothing(workspace: Workspace) -> None:
    folder = _job(workspace, "count", items=1)
    status = wait(folder, seconds=20)
    assert stop(folder) == status
    assert not (folder / "stop.json").exists()


def test_a_job_stopped_before_its_first_word_is_stopped(workspace: Workspace) -> None:
    folder = _script(workspace.jobs, "import time; time.sleep(600)")
    assert observe(folder).state == "starting"
    stop(folder)
    assert wait(folder, seconds=20).state == "stopped"


def test_a_job_that_dies_before_its_first_word_is_not_starting_for_ever(workspace: Workspace) -> None:
    folder = _script(workspace.jobs, "raise SystemExit('no such thing')")
    status = wait(folder, seconds=20)
    assert (status.state, status.cause) == ("failed", "error")
    assert "exit code 1" in str(status.error)
    assert "no such thing" in (folder / "log.txt").read_text(encoding="utf-8")


def test_one_folder_has_one_process(workspace: Workspace) -> None:
    folder = _script(workspace.jobs, "import time; time.sleep(600)")
    with pytest.raises(BusyError, match="at work already"):
        spawn(folder, [sys.executable, "-c", ""], niced=False)


def test_a_command_that_cannot_start_is_a_failure_with_a_reason(workspace: Workspace, tmp_path: Path) -> None:
    write_status(tmp_path, Status("queued"))
    with pytest.raises(UnavailableError, match="could not be started"):
        spawn(tmp_path, [str(tmp_path / "absent")], niced=False)
    assert observe(tmp_path).state == "failed"


@pytest.mark.parametrize(
    ("name", "cause", "word"),
    [
        ("input", "error", "give an even one"),
        ("memory", "out_of_memory", "memory"),
        ("nan", "nan", "range of numbers"),
        ("full", "disk_full", "disk is full"),
        ("anything", "error", "KeyError"),
    ],
)
def test_each_failure_has_its_cause_and_its_sentence(workspace: Workspace, name: str, cause: str, word: str) -> None:
    folder = _job(workspace, "fail", name=name)
    status = wait(folder, seconds=20)
    assert (status.state, status.cause) == ("failed", cause)
    assert word in str(status.error)
    assert "Traceback" in (folder / "log.txt").read_text(encoding="utf-8")


def test_a_kind_that_nobody_knows_fails_in_words(workspace: Workspace) -> None:
    assert "juggle" in str(wait(_job(workspace, "juggle"), seconds=20).error)


def test_a_niced_job_leaves_one_core_and_goes_second(workspace: Workspace, tmp_path: Path) -> None:
    cores = len(psutil.Process().cpu_affinity())
    for niced in (True, False):
        arguments: dict[str, object] = {"name": str(niced), "trace": str(tmp_path / "trace")}
        folder = submit(workspace, kind="note", arguments=arguments, title="n", niced=niced, launcher=LAUNCHER)
        assert wait(folder, seconds=20).state == "finished"
    own = os.getpriority(os.PRIO_PROCESS, 0)
    lines = (tmp_path / "trace").read_text(encoding="utf-8").splitlines()
    assert lines == [f"True {max(1, cores - 1)} 10", f"False {cores} {own}"]
