"""A preset's settings as a form: one field a setting, its range, its meaning behind the question mark."""

import math
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import InputError
from core.training.presets import Parameter, Preset, TrainingConfig, parameters, parse_values
from ui.words import plain

__all__ = ["field_key", "settings_form"]

Value = int | float | bool | str | None


def field_key(preset: Preset, name: str, *, key: str) -> str:
    """The widget key of one field, for the page's own tests and for setting a field from outside."""
    return f"{key}.{preset.name}.{name}"


def settings_form(preset: Preset, *, key: str) -> TrainingConfig | None:
    """Draws the main settings, and the others folded; the config, or None while a field has to be mended.

    What is wrong stands as a sentence below its field.
    """
    known = parameters(preset)
    main = [parameter for parameter in known if parameter.main]
    others = [parameter for parameter in known if not parameter.main]
    grid = st.grid(max(1, len(main)), min_column_width=140, gap="small", key=f"{key}.main")
    values, mistakes = _fields(grid, preset, main, key=key)
    if others:
        with st.expander(f"{len(others)} more settings", key=f"{key}.{preset.name}.more", type="compact"):
            folded = st.grid(5, min_column_width=140, gap="small", key=f"{key}.folded")
        more_values, more_mistakes = _fields(folded, preset, others, key=key)
        values |= more_values
        mistakes += more_mistakes
        if more_mistakes:
            st.caption(f":red[To be mended among the folded settings: {'; '.join(more_mistakes)}]")
    if mistakes:
        return None
    return _checked(preset, values)


def _fields(
    grid: DeltaGenerator, preset: Preset, chosen: Sequence[Parameter], *, key: str
) -> tuple[dict[str, object], list[str]]:
    values: dict[str, object] = {}
    mistakes: list[str] = []
    for parameter in chosen:
        with grid, st.container(gap="xxsmall"):
            value = _field(parameter, field_key(preset, parameter.name, key=key))
            mistake = _mistake(preset, parameter, value)
            if mistake:
                st.caption(f":red[{mistake}]")
                mistakes.append(f"{_label(parameter)}: {mistake}")
        values[parameter.name] = value
    return values, mistakes


def _field(parameter: Parameter, key: str) -> Value:
    label, meaning = _label(parameter), _help(parameter)
    if parameter.type == "bool":
        return st.selectbox(
            label, [True, False], _first(parameter), format_func=_yes_no, help=meaning, key=key, persist_state="session"
        )
    if parameter.choices and not parameter.open:
        index = [str(choice) for choice in parameter.choices].index(str(parameter.default))
        return st.selectbox(label, parameter.choices, index, help=meaning, key=key, persist_state="session")
    if parameter.choices:
        options = [str(choice) for choice in parameter.choices]
        return st.selectbox(
            label, options, accept_new_options=True, help=meaning, key=key, format_func=_spoken, persist_state="session"
        )
    if parameter.type == "str":
        return st.text_input(label, str(parameter.default), help=meaning, key=key, persist_state="session")
    return _number(parameter, label, meaning, key)


def _number(parameter: Parameter, label: str, meaning: str, key: str) -> int | float | None:
    real = parameter.type == "float"
    kind: type[int] | type[float] = float if real else int
    low, high = (None if limit is None else kind(limit) for limit in (parameter.minimum, parameter.maximum))
    return st.number_input(
        label,
        low,
        high,
        kind(parameter.default),
        step=_step(float(parameter.default)) if real else 1,
        format="%g" if real else None,
        help=meaning,
        key=key,
        persist_state="session",
    )


def _step(value: float) -> float:
    """What one press on + adds: one in the first digit."""
    return 10.0 ** math.floor(math.log10(value)) if value > 0 else 0.01


def _mistake(preset: Preset, parameter: Parameter, value: Value) -> str:
    if value is None or value == "":
        return "fill this in"
    try:
        parse_values(preset.name, {parameter.name: value})
    except InputError as exc:
        return str(exc).partition(": ")[2].rstrip(".") or str(exc)
    return ""


def _checked(preset: Preset, values: dict[str, object]) -> TrainingConfig | None:
    try:
        return parse_values(preset.name, values)
    except InputError as exc:
        st.error(plain(str(exc)), icon=":material/error:")
        return None


def _label(parameter: Parameter) -> str:
    return parameter.name.replace("_", " ").capitalize()


def _help(parameter: Parameter) -> str:
    if parameter.minimum is None or parameter.maximum is None or parameter.type == "bool":
        return f"{parameter.meaning}."
    return f"{parameter.meaning}. From {parameter.minimum:g} to {parameter.maximum:g}."


def _first(parameter: Parameter) -> int:
    return 0 if parameter.default else 1


def _yes_no(value: bool) -> str:
    return "Yes" if value else "No"


def _spoken(value: str) -> str:
    return {"none": "None", "torchvision": "ImageNet (torchvision)"}.get(value, value)
