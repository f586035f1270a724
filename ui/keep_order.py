"""The order of what decides which copy stays, to be looked at and changed in a popover."""

import streamlit as st

from core.api.desk import Opened
from core.workspace import KeepRule, read_settings, write_settings
from ui.edge import act

__all__ = ["keep_order_popover"]

_WORDS: dict[KeepRule, str] = {
    "unrejected": "not rejected before",
    "largest": "the most pixels",
    "sharpest": "the sharpest",
    "least_compressed": "the least compressed",
    "licensed": "with an origin and a licence",
    "oldest": "the oldest",
}


def keep_order_popover(here: Opened) -> None:
    """The rules, the weightiest first; each but the first can go up or down, and all proposals follow at once."""
    order = read_settings(here.workspace).keep_order
    with st.popover("Which copy stays", key="duplicates.order"):
        st.caption("The first that tells two copies apart decides.")
        with st.container(gap="xxsmall", key="keep_order"):
            for place, rule in enumerate(order):
                with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
                    st.markdown(f"{place + 1}\\. {_WORDS[rule]}", width="stretch")
                    for steps, icon, words in ((-1, "arrow_upward", "up"), (1, "arrow_downward", "down")):
                        st.button(
                            "",
                            key=f"duplicates.order.{rule}.{words}",
                            icon=f":material/{icon}:",
                            type="tertiary",
                            disabled=place == 0 or not 0 < place + steps < len(order),
                            help=f"Move “{_WORDS[rule]}” {words}",
                            on_click=act,
                            args=(_move, here, rule, steps),
                        )


def _move(here: Opened, rule: KeepRule, steps: int) -> None:
    settings = read_settings(here.workspace)
    order = list(settings.keep_order)
    place = order.index(rule)
    order.insert(place + steps, order.pop(place))
    write_settings(here.workspace, settings.model_copy(update={"keep_order": tuple(order)}))
