"""What the chips offer: only that for which there are data, each with the number of pictures it would show."""

from collections.abc import Collection, Mapping

import streamlit as st

from core.api.desk import Opened
from core.catalog.columns import RUN
from core.catalog.counting import count_each, count_values, find_fitting
from core.catalog.images import count_unseen
from core.catalog.store import revision
from core.database import Database
from core.runs.predictions import answered_runs, settle_answers
from ui.filters import CONDITIONS, NONE, VERDICTS, Choice, expression

__all__ = ["Offers", "numbers", "offers"]

Offers = Mapping[str, Mapping[str, str]]
"""{group: {name in the address: words}}; a group without data is left out."""

_PARTS = {"train": "training", "val": "validation", "test": "test"}
_ANYWHERE = ("quality", "size", "shape", "since")
_PARTING = ("size", "shape", "since")
"""Groups of which an option that holds for all pictures is left out, because it parts nothing."""
_FRESH_SECONDS = 60


def offers(here: Opened, classes: Mapping[str, int], *, run: str | None, named: Choice) -> Offers:
    """What can be chosen now; `classes` with the number of their pictures, `run` whose answers are known.

    What is `named` already stays, also where no picture is left for it: a link shows what it says, if that is nothing.
    """
    pictures = sum(classes.values())
    found: dict[str, dict[str, str]] = {"class": {name: name for name in classes}, "verdict": dict(VERDICTS)}
    present = _present(here.token, pictures, here.db)
    for group in _ANYWHERE:
        telling = {name for name in CONDITIONS[group] if f"{group} {name}" in present}
        if group in _PARTING:
            telling = {name for name in telling if f"not {group} {name}" in present}
        found |= _words(group, telling | set(named.get(group, ())))
    if "split" in present or named.get("split"):
        found["split"] = _PARTS | {NONE: "in no part"}
    for group in ("engine", "licence", "reason"):
        values = {name: name for name in _values(here.token, pictures, group, here.db) if name}
        found |= {group: values | ({NONE: "none known"} if group == "licence" else {})} if values else {}
    unseen = count_unseen(here.db)
    states = {name for name, count in {"broken": unseen.unreadable, "missing": unseen.missing}.items() if count}
    found |= _words("state", states | set(named.get("state", ())))
    runs = answered_runs(here.workspace)
    found |= {RUN: {name: name for name in runs}} if runs else {}
    return found | (_of_run(here, run) if run else {})


def _words(group: str, names: Collection[str]) -> dict[str, dict[str, str]]:
    """{group: {name: words}} of those of its options, in their order; nothing without one."""
    there = {name: option.words for name, option in CONDITIONS[group].items() if name in names}
    return {group: there} if there else {}


def numbers(here: Opened, group: str, chosen: Choice, further: str = "") -> Mapping[str, int]:
    """How many pictures each option of the group would show, with what is chosen in the other groups."""
    others = {each: names for each, names in chosen.items() if each != group}
    return _counted(here.token, revision(here.db), expression(others, further), group, here.db)


@st.cache_resource(max_entries=256, show_spinner=False)
def _counted(token: str, revision_now: int, where: str, group: str, _db: Database) -> Mapping[str, int]:
    if group in CONDITIONS:
        return count_each(_db, {name: option.condition for name, option in CONDITIONS[group].items()}, where=where)
    return {value or NONE: count for value, count in count_values(_db, group, where=where).items()}


def _of_run(here: Opened, run: str) -> dict[str, dict[str, str]]:
    stamp = settle_answers(here.workspace, here.db, run)
    found = {"answer": {name: option.words for name, option in CONDITIONS["answer"].items()}}
    for group in ("truth", "predicted"):
        found[group] = {name: name for name in _answers(here.token, stamp, run, group, here.db)}
    return found | {"run_split": dict(_PARTS)}


@st.cache_resource(max_entries=8, ttl=_FRESH_SECONDS, show_spinner=False)
def _present(token: str, pictures: int, _db: Database) -> frozenset[str]:
    options = {f"{group} {name}": option.condition for group in _ANYWHERE for name, option in CONDITIONS[group].items()}
    opposite = {f"not {name}": f"not {text}" for name, text in options.items() if name.split()[0] in _PARTING}
    return find_fitting(_db, options | opposite | {"split": "split is not empty"})


@st.cache_resource(max_entries=32, ttl=10 * _FRESH_SECONDS, show_spinner=False)
def _values(token: str, pictures: int, column: str, _db: Database) -> list[str]:
    return sorted(count_values(_db, column, limit=50))


@st.cache_resource(max_entries=32, show_spinner=False)
def _answers(token: str, stamp: str, run: str, column: str, _db: Database) -> list[str]:
    return sorted(count_values(_db, column, where=expression({RUN: [run]})))
