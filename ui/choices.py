"""What the address of the Clean page asks for, held against what there is: the one truth that the chips show."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import streamlit as st

from core.api.desk import Opened
from core.catalog.columns import RUN
from core.catalog.filters import parse_filter
from core.errors import InputError, SpecimenError
from core.runs.predictions import settle_answers
from ui.address import chosen_in_address, note_address
from ui.filters import CHOICES, OF_RUN, ORDERS, RUN_ORDERS, Choice, expression
from ui.offers import Offers, offers

__all__ = ["Asked", "asked"]

_USUAL = "id"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    offers: Offers
    orders: Mapping[str, str]
    """{order: words}"""
    chosen: Choice
    order: str
    further: str
    """The person's own condition, as typed."""
    heeded: str
    """The same, or "" where it is not understood."""
    problems: tuple[str, ...]
    """A sentence for each thing that could not be heeded."""
    generation: int
    """Grows when the address was changed by something else than the chips."""

    def key(self, name: str) -> str:
        """The key of a widget that shows a part of this."""
        return f"clean.{name}.{self.generation}" if self.generation else f"clean.{name}"

    @property
    def run(self) -> str | None:
        """The run whose answers are asked for."""
        return next(iter(self.chosen.get(RUN, ())), None)

    @property
    def where(self) -> str:
        """All of it in the filter language."""
        return expression(self.chosen, self.heeded)


def asked(here: Opened, classes: Mapping[str, int]) -> Asked:
    """What the address asks for; `classes` with the number of their pictures."""
    problems: list[str] = []
    generation = note_address((*CHOICES, "order", "where"))
    run = _run(here, problems)
    there = offers(here, classes, run=run, named={group: st.query_params.get_all(group) for group in CHOICES})
    chosen = _chosen(there, run, problems)
    orders = ORDERS | (RUN_ORDERS if run else {})
    order = _one("order", orders, problems) or _USUAL
    further = st.query_params.get("where", "").strip()
    heeded = further
    try:
        parse_filter(further, run=run)
        parse_filter(expression(chosen, further))
    except InputError as exc:
        problems.append(f"{exc} Your own condition is left out until then.")
        heeded = ""
    return Asked(there, orders, chosen, order, further, heeded, tuple(problems), generation)


def _run(here: Opened, problems: list[str]) -> str | None:
    """The run that the address names, its answers brought in."""
    named = st.query_params.get(RUN)
    if not named:
        if any(st.query_params.get(group) for group in OF_RUN):
            problems.append("The address asks for a run's answers and names no run; choose one under Model.")
        return None
    try:
        settle_answers(here.workspace, here.db, named)
    except SpecimenError as exc:
        problems.append(f"{exc} Its answers are left out.")
        return None
    return named


def _chosen(there: Offers, run: str | None, problems: list[str]) -> dict[str, list[str]]:
    chosen = {RUN: [run]} if run else {}
    for group, options in there.items():
        if group == RUN:
            continue
        found, unknown = chosen_in_address(group, options)
        chosen |= {group: found} if found else {}
        problems += [_unknown(group, name, options) for name in unknown]
    numbers = {name for name in st.query_params.get_all("cluster") if name.isdecimal() and len(name) < 16}
    found, unknown = chosen_in_address("cluster", numbers)
    problems += [f"“{name}” is no number of a group of copies; it is left out." for name in unknown]
    return chosen | ({"cluster": found} if found else {})


def _one(key: str, options: Collection[str], problems: list[str]) -> str | None:
    found, unknown = chosen_in_address(key, options)
    problems += [_unknown(key, name, options) for name in unknown]
    return found[0] if found else None


def _unknown(group: str, name: str, options: Collection[str]) -> str:
    near = get_close_matches(name, options, n=1, cutoff=0.6)
    hint = f"; did you mean “{near[0]}”?" if near else "."
    return f"The address asks for {group} “{name}”, which there is not{hint} It is left out."
