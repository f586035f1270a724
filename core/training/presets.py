"""The presets by name, how their settings are read from `key=value`, and how they are told to a form or a program."""

import difflib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from core.errors import InputError, NotFoundError
from core.training.configs import DcganConfig, ResNet18Config, ScratchCnnConfig, TrainingConfig

__all__ = [
    "PRESETS",
    "DcganConfig",
    "Kind",
    "Parameter",
    "Preset",
    "ResNet18Config",
    "ScratchCnnConfig",
    "TrainingConfig",
    "describe",
    "find_preset",
    "parameters",
    "parse_settings",
    "parse_values",
]

Kind = Literal["classifier", "generator"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A recipe with a name."""

    name: str
    purpose: str
    kind: Kind
    config: type[TrainingConfig]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One setting of a preset, as a form or a program needs it."""

    name: str
    type: Literal["int", "float", "bool", "str"]
    default: int | float | bool | str
    minimum: float | None
    maximum: float | None
    choices: list[int | str] | None
    open: bool
    """Whether values beside the choices are taken too."""
    meaning: str
    main: bool
    """One of the five that the form shows unfolded."""


PRESETS: dict[str, Preset] = {
    "scratch-cnn": Preset(
        "scratch-cnn", "Tells classes apart with a small network trained from nothing", "classifier", ScratchCnnConfig
    ),
    "resnet18": Preset(
        "resnet18", "Tells classes apart with ResNet-18, best from ImageNet weights", "classifier", ResNet18Config
    ),
    "dcgan": Preset(
        "dcgan", "Draws new pictures like yours: the DCGAN of the PyTorch tutorial", "generator", DcganConfig
    ),
}


def find_preset(name: str) -> Preset:
    """The preset of that name; raises NotFoundError with the names there are."""
    if name not in PRESETS:
        raise NotFoundError(f"There is no preset {name!r}; choose one of {', '.join(PRESETS)}.")
    return PRESETS[name]


def parse_settings(preset: str, settings: Sequence[str]) -> TrainingConfig:
    """The config of `preset` with each `key=value` set, the defaults elsewhere; the last of two for one key counts.

    Raises InputError naming key, value, range and close matches; NotFoundError for the preset.
    """
    find_preset(preset)
    values: dict[str, object] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise InputError(f"{setting!r} is not of the form key=value, as in epochs=3.")
        values[key.strip()] = value.strip()
    return parse_values(preset, values)


def parse_values(preset: str, values: dict[str, object]) -> TrainingConfig:
    """As `parse_settings`, from a form's values or a config.json."""
    found = find_preset(preset)
    try:
        return found.config.model_validate(values)
    except ValidationError as exc:
        raise InputError(_sentence(found, exc.errors()[0])) from exc


def parameters(preset: Preset) -> list[Parameter]:
    """Every setting of `preset`, the main ones first."""
    found = [_parameter(name, field) for name, field in preset.config.model_fields.items()]
    return sorted(found, key=lambda parameter: not parameter.main)


def describe() -> list[dict[str, object]]:
    """All presets as plain values: name, purpose, kind and parameters."""
    return [
        {
            "name": preset.name,
            "purpose": preset.purpose,
            "kind": preset.kind,
            "parameters": [asdict(parameter) for parameter in parameters(preset)],
        }
        for preset in PRESETS.values()
    ]


def _parameter(name: str, field: FieldInfo) -> Parameter:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    limits = {
        key: getattr(item, key) for item in field.metadata for key in ("ge", "le", "gt", "lt") if hasattr(item, key)
    }
    choices = extra.get("choices")
    return Parameter(
        name=name,
        type=_type_name(field.annotation),
        default=field.default,
        minimum=limits.get("ge", limits.get("gt")),
        maximum=limits.get("le", limits.get("lt")),
        choices=[item for item in choices if isinstance(item, int | str)] if isinstance(choices, list) else None,
        open=extra.get("open") is True,
        meaning=field.description or "",
        main=extra.get("main") is True,
    )


def _type_name(annotation: object) -> Literal["int", "float", "bool", "str"]:
    plain = get_args(annotation)[0] if get_origin(annotation) is not None else annotation
    if plain is bool:
        return "bool"
    if plain is int:
        return "int"
    return "float" if plain is float else "str"


def _sentence(preset: Preset, error: ErrorDetails) -> str:
    key = str(error["loc"][0]) if error["loc"] else ""
    known = {parameter.name: parameter for parameter in parameters(preset)}
    if key not in known:
        close = difflib.get_close_matches(key, known, n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}."
        return f"{preset.name} has no setting {key!r}; {hint}"
    return f"{key}={error['input']}: {_expectation(known[key], error)}."


def _expectation(parameter: Parameter, error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    if parameter.choices and not parameter.open:
        return f"must be one of {', '.join(map(str, parameter.choices))}"
    if parameter.name == "device":
        return "must be auto, cpu, mps, cuda or cuda:N"
    words = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text"}
    limits = "" if parameter.minimum is None else f" from {parameter.minimum:g} to {parameter.maximum:g}"
    return f"must be {words[parameter.type]}{limits}"
