"""What a trained classifier says of pictures, and how it refuses what it cannot answer."""

import shutil
from pathlib import Path

import pytest

from core.errors import NotFoundError, RefusedError, StorageError
from core.inference.predict import predict
from core.runs.manifest import read_manifest
from tests.inference.conftest import Trained
from tests.training.drawn import CLASSES, picture


def test_new_pictures_get_their_class(trained: Trained, tmp_path: Path) -> None:
    paths = []
    for kind in CLASSES:
        paths.append(tmp_path / f"{kind}.png")
        picture(kind, 900).save(paths[-1])
    found = predict(trained.workspace, trained.classifier.name, paths)
    assert [row.predictions[0].class_name for row in found] == list(CLASSES)
    assert [row.name for row in found] == [str(path) for path in paths]
    for row in found:
        probabilities = [each.probability for each in row.predictions]
        assert sum(probabilities) == pytest.approx(1)
        assert probabilities == sorted(probabilities, reverse=True)


def test_a_broken_picture_is_a_row_with_its_reason(trained: Trained, tmp_path: Path) -> None:
    whole = tmp_path / "whole.png"
    picture("disc", 901).save(whole)
    found = predict(trained.workspace, trained.classifier.name, [b"no picture", whole, tmp_path / "absent.png"])
    assert [bool(row.error) for row in found] == [True, False, True]
    assert found[0].name == "picture 1"
    assert not found[0].predictions


def test_company_changes_nothing(trained: Trained, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for number, path in enumerate(paths):
        picture("box", number).save(path)
    run = trained.classifier.name
    together = predict(trained.workspace, run, paths)
    assert together == [predict(trained.workspace, run, [path])[0] for path in paths]


def test_a_kept_epoch_can_be_asked_and_another_names_those_kept(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture("bar", 1).save(path)
    run = trained.classifier.name
    early, late = (predict(trained.workspace, run, [path], epoch=epoch)[0] for epoch in (2, 4))
    assert early != late
    with pytest.raises(NotFoundError, match=r"kept no checkpoint of epoch 3; it has 2, 4\."):
        predict(trained.workspace, run, [path], epoch=3)


def test_a_gan_tells_no_classes_apart(trained: Trained) -> None:
    with pytest.raises(RefusedError, match="choose a run of a classifier"):
        predict(trained.workspace, trained.gan.name, [])


def test_a_flipped_byte_in_the_checkpoint_is_refused(trained: Trained, tmp_path: Path) -> None:
    run = trained.workspace.runs / "flipped"
    shutil.copytree(trained.classifier, run)
    path = run / "checkpoints" / "best.safetensors"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"best\.safetensors is damaged"):
        predict(trained.workspace, "flipped", [])


def test_a_checkpoint_of_other_classes_is_refused(trained: Trained) -> None:
    run = trained.workspace.runs / "renamed"
    shutil.copytree(trained.classifier, run)
    config = run / "config.json"
    config.write_text(config.read_text(encoding="utf-8").replace('"disc"', '"ring"'), encoding="utf-8")
    with pytest.raises(RefusedError, match="classes differ: it knows disc, box, bar, the run has ring, box, bar"):
        predict(trained.workspace, "renamed", [])


def test_the_best_checkpoint_is_the_one_of_the_best_epoch(trained: Trained) -> None:
    rows = {row.file: row for row in read_manifest(trained.classifier)}
    assert rows["best.safetensors"].epoch == rows["best.safetensors"].figures["best_epoch"]
