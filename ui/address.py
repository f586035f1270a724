"""Choices that stand in the page's address by their own names, so that Back works and a link can be sent.

Streamlit's own binding writes the label that a person reads, which changes with counts and wording.
"""

from collections.abc import Collection, Mapping, Sequence

import streamlit as st

__all__ = [
    "chosen_in_address",
    "from_address",
    "many_from_address",
    "many_to_address",
    "note_address",
    "noted_address",
    "number_from_address",
    "settle_address",
    "to_address",
    "write_address",
]

_NOTED, _GENERATION = "address.noted", "address.generation"


def from_address(key: str, options: Collection[str], *, default: str) -> str:
    """What the widget `key` has chosen so far, before it is drawn: by hand, by the address, or the default.

    A choice that is no longer among the options gives way to the default.
    """
    asked = st.session_state.get(key, st.query_params.get(key))
    chosen = asked if asked in options else default
    if key not in st.session_state or st.session_state[key] != chosen:
        st.session_state[key] = chosen
    return str(chosen)


def to_address(key: str, value: str, *, default: str) -> None:
    """After the widget: writes what is chosen; the default needs no word in the address."""
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def number_from_address(key: str, *, default: int, low: int, high: int) -> int:
    """The number chosen by the widget `key` so far, before it is drawn: by hand, by the address, or the default."""
    if key not in st.session_state:
        named = st.query_params.get(key, "")
        st.session_state[key] = min(high, max(low, int(named))) if named.isdecimal() else default
    return int(st.session_state[key])


def many_from_address(key: str, options: Collection[str]) -> None:
    """As `from_address`, for a widget with several choices."""
    named = [name for name in st.query_params.get_all(key) if name in options]
    if key not in st.session_state and named:
        st.session_state[key] = named


def many_to_address(key: str, values: Sequence[str]) -> None:
    """As `to_address`, for a widget with several choices; none is the default."""
    if st.query_params.get_all(key) != list(values):
        st.query_params[key] = list(values)


def chosen_in_address(key: str, options: Collection[str]) -> tuple[list[str], list[str]]:
    """The choices under `key` that the address names and `options` holds, and those that it does not; each once."""
    named = list(dict.fromkeys(st.query_params.get_all(key)))
    return [name for name in named if name in options], [name for name in named if name not in options]


def note_address(keys: Collection[str]) -> int:
    """Remember what the address names under `keys` as the page is drawn; a number that grows when it was not we.

    For pages where the address is what counts and widgets only show it. Widgets carry the number in their keys: one in
    a closed popover does not hear of Back, and would tell its old value as a new one.
    """
    now = {key: st.query_params.get_all(key) for key in keys}
    generation = int(st.session_state.get(_GENERATION, 0))
    if st.session_state.get(_NOTED, now) != now:
        generation += 1
    st.session_state[_NOTED], st.session_state[_GENERATION] = now, generation
    return generation


def write_address(changes: Mapping[str, Sequence[str]]) -> None:
    """Let the address name these choices under their keys, of those that `note_address` was told; for callbacks.

    None takes the key out of the address. A second click may come before the browser has shown the address that the
    first one led to, so what was noted counts, not what the browser says.
    """
    noted: dict[str, list[str]] = st.session_state.get(_NOTED, {})
    now = noted | {key: list(values) for key, values in changes.items()}
    for key, values in now.items():
        if values:
            st.query_params[key] = values
        else:
            st.query_params.pop(key, None)
    st.session_state[_NOTED] = now


def noted_address(key: str) -> list[str]:
    """What the address names under `key`, as far as this page knows."""
    noted: dict[str, list[str]] = st.session_state.get(_NOTED, {})
    return noted.get(key, [])


def settle_address() -> None:
    """Tell the browser the query parameters that this page is drawn for; nothing happens where it shows them already.

    A page link to the page that is open already changes the parameters but not the address (Streamlit 1.67); Back,
    reloading and a copied address would then lead elsewhere.
    """
    st.query_params.update()
