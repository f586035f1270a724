"""Checkpoint files: what is packed comes back, what is foreign, newer, torn or malicious is refused."""

import os
from pathlib import Path

import pytest
import torch

from core.errors import RefusedError, StorageError
from core.models.build import build_classifier, build_discriminator, build_generator
from core.models.classifiers import ScratchCnn, take_over
from core.models.weights import Blueprint, pack, pack_state, read_foreign, unpack, unpack_state

BLUEPRINT = Blueprint("scratch-cnn", {"width": 4, "dropout": 0.1}, ("Bäume", "a, b"), (3, 32, 32), epoch=3, step=12)


def test_a_packed_network_comes_back() -> None:
    network = build_classifier(BLUEPRINT)
    blueprint, tensors = unpack(pack(BLUEPRINT, network.state_dict()), "a.safetensors")
    assert blueprint == BLUEPRINT
    assert all(torch.equal(tensors[name], tensor) for name, tensor in network.state_dict().items())


def test_equal_weights_give_equal_files() -> None:
    tensors = build_classifier(BLUEPRINT).state_dict()
    assert len({pack(BLUEPRINT, tensors) for _ in range(8)}) == 1


@pytest.mark.parametrize("content", [b"", b"x" * 7, b"\xff" * 64])
def test_what_is_no_checkpoint_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedError, match=r"a\.safetensors is no checkpoint of Specimen"):
        unpack(content, "a.safetensors")


def test_a_newer_format_is_refused() -> None:
    content = pack(BLUEPRINT, {"a": torch.zeros(1)}).replace(b'"format":"1"', b'"format":"2"')
    with pytest.raises(RefusedError, match="newer version"):
        unpack(content, "a.safetensors")


def test_a_state_comes_back_and_holds_plain_values_only() -> None:
    state = {"step": 3, "threads": 2, "nested": {"tensor": torch.arange(3), "betas": (0.5, 0.999), "none": None}}
    back = unpack_state(pack_state(state), "state.pt")
    assert back["step"] == 3
    assert torch.equal(back["nested"]["tensor"], torch.arange(3))  # type: ignore[index]


class _Malice:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._path}",)


def test_a_pickle_with_code_is_refused_and_not_run(tmp_path: Path) -> None:
    proof = tmp_path / "executed"
    with pytest.raises(RefusedError, match=r"state\.pt holds more than tensors"):
        unpack_state(pack_state({"a": _Malice(proof)}), "state.pt")
    assert not proof.exists()


@pytest.mark.parametrize("cut", [0, 100, -1])
def test_a_torn_state_is_said(cut: int) -> None:
    with pytest.raises((StorageError, RefusedError), match=r"state\.pt"):
        unpack_state(pack_state({"a": torch.zeros(1000)})[:cut], "state.pt")


def test_torchvisions_names_reach_our_backbone(tmp_path: Path) -> None:
    blueprint = Blueprint("resnet18", {}, ("a", "b"), (3, 32, 32), epoch=0, step=0)
    network = build_classifier(blueprint)
    theirs = {
        name.removeprefix("backbone."): torch.full_like(tensor, 2)
        for name, tensor in network.state_dict().items()
        if name.startswith("backbone.")
    }
    path = tmp_path / "resnet18.pth"
    torch.save({**theirs, "fc.weight": torch.zeros(1000, 512)}, path)
    fitting, _ = take_over(network, read_foreign(path))
    assert fitting == len(theirs)
    assert float(network.state_dict()["backbone.conv1.weight"].mean()) == 2


def test_names_of_networks_are_checked() -> None:
    with pytest.raises(RefusedError, match="draws no pictures"):
        build_generator(BLUEPRINT)
    with pytest.raises(RefusedError, match="draws no pictures"):
        build_discriminator(BLUEPRINT)
    with pytest.raises(RefusedError, match="tells no classes apart"):
        build_classifier(Blueprint("dcgan", {}, (), (100, 1, 1), epoch=0, step=0))


def test_one_picture_goes_through_alone() -> None:
    network = ScratchCnn(classes=3, width=4).eval()
    assert network(torch.rand(1, 3, 16, 16)).shape == (1, 3)
