"""The chips of the Clean page: what to show, in which order; all of it stands in the address."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from core.api.desk import Opened
from core.catalog.columns import RUN
from ui.address import noted_address, write_address
from ui.choices import Asked, asked
from ui.facts import facts
from ui.filter_box.filter_box import filter_box
from ui.filters import CHOICES, expression, label
from ui.offers import numbers
from ui.words import count, plain

__all__ = ["chips", "one_class", "show_class"]

_CLASS, _VERDICT = "class", "verdict"
_MENUS: Mapping[str, Mapping[str, str]] = {
    "Class": {"class": ""},
    "Decision": {"verdict": ""},
    "Quality": {"quality": ""},
    "Size": {"size": "Shorter side", "shape": "Shape"},
    "Origin": {"engine": "Found by", "licence": "Licence", "since": "Added"},
    "Split": {"split": ""},
    "Why": {"reason": "Rejected because", "state": "File"},
}
"""Chip: {group: its heading in there}."""
_MOST_BOXES = 24
_MOST_COUNTED = 200_000
"""Pictures up to which an open chip carries numbers: counting takes 40 to 150 ms at half of it."""

Counter = Callable[[str], Mapping[str, int] | None]
"""Group: how many pictures each of its options would show, where that can be told quickly."""


def chips(here: Opened) -> Asked:
    """Draws them, and what could not be heeded; what is asked for."""
    figures = facts(here)
    found = asked(here, {row.name: row.usable + row.rejected for row in figures.classes})
    count_in: Counter = partial(_numbers, here, found, figures.images)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="chips"):
        for title, groups in _MENUS.items():
            _menu(title, groups, found, count_in)
        _model(found, count_in)
        _copies(found)
        _clear(found)
        _order(found)
        open_box = _box_switch(found)
    if open_box:
        filter_box(found.further, key="clean.where", base=expression(found.chosen), on_text=_write_where)
    for problem in found.problems:
        st.warning(plain(problem), icon=":material/filter_alt_off:")
    return found


def one_class() -> str | None:
    """The class that the address asks for, when it is a single one."""
    named = st.query_params.get_all(_CLASS)
    return named[0] if len(named) == 1 else None


def show_class(name: str) -> None:
    """Show that class and all of it that waits to be looked at; the order stays. For a callback."""
    open_too = "unreviewed" in noted_address(_VERDICT)
    kept = {RUN, _VERDICT} if open_too else {RUN}
    write_address({group: [] for group in (*CHOICES, "where") if group not in kept} | {_CLASS: [name]})


def _menu(title: str, groups: Mapping[str, str], found: Asked, count_in: Counter) -> None:
    """One chip and what unfolds from it; nothing where none of its groups has data."""
    shown = {group: heading for group, heading in groups.items() if group in found.offers}
    if not shown:
        return
    words = [found.offers[group][name] for group in shown for name in found.chosen.get(group, ())]
    with _chip(title, words) as menu:
        for group, heading in shown.items():
            if heading and len(groups) > 1:
                st.caption(heading)
            _group(group, found, count_in(group) if menu.open else None)


def _numbers(here: Opened, found: Asked, pictures: int, group: str) -> Mapping[str, int] | None:
    return numbers(here, group, found.chosen, found.heeded) if pictures <= _MOST_COUNTED else None


def _group(group: str, found: Asked, counted: Mapping[str, int] | None) -> None:
    options = found.offers[group]
    if len(options) > _MOST_BOXES:
        _many(group, group.capitalize(), found)
        return
    chosen = found.chosen.get(group, ())
    with st.container(gap="xsmall"):
        for name, words in options.items():
            number = f" :gray[{count(counted.get(name, 0))}]" if counted is not None else ""
            key = found.key(f"{group}.{name}")
            st.session_state[key] = name in chosen
            st.checkbox(f"{plain(words)}{number}", key=key, on_change=_toggle, args=(group, name, key))


def _many(group: str, title: str, found: Asked) -> None:
    """A searchable list, where boxes would be too many."""
    options = list(found.offers[group])
    key = found.key(group)
    st.session_state[key] = list(found.chosen.get(group, ()))
    st.multiselect(title, options, key=key, placeholder="any", on_change=_write, args=(group, key))


def _model(found: Asked, count_in: Counter) -> None:
    """The runs that have answers, and what they say."""
    runs = found.offers.get(RUN)
    if not runs:
        return
    told = _told(found) or ([found.run] if found.run else [])
    with _chip("Model", told) as menu:
        key = found.key(RUN)
        st.session_state[key] = found.run
        st.selectbox(
            "Answers of", list(runs), key=key, placeholder="no run", index=None, on_change=_write, args=(RUN, key)
        )
        if found.run is None:
            return
        for group, heading in {"answer": "What it says", "run_split": "Part of its split"}.items():
            st.caption(heading)
            _group(group, found, count_in(group) if menu.open else None)
        _many("truth", "Shows", found)
        _many("predicted", "Taken for", found)


def _told(found: Asked) -> list[str]:
    """What is asked of the run's answers, in words; `abra → mew` is shown by the one and taken for the other."""
    shows, taken = (" or ".join(found.chosen.get(group, ())) for group in ("truth", "predicted"))
    told = [f"{shows or '…'} → {taken or '…'}"] if shows or taken else []
    return told + [
        found.offers[group][name] for group in ("answer", "run_split") for name in found.chosen.get(group, ())
    ]


def _copies(found: Asked) -> None:
    """Only where the address asks for the copies of one picture; a click leaves them."""
    for number in found.chosen.get("cluster", ()):
        st.button(
            f"Copies, group {count(int(number))}",
            key=f"clean.cluster.{number}",
            icon=":material/close:",
            on_click=write_address,
            args=({"cluster": [name for name in found.chosen["cluster"] if name != number]},),
        )


def _order(found: Asked) -> None:
    key = found.key("order")
    st.session_state[key] = found.order
    st.selectbox(
        "Order",
        list(found.orders),
        format_func=found.orders.__getitem__,
        key=key,
        width=190,
        label_visibility="collapsed",
        on_change=_write_order,
        args=(key, next(iter(found.orders))),
    )


def _box_switch(found: Asked) -> bool:
    """Whether the person writes conditions: those in the address are shown in any case."""
    key = "clean.writes"
    if found.further:
        st.session_state[key] = True
    return st.toggle("Condition", key=key)


def _clear(found: Asked) -> None:
    """Always there, so that nothing moves when it comes to be of use."""
    st.button(
        "",
        icon=":material/filter_alt_off:",
        help="Show all pictures",
        key="clean.clear",
        disabled=not (found.chosen or found.further or found.problems),
        on_click=_show_all,
    )


def _chip(title: str, words: Sequence[str]) -> PopoverContainer:
    """The chip, which says what is chosen; while it is open it says what it said before.

    To Streamlit 1.67 a popover with another label is another one: it would close with each choice.
    """
    key, kept = f"clean.chip.{title}", f"clean.said.{title}"
    said = f"**{plain(label(title, words))}**" if words else plain(title)
    if st.session_state.get(key):
        said = st.session_state.get(kept, said)
    st.session_state[kept] = said
    return st.popover(said, key=key, on_change="rerun")


def _toggle(group: str, name: str, key: str) -> None:
    others = [each for each in noted_address(group) if each != name]
    write_address({group: [*others, name] if st.session_state[key] else others})


def _write(group: str, key: str) -> None:
    value = st.session_state[key]
    write_address({group: [value] if isinstance(value, str) else list(value or ())})


def _write_order(key: str, usual: str) -> None:
    value = str(st.session_state[key])
    write_address({"order": [] if value == usual else [value]})


def _write_where(text: str) -> None:
    write_address({"where": [text] if text else []})


def _show_all() -> None:
    write_address({group: [] for group in (*CHOICES, "where")})
