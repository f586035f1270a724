"""The chips of the Clean page: what to show, in which order; all of it stands in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.catalog.filters import parse_filter
from core.errors import InputError
from ui.address import from_address, many_from_address, many_to_address, to_address
from ui.filters import ORDERS, QUALITIES, VERDICTS, expression

__all__ = ["Chosen", "chips", "one_class", "show_class"]

_ORDER = "id"
_CLASS = "class"


@dataclass(frozen=True, slots=True)
class Chosen:
    where: str
    """An expression of the catalogue's filter language; "" lets everything through."""
    order: str


def chips(classes: Sequence[str]) -> Chosen:
    """Draws them; what is chosen. A further condition that is not understood is said and left out."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="chips"):
        names = _several("Class", _CLASS, {name: name for name in classes}, none="all")
        verdicts = _several("Decision", "verdict", VERDICTS, none="all")
        qualities = _several("Quality", "quality", {name: words for name, (words, _) in QUALITIES.items()}, none="any")
        order = _one("Order", "order", ORDERS, default=_ORDER, width=160)
        with st.popover("More", icon=":material/filter_alt:", key="clean.more"):
            further = st.text_input(
                "Further conditions", key="where", bind="query-params", placeholder="width >= 128 and format = PNG"
            )
    where = expression(names, verdicts, qualities=qualities, further=further)
    try:
        parse_filter(where)
    except InputError as exc:
        st.warning(f"{exc} The further conditions are left out until then.", icon=":material/filter_alt_off:")
        where = expression(names, verdicts, qualities=qualities)
    return Chosen(where, order)


def one_class() -> str | None:
    """The class that the address asks for, when it is a single one."""
    named = st.query_params.get_all(_CLASS)
    return named[0] if len(named) == 1 else None


def show_class(name: str) -> None:
    """Choose that class alone, whatever else is chosen; for a callback."""
    st.session_state[_CLASS] = [name]


def _several(label: str, key: str, options: Mapping[str, str], *, none: str) -> list[str]:
    many_from_address(key, options)
    chosen = st.multiselect(
        label, list(options), format_func=lambda name: options[name], key=key, placeholder=none, width=180
    )
    many_to_address(key, chosen)
    return chosen


def _one(label: str, key: str, options: Mapping[str, str], *, default: str, width: int) -> str:
    from_address(key, options, default=default)
    chosen = st.selectbox(label, list(options), format_func=lambda name: options[name], key=key, width=width)
    to_address(key, chosen, default=default)
    return chosen
