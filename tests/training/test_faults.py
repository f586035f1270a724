"""What goes wrong during training ends in a cause, a sentence and whole checkpoints."""

import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from core.errors import InputError, RefusedError, StorageError, UnavailableError
from core.files import write_json
from core.jobs.reporter import report
from core.jobs.status import read_status
from core.models.weights import unpack
from core.runs.manifest import checkpoint_bytes, read_manifest
from core.runs.store import read_config
from core.training.augment import change
from core.training.device import choose_device
from core.training.main import train_run
from core.workspace import Workspace
from tests.training.drawn import draw_pictures, make_run
from tests.training.reporters import AtStep, terminate_myself

TINY = ("scratch-cnn", "epochs=3", "image_size=16", "width=4", "batch_size=8")


def test_a_loss_that_is_no_number_fails_with_its_cause_and_keeps_the_best(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(workspace, draw_pictures(workspace), *TINY)
    calls = iter(range(1000))

    def poisoned(pictures: torch.Tensor, **settings: object) -> torch.Tensor:
        changed = change(pictures, **settings)  # type: ignore[arg-type]
        return changed * float("nan") if next(calls) >= 6 else changed

    monkeypatch.setattr("core.training.classify.change", poisoned)
    with report(run) as reporter:
        train_run(workspace, run, reporter)
    status = read_status(run)
    assert (status.state, status.cause) == ("failed", "nan")
    assert "not a number any more at step 7" in (status.error or "")
    rows = {row.file: row for row in read_manifest(run)}
    assert rows["best.safetensors"].epoch == 1
    assert checkpoint_bytes(run, rows["best.safetensors"])
    assert "NaN" not in (run / "metrics.jsonl").read_text(encoding="utf-8")


def test_the_device_that_was_found_is_in_the_config(workspace: Workspace) -> None:
    run = make_run(workspace, draw_pictures(workspace), *TINY, "epochs=1", "device=auto")
    before = read_config(run)
    write_json(run / "config.json", before | {"device": "auto"})
    train_run(workspace, run)
    assert read_config(run) == before | {"device": str(choose_device("auto"))}


def test_a_cache_that_cannot_be_kept_does_not_stop_a_run(workspace: Workspace) -> None:
    run = make_run(workspace, draw_pictures(workspace), *TINY)
    (workspace.cache / "pictures").write_text("no folder", encoding="utf-8")
    train_run(workspace, run)
    assert {row.file for row in read_manifest(run)} >= {"last.safetensors"}


def test_sigterm_finishes_the_step_saves_and_says_stopped(workspace: Workspace) -> None:
    run = make_run(workspace, draw_pictures(workspace), *TINY)
    with report(run) as reporter:

        class Both(AtStep):
            def stopped(self) -> bool:
                return reporter.stopped()

            def update(self, **extra: object) -> None:
                super().update(**extra)
                reporter.update(**extra)

        train_run(workspace, run, Both(4, terminate_myself))
    status = read_status(run)
    assert (status.state, status.extra["step"], status.extra["epochs"]) == ("stopped", 4, 3)
    assert {row.file: row.step for row in read_manifest(run)}["state.pt"] == 4


def test_a_few_broken_pictures_are_left_out_and_listed(workspace: Workspace) -> None:
    rows = draw_pictures(workspace)
    (workspace.images / rows[0].img_name).unlink()
    broken = workspace.images / rows[1].img_name
    broken.write_bytes(broken.read_bytes()[:300])
    run = make_run(workspace, rows, *TINY)
    train_run(workspace, run)
    left_out = json.loads((run / "report.json").read_text(encoding="utf-8"))["unreadable"]
    assert [line.partition(":")[0] for line in left_out] == [rows[0].img_name, rows[1].img_name]
    assert (run / "predictions.csv").read_text(encoding="utf-8").count("\n") == 1 + len(rows) - 2


def test_many_broken_pictures_end_the_run_with_the_reason(workspace: Workspace) -> None:
    rows = draw_pictures(workspace)
    for row in rows[:4]:
        (workspace.images / row.img_name).unlink()
    with pytest.raises(InputError, match=r"4 of 60 pictures cannot be read, more than 5% \(first: bar/bar000\.png: "):
        train_run(workspace, make_run(workspace, rows, *TINY))


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_checkpoints_of_before(workspace: Workspace) -> None:
    run = make_run(workspace, draw_pictures(workspace), *TINY)
    train_run(workspace, run, AtStep(6, lambda: True))
    before = {row.file: checkpoint_bytes(run, row) for row in read_manifest(run)}
    with _largest_file(20_000), report(run) as reporter:
        train_run(workspace, run, reporter)
    status = read_status(run)
    assert (status.state, status.cause) == ("failed", "disk_full")
    assert {row.file: checkpoint_bytes(run, row) for row in read_manifest(run) if row.file in before} == before
    assert not list((run / "checkpoints").glob(".*"))
    train_run(workspace, run)
    assert (run / "report.json").exists()


class _Malice:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._path}",)


def test_a_foreign_pickle_is_refused_and_not_run(workspace: Workspace, tmp_path: Path) -> None:
    proof, path = tmp_path / "executed", tmp_path / "evil.pth"
    torch.save({"weight": _Malice(proof)}, path)
    run = make_run(workspace, draw_pictures(workspace), *TINY, f"weights={path}")
    with pytest.raises(RefusedError, match=r"evil\.pth holds more than tensors"):
        train_run(workspace, run)
    assert not proof.exists()


def test_an_absent_and_a_torn_weights_file_are_named(workspace: Workspace, tmp_path: Path) -> None:
    rows = draw_pictures(workspace)
    with pytest.raises(InputError, match=r"The weights file .*absent\.pth cannot be read"):
        train_run(workspace, make_run(workspace, rows, *TINY, f"weights={tmp_path / 'absent.pth'}"))
    torn = tmp_path / "torn.pth"
    torn.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises((StorageError, RefusedError), match=r"torn\.pth"):
        train_run(workspace, make_run(workspace, rows, *TINY, f"weights={torn}"))


def test_weights_of_an_earlier_run_are_taken(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    rows = draw_pictures(workspace)
    first = make_run(workspace, rows, *TINY)
    train_run(workspace, first)
    path = first / "checkpoints/best.safetensors"
    train_run(workspace, make_run(workspace, rows, *TINY, f"weights={path}"))
    total = len(unpack(path.read_bytes(), "best")[1])
    assert f"{total} of {total} tensors taken" in caplog.text


def test_a_device_that_is_not_there_is_said(workspace: Workspace) -> None:
    if torch.cuda.device_count() > 7:
        pytest.skip("this machine has that many CUDA devices")
    run = make_run(workspace, draw_pictures(workspace), *TINY, "device=cuda:7")
    with pytest.raises(UnavailableError, match=r"device=cuda:7: torch sees \d CUDA devices; use device=auto"):
        train_run(workspace, run)
