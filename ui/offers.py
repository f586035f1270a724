"""What the chips offer: only that for which there are data, each with the number of pictures it would show."""

from collections.abc import Mapping

import streamlit as st

from core.api.desk import Opened
from core.catalog.columns import RUN
from core.catalog.counting import count_each, count_values
from core.catalog.images import count_unseen
from core.catalog.store import revision
from core.database import Database
from core.runs.predictions import answered_runs, settle_answers
from ui.filters import CONDITIONS, NONE, VERDICTS, Choice, condition, expression

__all__ = ["Numbers", "Offers", "numbers", "offers"]

Offers = Mapping[str, Mapping[str, str]]
"""{group: {name in the address: words}}; a group without data is left out."""
Numbers = Mapping[str, Mapping[str, int]]
"""{group: {name: pictures}}; a group whose counting would take long is left out."""

_PARTS = {"train": "training", "val": "validation", "test": "test"}
_ANYWHERE = ("quality", "size", "shape", "since")
_FRESH_SECONDS = 60


def offers(here: Opened, classes: Mapping[str, int], run: str | None) -> Offers:
    """What can be chosen now; `classes` with the number of their pictures, `run` whose answers are known."""
    pictures = sum(classes.values())
    found: dict[str, dict[str, str]] = {"class": {name: name for name in classes}, "verdict": dict(VERDICTS)}
    present = _present(here.token, pictures, here.db)
    for group in _ANYWHERE:
        there = {name: option.words for name, option in CONDITIONS[group].items() if present[f"{group} {name}"]}
        # A size, a shape or an age that all pictures share parts nothing.
        found |= {group: there} if len(there) > (group != "quality") else {}
    if present["split"]:
        found["split"] = _PARTS | {NONE: "in no part"}
    for group in ("engine", "licence", "reason"):
        values = {name: name for name in _values(here.token, pictures, group, here.db) if name}
        found |= {group: values | ({NONE: "none known"} if group == "licence" else {})} if values else {}
    unseen = count_unseen(here.db)
    states = {"broken": unseen.unreadable, "missing": unseen.missing}
    there = {name: option.words for name, option in CONDITIONS["state"].items() if states[name]}
    found |= {"state": there} if there else {}
    runs = answered_runs(here.workspace)
    found |= {RUN: {name: name for name in runs}} if runs else {}
    return found | (_of_run(here, run) if run else {})


def numbers(here: Opened, there: Offers, chosen: Choice, further: str = "") -> Numbers:
    """How many pictures each option would show, with what is chosen in the other groups."""
    free = {group: tuple(options) for group, options in there.items() if group not in (RUN, "state")}
    alone = [group for group in free if chosen.get(group)]
    rounds = [[group for group in free if group not in alone], *([group] for group in alone)]
    now = revision(here.db)
    found: dict[str, dict[str, int]] = {}
    for groups in rounds:
        others = {group: names for group, names in chosen.items() if group not in groups}
        asked = tuple((group, free[group]) for group in groups)
        found |= _counted(here.token, now, expression(others, further), asked, here.db)
    return found


@st.cache_resource(max_entries=256, show_spinner=False)
def _counted(
    token: str, revision_now: int, where: str, groups: tuple[tuple[str, tuple[str, ...]], ...], _db: Database
) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    options: dict[str, str] = {}
    for group, names in groups:
        if group in ("class", "truth", "predicted"):
            found[group] = count_values(_db, group, where=where)
        else:
            options |= {f"{group} {name}": condition(group, [name]) for name in names}
    for key, count in count_each(_db, options, where=where).items():
        group, _, name = key.partition(" ")
        found.setdefault(group, {})[name] = count
    return found


def _of_run(here: Opened, run: str) -> dict[str, dict[str, str]]:
    stamp = settle_answers(here.workspace, here.db, run)
    found = {"answer": {name: option.words for name, option in CONDITIONS["answer"].items()}}
    for group in ("truth", "predicted"):
        found[group] = {name: name for name in _answers(here.token, stamp, run, group, here.db)}
    return found | {"run_split": dict(_PARTS)}


@st.cache_resource(max_entries=8, ttl=_FRESH_SECONDS, show_spinner=False)
def _present(token: str, pictures: int, _db: Database) -> dict[str, int]:
    options = {f"{group} {name}": option.condition for group in _ANYWHERE for name, option in CONDITIONS[group].items()}
    return count_each(_db, options | {"split": "split is not empty"})


@st.cache_resource(max_entries=32, ttl=_FRESH_SECONDS, show_spinner=False)
def _values(token: str, pictures: int, column: str, _db: Database) -> list[str]:
    return sorted(count_values(_db, column, limit=50))


@st.cache_resource(max_entries=32, show_spinner=False)
def _answers(token: str, stamp: str, run: str, column: str, _db: Database) -> list[str]:
    return sorted(count_values(_db, column, where=expression({RUN: [run]})))
