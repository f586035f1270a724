"""The run store: a run appears whole, once a click, under a name that leads nowhere else; deleting can be undone."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import InputError, NotFoundError
from core.files import write_json
from core.jobs.record import Status, read_status, write_status
from core.runs.index import RunSummary
from core.runs.metrics import MetricsWriter
from core.runs.samples import sample_path
from core.runs.store import (
    binned_runs,
    delete_run,
    empty_bin,
    list_runs,
    new_run,
    read_config,
    restore_run,
    run_folder,
    show_run,
)
from core.workspace import CHECKOUT, Workspace, open_workspace

_ONE_KEY = """
import sys
from pathlib import Path
from core.runs.store import new_run
from core.workspace import Workspace
sys.stdout.write(new_run(Workspace(Path(sys.argv[1])), preset="dcgan", config={}, request_key="click").name)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return open_workspace(tmp_path / "home", environ={})


def _ended(folder: Path, **extra: object) -> Path:
    write_status(folder, Status("finished", created=5.0, began=6.0, finished=9.0, seconds=3.0, extra=dict(extra)))
    return folder


def test_a_new_run_is_queued_and_whole(workspace: Workspace) -> None:
    folder = new_run(workspace, preset="scratch-cnn", config={"epochs": 3, "seed": 0})
    assert re.fullmatch(r"\d{8}-\d{6}-scratch-cnn", folder.name)
    assert read_status(folder).state == "queued"
    config = read_config(folder)
    assert (config["preset"], config["epochs"], config["seed"]) == ("scratch-cnn", 3, 0)
    assert [entry.name for entry in workspace.runs.iterdir()] == [folder.name]


def test_runs_of_one_second_have_names_of_their_own(workspace: Workspace) -> None:
    found: list[Path] = []

    def make() -> None:
        found.append(new_run(workspace, preset="dcgan", config={}))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({folder.name for folder in found}) == 8
    assert sorted(run.run for run in list_runs(workspace)) == sorted(folder.name for folder in found)


def test_one_click_is_one_run_from_eight_threads_and_four_processes(workspace: Workspace) -> None:
    """Matrix 23."""
    command = [sys.executable, "-c", _ONE_KEY, str(workspace.home)]
    others = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) for _ in range(4)]
    found: list[str] = []

    def click() -> None:
        found.append(new_run(workspace, preset="dcgan", config={}, request_key="click").name)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found += [process.communicate()[0] for process in others]
    assert len(found) == 12
    assert len(set(found)) == 1
    assert [entry.name for entry in workspace.runs.iterdir()] == found[:1]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../data", "a/b", "/etc", "a\\b", ".bin", ".new-1", "a\0b", "x" * 300, "absent", "\udcff"]
)
def test_no_name_leads_out_of_the_store(workspace: Workspace, name: str) -> None:
    (workspace.data / "config.json").write_text("{}", encoding="utf-8")
    (workspace.home / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(NotFoundError):
        run_folder(workspace, name)
    with pytest.raises(NotFoundError):
        restore_run(workspace, name)


def test_a_run_is_called_as_its_folder_whatever_the_files_say(workspace: Workspace) -> None:
    folder = _ended(new_run(workspace, preset="dcgan", config={"run": "something else"}))
    renamed = folder.with_name("my best Bärchen")
    folder.rename(renamed)
    assert [row.run for row in list_runs(workspace)] == ["my best Bärchen"]
    assert show_run(workspace, "my best Bärchen").folder == renamed


def test_all_of_one_run(workspace: Workspace) -> None:
    folder = _ended(new_run(workspace, preset="scratch-cnn", config={"epochs": 4}), epoch=4, best=0.75)
    (folder / "samples").mkdir()
    sample_path(folder, 4).touch()
    write_json(folder / "report.json", {"accuracy": {"val": 0.7, "test": 0.6}})
    row = {"file": "best.safetensors", "epoch": 3, "step": 30, "sha256": "ab", "figures": {"accuracy/val": 0.75}}
    write_json(folder / "checkpoints" / "manifest.json", {"format": 1, "files": [row]})
    with MetricsWriter(folder) as metrics:
        metrics.write("epoch", 30, 3, **{"accuracy/val": 0.75})
    detail = show_run(workspace, folder.name)
    assert detail.summary == RunSummary(folder.name, "finished", "scratch-cnn", 4, 4, 0.75, 6.0, 3.0)
    assert (detail.samples, detail.report) == ([4], {"accuracy": {"val": 0.7, "test": 0.6}})
    assert [(row.file, row.epoch) for row in detail.checkpoints] == [("best.safetensors", 3)]


@pytest.mark.parametrize("name", ["report.json", "checkpoints/manifest.json", "status.json"])
def test_a_damaged_file_hides_only_itself(workspace: Workspace, name: str) -> None:
    folder = _ended(new_run(workspace, preset="scratch-cnn", config={"epochs": 4}), epoch=4)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b'{"accu')
    detail = show_run(workspace, folder.name)
    assert (detail.report, detail.checkpoints) == (None, [])
    assert len(list_runs(workspace)) == 1


def test_the_best_figure_is_the_validation_accuracy_and_none_for_what_does_not_classify(workspace: Workspace) -> None:
    by_status = _ended(new_run(workspace, preset="scratch-cnn", config={}), best=0.9)
    by_report = _ended(new_run(workspace, preset="resnet18", config={}))
    write_json(by_report / "report.json", {"accuracy": {"val": 0.8}})
    gan = _ended(new_run(workspace, preset="dcgan", config={}), best=None)
    write_json(gan / "report.json", {"distance": 12.5})
    best = {row.run: row.best for row in list_runs(workspace)}
    assert best == {by_status.name: 0.9, by_report.name: 0.8, gan.name: None}


def test_the_list_is_newest_first_and_follows_every_change(workspace: Workspace) -> None:
    folders = [_ended(new_run(workspace, preset="dcgan", config={"epochs": 2})) for _ in range(3)]
    first = list_runs(workspace)
    assert [row.run for row in first] == sorted((folder.name for folder in folders), reverse=True)
    assert list_runs(workspace) == first
    _ended(folders[1], epoch=2)
    assert [row.epoch for row in list_runs(workspace) if row.run == folders[1].name] == [2]
    delete_run(workspace, folders[0].name)
    assert len(list_runs(workspace)) == 2
    (workspace.cache / "runs.json").write_text('{"version": 1, "runs": {"x": 1', encoding="utf-8")
    assert len(list_runs(workspace)) == 2


def test_ended_runs_are_not_read_again(workspace: Workspace) -> None:
    folder = _ended(new_run(workspace, preset="dcgan", config={}), epoch=1)
    before = list_runs(workspace)
    stamp = (folder / "status.json").stat().st_mtime_ns
    (folder / "status.json").write_text("nonsense", encoding="utf-8")
    os.utime(folder / "status.json", ns=(stamp, stamp))
    assert list_runs(workspace) == before


def test_a_run_that_says_it_works_but_does_not_is_lost_in_the_list(workspace: Workspace) -> None:
    folder = new_run(workspace, preset="dcgan", config={})
    write_status(folder, Status("running", pid=2**22 + 5, started=1.0, boot_id="x", host="y", heartbeat=time.time()))
    assert [row.state for row in list_runs(workspace)] == ["running"]
    write_status(folder, Status("running", pid=2**22 + 5, started=1.0, boot_id="x", host="y", heartbeat=5.0))
    assert [row.state for row in list_runs(workspace)] == ["lost"]


def test_deleting_is_undone(workspace: Workspace) -> None:
    folder = _ended(new_run(workspace, preset="dcgan", config={}), epoch=1)
    config = (folder / "config.json").read_bytes()
    delete_run(workspace, folder.name)
    assert not folder.exists()
    assert binned_runs(workspace) == [folder.name]
    with pytest.raises(NotFoundError):
        show_run(workspace, folder.name)
    assert restore_run(workspace, folder.name) == folder
    assert (folder / "config.json").read_bytes() == config
    assert binned_runs(workspace) == []


def test_a_name_in_use_again_is_not_overwritten_by_restoring(workspace: Workspace) -> None:
    folder = _ended(new_run(workspace, preset="dcgan", config={}))
    name = folder.name
    delete_run(workspace, name)
    assert new_run(workspace, preset="dcgan", config={}).name != name
    folder.mkdir()
    write_json(folder / "config.json", {"preset": "dcgan"})
    with pytest.raises(InputError, match="exists again"):
        restore_run(workspace, name)
    _ended(folder)
    delete_run(workspace, name)
    assert sorted(binned_runs(workspace)) == [name, f"{name}-2"]
    assert empty_bin(workspace) == 2
    assert binned_runs(workspace) == []


def test_a_run_at_work_is_not_deleted(workspace: Workspace) -> None:
    folder = new_run(workspace, preset="dcgan", config={})
    with pytest.raises(InputError, match="stop it first"):
        delete_run(workspace, folder.name)


def test_an_absent_store_is_an_empty_one(tmp_path: Path) -> None:
    assert list_runs(Workspace(tmp_path / "nowhere")) == []
    assert binned_runs(Workspace(tmp_path / "nowhere")) == []


def test_the_index_is_disposable_json(workspace: Workspace) -> None:
    folder = _ended(new_run(workspace, preset="dcgan", config={}))
    list_runs(workspace)
    index = json.loads((workspace.cache / "runs.json").read_bytes())
    assert list(index["runs"]) == [folder.name]
