"""ResNet-18 from weights: what they are, what stays frozen, what is said when they cannot be had."""

import urllib.error
from pathlib import Path

import pytest
import torch

from core.errors import UnavailableError
from core.models.build import build_classifier, part
from core.models.weights import Blueprint, unpack
from core.training.main import train_run
from core.workspace import Workspace
from tests.training.drawn import draw_pictures, make_run

SETTINGS = ("resnet18", "image_size=32", "batch_size=20", "epochs=2")


def test_frozen_epochs_leave_the_backbone_as_it_came(workspace: Workspace, tmp_path: Path) -> None:
    torch.manual_seed(3)
    given = part(
        build_classifier(Blueprint("resnet18", {}, ("a", "b"), (3, 32, 32), epoch=0, step=0)).state_dict(), "backbone"
    )
    path = tmp_path / "resnet18.pth"
    torch.save(given, path)
    rows = draw_pictures(workspace, per_class=10)
    run = make_run(workspace, rows, *SETTINGS, f"weights={path}", "frozen_epochs=1", "keep_epochs=2")
    train_run(workspace, run)
    first, second = (
        part(unpack((run / "checkpoints" / f"epoch_000{epoch}.safetensors").read_bytes(), "")[1], "classifier.backbone")
        for epoch in (1, 2)
    )
    assert all(torch.equal(first[name], tensor) for name, tensor in given.items())
    assert not torch.equal(second["conv1.weight"], given["conv1.weight"])


def test_offline_the_sentence_names_the_way_out(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object, **__: object) -> None:
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr("torch.hub.download_url_to_file", offline)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    run = make_run(workspace, draw_pictures(workspace, per_class=5), *SETTINGS, "weights=torchvision")
    with pytest.raises(UnavailableError, match=r"cannot be fetched .* give its path with weights=/path/to/resnet18-"):
        train_run(workspace, run)
