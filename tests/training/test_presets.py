"""Presets tell their settings truly, and refuse wrong ones naming key, value, range and close matches."""

import subprocess
import sys

import pytest

from core.errors import InputError, NotFoundError
from core.training.presets import PRESETS, DcganConfig, describe, parameters, parse_settings

COMMON = {"epochs", "image_size", "batch_size", "learning_rate", "seed", "device", "weights"}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_the_common_names_with_meanings_and_five_main_settings(name: str) -> None:
    found = {parameter.name: parameter for parameter in parameters(PRESETS[name])}
    assert set(found) >= COMMON
    assert all(parameter.meaning for parameter in found.values())
    assert sum(parameter.main for parameter in found.values()) == 5
    numbers = [parameter for parameter in found.values() if parameter.type in ("int", "float")]
    assert all(parameter.minimum is not None and parameter.maximum is not None for parameter in numbers)


def test_settings_become_a_config() -> None:
    config = parse_settings("dcgan", ["epochs=3", "flips = true", "learning_rate=1e-4", "epochs=4"])
    assert config == DcganConfig(epochs=4, flips=True, learning_rate=1e-4)


@pytest.mark.parametrize(
    ("preset", "setting", "sentence"),
    [
        ("dcgan", "epoch=3", "dcgan has no setting 'epoch'; did you mean epochs or keep_epochs?"),
        ("dcgan", "epochs=0", "epochs=0: must be a whole number from 1 to 100000."),
        ("dcgan", "epochs=x", "epochs=x: must be a whole number from 1 to 100000."),
        ("dcgan", "learning_rate=nan", "learning_rate=nan: must be a number from 1e-07 to 1e+10."),
        ("dcgan", "image_size=65", "image_size=65: must be one of 16, 32, 64, 128."),
        ("dcgan", "device=gpu", "device=gpu: must be auto, cpu, mps, cuda or cuda:N."),
        ("scratch-cnn", "flips=maybe", "flips=maybe: must be true or false."),
        ("scratch-cnn", "epochs", "'epochs' is not of the form key=value, as in epochs=3."),
    ],
)
def test_a_wrong_setting_is_named_with_its_range(preset: str, setting: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(preset, [setting])
    assert str(caught.value) == sentence


def test_torchvision_weights_are_for_resnet18_alone() -> None:
    assert parse_settings("resnet18", ["weights=torchvision"]).weights == "torchvision"
    with pytest.raises(InputError, match="torchvision has none for this preset"):
        parse_settings("scratch-cnn", ["weights=torchvision"])


def test_an_unknown_preset_names_the_known() -> None:
    with pytest.raises(NotFoundError, match="scratch-cnn, resnet18, dcgan"):
        parse_settings("gan", [])


def test_presets_and_launch_leave_torch_alone() -> None:
    program = (
        "import sys, core.training.presets, core.training.launch, core.inference.client; print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_describe_is_plain_values() -> None:
    assert [preset["name"] for preset in describe()] == list(PRESETS)
