"""A run that was stopped, killed or damaged goes on, bit by bit as if nothing had happened where state.pt is whole."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.errors import RefusedError, StorageError
from core.models.weights import unpack, unpack_state
from core.runs.manifest import read_manifest
from core.training.main import train_run
from core.workspace import CHECKOUT, Workspace
from tests.training.drawn import draw_pictures, make_run
from tests.training.reporters import AtStep

CLASSIFIER = ("scratch-cnn", "epochs=3", "image_size=16", "width=4", "batch_size=8", "dropout=0.3")
GAN = (
    "dcgan", "epochs=3", "image_size=16", "generator_width=4", "discriminator_width=4", "noise_size=8",
    "batch_size=10", "flips=true",
)  # fmt: skip
CHANCING = {"t", "images_per_second", "memory_mb"}
STATES = pytest.mark.parametrize("cut", [0, 100, -1, None], ids=["empty", "100 bytes", "one short", "half"])


def _records(run: Path) -> list[dict[str, object]]:
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [{key: value for key, value in json.loads(line).items() if key not in CHANCING} for line in lines]


def _tensors(value: object, name: str = "") -> dict[str, torch.Tensor]:
    """All tensors in nested dictionaries, by their path."""
    if isinstance(value, torch.Tensor):
        return {name: value}
    items = value.items() if isinstance(value, dict) else ()
    return {path: tensor for key, item in items for path, tensor in _tensors(item, f"{name}/{key}").items()}


def _require_equal(run: Path, other: Path) -> None:
    states = [unpack_state((each / "checkpoints/state.pt").read_bytes(), "state") for each in (run, other)]
    left, right = (_tensors(state) for state in states)
    assert left.keys() == right.keys()
    assert [name for name in left if not torch.equal(left[name], right[name])] == []
    for name in ("last.safetensors", "epoch_0003.safetensors"):
        tensors = [unpack((each / "checkpoints" / name).read_bytes(), name)[1] for each in (run, other)]
        assert all(torch.equal(tensors[0][key], tensors[1][key]) for key in tensors[0])
    assert _records(run) == _records(other)


@pytest.mark.parametrize("settings", [CLASSIFIER, GAN], ids=["classifier", "gan"])
@pytest.mark.parametrize("step", [3, 7], ids=["first epoch", "second epoch"])
def test_a_stopped_run_goes_on_bit_by_bit(workspace: Workspace, settings: tuple[str, ...], step: int) -> None:
    rows = draw_pictures(workspace)
    whole, parted = (make_run(workspace, rows, *settings) for _ in range(2))
    train_run(workspace, whole)
    train_run(workspace, parted, AtStep(step, lambda: True))
    assert not (parted / "report.json").exists()
    assert {row.step for row in read_manifest(parted)} >= {step}
    train_run(workspace, parted)
    _require_equal(whole, parted)
    assert (whole / "report.json").read_bytes() == (parted / "report.json").read_bytes()


def test_runs_killed_in_the_middle_go_on_bit_by_bit(workspace: Workspace) -> None:
    rows = draw_pictures(workspace)
    program = (
        "import sys; from pathlib import Path; from core.workspace import Workspace\n"
        "from core.training.main import train_run; from tests.training.reporters import AtStep, kill_myself\n"
        "train_run(Workspace(Path(sys.argv[1])), Path(sys.argv[2]), AtStep(8, kill_myself))"
    )
    children, pairs = [], []
    for settings in (CLASSIFIER, GAN):
        whole, killed = (make_run(workspace, rows, *settings) for _ in range(2))
        command = [sys.executable, "-c", program, str(workspace.home), str(killed)]
        children.append(subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.DEVNULL))
        pairs.append((whole, killed))
    for child, (whole, killed) in zip(children, pairs, strict=True):
        assert child.wait(120) == -9
        assert _records(killed)[-1]["step"] == 8
        train_run(workspace, killed)
        train_run(workspace, whole)
        _require_equal(whole, killed)


def _after_one_epoch(workspace: Workspace) -> Path:
    run = make_run(workspace, draw_pictures(workspace), *CLASSIFIER)
    train_run(workspace, run, AtStep(7, lambda: True))
    return run


@STATES
def test_a_truncated_state_is_skipped_and_the_newest_weights_are_used(workspace: Workspace, cut: int | None) -> None:
    run = _after_one_epoch(workspace)
    state = run / "checkpoints/state.pt"
    content = state.read_bytes()
    state.write_bytes(content[: len(content) // 2 if cut is None else cut])
    reporter = AtStep(8, lambda: True)
    train_run(workspace, run, reporter)
    assert reporter.extra["step"] == 8


def test_a_flipped_byte_is_named_and_an_older_checkpoint_is_used(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    run = _after_one_epoch(workspace)
    for name in ("state.pt", "last.safetensors"):
        path = run / "checkpoints" / name
        content = bytearray(path.read_bytes())
        content[-200] ^= 4
        path.write_bytes(content)
    train_run(workspace, run)
    assert "state.pt is damaged" in caplog.text
    assert "last.safetensors is damaged" in caplog.text
    assert "Going on from step 5 with fresh optimisers" in caplog.text
    assert (run / "report.json").exists()


def test_a_crash_between_two_files_loses_nothing(workspace: Workspace) -> None:
    whole = make_run(workspace, draw_pictures(workspace), *CLASSIFIER)
    train_run(workspace, whole)
    run = _after_one_epoch(workspace)
    old = {path.name: path.read_bytes() for path in (run / "checkpoints").glob("[ls]*")}
    train_run(workspace, run, AtStep(9, lambda: True))
    for name, content in old.items():
        if name in ("last.safetensors", "state.pt"):
            (run / "checkpoints" / name).write_bytes(content)
    train_run(workspace, run)
    _require_equal(whole, run)


def test_nothing_whole_is_said(workspace: Workspace) -> None:
    run = _after_one_epoch(workspace)
    for path in (run / "checkpoints").glob("*.*"):
        if path.name != "manifest.json":
            path.write_bytes(b"")
    with pytest.raises(StorageError, match=r"No checkpoint of .* is whole"):
        train_run(workspace, run)


def test_a_state_of_other_classes_is_refused(workspace: Workspace) -> None:
    run = _after_one_epoch(workspace)
    rows = [row for row in draw_pictures(workspace) if row.class_name != "bar"]
    other = make_run(workspace, rows, *CLASSIFIER)
    shutil.copytree(run / "checkpoints", other / "checkpoints")
    with pytest.raises(RefusedError, match="classes differ: it knows disc, box, bar, the run has disc, box"):
        train_run(workspace, other)


def test_a_run_from_an_older_epoch_of_another_starts_after_it(workspace: Workspace) -> None:
    rows = draw_pictures(workspace)
    parent = make_run(workspace, rows, *CLASSIFIER)
    train_run(workspace, parent)
    child = make_run(workspace, rows, *CLASSIFIER, parent=(parent.name, 2))
    train_run(workspace, child)
    assert {record["epoch"] for record in _records(child)} == {3}
    assert (child / "report.json").exists()
