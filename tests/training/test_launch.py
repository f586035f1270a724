"""From settings to a queued run: the split, the snapshot, the checks, once for one form."""

from pathlib import Path

import pytest

from core.catalog.classes import ensure_class
from core.catalog.images import add_images, set_splits
from core.catalog.records import NewImage, Split
from core.database import Database
from core.dataset.snapshot import read_snapshot, snapshot_path
from core.errors import InputError, NotFoundError
from core.jobs.process import Launcher
from core.jobs.queue import request_of
from core.jobs.record import Status, write_status
from core.runs.store import read_config
from core.training.launch import device_slot, launch, resume, survey
from core.training.main import train_run
from core.training.presets import PRESETS, parse_settings
from core.workspace import Workspace
from tests.catalog.rows import measured
from tests.training.drawn import CLASSES, draw_pictures

NOBODY = Launcher(command=("true",))
TINY = ["epochs=2", "image_size=16", "width=4", "batch_size=8", "device=cpu", "keep_epochs=2"]


def _register(workspace: Workspace, db: Database, *, per_class: int = 20) -> None:
    """Drawn pictures in the catalogue; hashes far from each other."""
    for row in draw_pictures(workspace, per_class=per_class):
        number = hash_of(row.img_name)
        class_id = ensure_class(db, row.class_name).class_id
        add_images(db, [NewImage(row.img_name, row.img_name, class_id, measured(number, phash=number))])


def hash_of(name: str) -> int:
    return int.from_bytes(name.encode().rjust(16)[-8:], "big") * 0x9E3779B97F4A7C15 % 2**63


def _launch(
    workspace: Workspace,
    db: Database,
    preset: str = "scratch-cnn",
    *,
    where: str = "",
    request_key: str | None = None,
) -> Path:
    config = parse_settings(preset, TINY if preset == "scratch-cnn" else ["epochs=2", "device=cpu"])
    return launch(workspace, db, preset=preset, config=config, where=where, request_key=request_key, launcher=NOBODY)


def test_a_run_freezes_all_that_it_takes_to_do_it_again(workspace: Workspace, db: Database) -> None:
    _register(workspace, db)
    folder = _launch(workspace, db)
    config = read_config(folder)
    assert config["preset"] == "scratch-cnn"
    assert config["parameters"] == parse_settings("scratch-cnn", TINY).model_dump()
    assert config["labels"] == sorted(CLASSES, key=lambda name: ensure_class(db, name).class_id)
    assert {"seed", "device", "code", "packages", "parent", "counts", "where", "warnings"} <= config.keys()
    rows = read_snapshot(snapshot_path(workspace, str(config["snapshot"])))
    assert {row.split for row in rows} == {"train", "val", "test"}
    assert request_of(folder).arguments == {"run": folder.name}
    train_run(workspace, folder)
    assert (folder / "report.json").exists()


def test_one_form_is_one_run(workspace: Workspace, db: Database) -> None:
    _register(workspace, db, per_class=10)
    first = _launch(workspace, db, request_key="form-1")
    assert _launch(workspace, db, request_key="form-1") == first
    assert _launch(workspace, db, request_key="form-2") != first


def test_a_split_that_is_there_stays(workspace: Workspace, db: Database) -> None:
    _register(workspace, db, per_class=10)
    parts: dict[int, Split | None] = {number: "train" if number % 2 else "val" for number in range(1, 31)}
    set_splits(db, parts)
    config = read_config(_launch(workspace, db))
    rows = read_snapshot(snapshot_path(workspace, str(config["snapshot"])))
    assert {row.split for row in rows} == {"train", "val"}
    assert config["warnings"] == [
        "Fewer than 15 pictures: bar (10), box (10), disc (10).",
        "The test part is empty, so there will be no figure for it.",
    ]


def test_what_cannot_be_learnt_is_refused_in_a_sentence(workspace: Workspace, db: Database) -> None:
    with pytest.raises(InputError, match="at least two classes with pictures in the train part, but no class has"):
        _launch(workspace, db)
    with pytest.raises(InputError, match="no picture to learn from outside of the test part"):
        _launch(workspace, db, "dcgan")
    _register(workspace, db, per_class=4)
    with pytest.raises(InputError, match="but only box has some"):
        _launch(workspace, db, where="class in (box)")
    assert not list(workspace.runs.glob("2*"))


def test_absent_weights_are_named_before_anything_is_made(workspace: Workspace, db: Database) -> None:
    config = parse_settings("scratch-cnn", ["weights=/nowhere/a.pth"])
    with pytest.raises(InputError, match=r"weights=/nowhere/a\.pth: there is no such file"):
        launch(workspace, db, preset="scratch-cnn", config=config, launcher=NOBODY)


def test_weights_are_found_from_wherever_the_run_starts(
    workspace: Workspace, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _register(workspace, db, per_class=4)
    (tmp_path / "a.pth").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    config = parse_settings("scratch-cnn", ["weights=a.pth"])
    folder = launch(workspace, db, preset="scratch-cnn", config=config, launcher=NOBODY)
    parameters = read_config(folder)["parameters"]
    assert isinstance(parameters, dict)
    assert parameters["weights"] == str((tmp_path / "a.pth").resolve())


def test_resuming_goes_on_or_begins_a_child(workspace: Workspace, db: Database) -> None:
    _register(workspace, db, per_class=10)
    folder = _launch(workspace, db)
    with pytest.raises(InputError, match="is queued; wait until it has ended"):
        resume(workspace, folder.name, launcher=NOBODY)
    train_run(workspace, folder)
    write_status(folder, Status("finished"))
    with pytest.raises(InputError, match="has finished; give an epoch"):
        resume(workspace, folder.name, launcher=NOBODY)
    with pytest.raises(InputError, match="Epoch 2 is the last one"):
        resume(workspace, folder.name, epoch=2, launcher=NOBODY)
    with pytest.raises(NotFoundError, match=r"kept no checkpoint of epoch 7; it has 1, 2\."):
        resume(workspace, folder.name, epoch=7, launcher=NOBODY)
    child = resume(workspace, folder.name, epoch=1, launcher=NOBODY)
    assert read_config(child)["parent"] == {"run": folder.name, "epoch": 1}
    train_run(workspace, child)
    write_status(folder, Status("stopped"))
    assert resume(workspace, folder.name, launcher=NOBODY) == folder


def test_gans_learn_from_all_but_test(workspace: Workspace) -> None:
    rows = draw_pictures(workspace, per_class=5)
    found = survey(PRESETS["dcgan"], [row for row in rows if row.split == "val"], minimum=15)
    assert found.labels == list(CLASSES)
    with pytest.raises(InputError):
        survey(PRESETS["dcgan"], [row for row in rows if row.split == "test"], minimum=15)


def test_the_slot_of_a_device() -> None:
    assert [device_slot(name) for name in ("cpu", "cuda", "cuda:1", "mps")] == ["cpu", "cuda:0", "cuda:1", "mps"]
    assert device_slot("auto") in ("cpu", "cuda:0", "mps")
