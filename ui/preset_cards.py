"""The presets as cards to choose from; the choice stands in the address."""

from collections.abc import Mapping

import streamlit as st

from core.training.presets import Preset
from ui.words import plain

__all__ = ["preset_cards"]

_NEEDS = {
    "classifier": "Needs two classes or more, with pictures of each.",
    "generator": "Needs some hundred pictures of one kind of thing; classes play no part.",
}
_WEIGHTS = "ImageNet weights are fetched once, 45 MB."


def preset_cards(presets: Mapping[str, Preset], *, key: str) -> Preset:
    """Draws one card a preset; the one that is chosen, at first the first."""
    names = list(presets)
    asked = st.query_params.get("preset", "")
    chosen = asked if asked in presets else str(st.session_state.get(key, names[0]))
    st.session_state[key] = chosen
    with st.grid(len(names), min_column_width=230, gap="small", key=f"{key}.cards"):
        for name in names:
            _card(presets[name], chosen=name == chosen, key=key)
    return presets[chosen]


def _card(preset: Preset, *, chosen: bool, key: str) -> None:
    side = "chosen" if chosen else "other"
    with st.container(border=True, height="stretch", gap="xsmall", key=f"preset_{side}_{preset.name}"):
        st.markdown(f"**{plain(preset.name)}**")
        st.markdown(plain(preset.purpose))
        needs = _NEEDS[preset.kind] + (f" {_WEIGHTS}" if preset.config.torchvision_weights else "")
        st.caption(plain(needs))
        st.button(
            "Chosen" if chosen else "Choose",
            key=f"{key}.{preset.name}",
            icon=":material/check:" if chosen else None,
            disabled=chosen,
            on_click=_choose,
            args=(key, preset.name),
        )


def _choose(key: str, name: str) -> None:
    st.session_state[key] = name
    st.query_params["preset"] = name
