"""Questions to a run's model: it answers from a process of its own, and an answer is kept while the page is open."""

import secrets
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.api.desk import Opened
from core.catalog.images import image_table
from core.errors import InputError, NotFoundError, SpecimenError
from core.runs.index import RunSummary
from core.runs.manifest import read_manifest
from core.runs.store import list_runs, run_folder
from core.training.presets import PRESETS
from core.workspace import Workspace

__all__ = ["any_picture", "ask_drawings", "ask_probabilities", "tryable_runs"]

_ANSWER = "try.answer"


def tryable_runs(workspace: Workspace) -> list[RunSummary]:
    """The runs that have a model, newest first."""
    return [row for row in list_runs(workspace) if row.preset in PRESETS and _has_model(workspace, row)]


def ask_probabilities(here: Opened, run: str, *, name: str, source: Path | bytes) -> list[tuple[str, float]]:
    """Class and probability of each class for a picture, the most probable first; `name` tells pictures apart.

    Raises InputError when the picture cannot be read, and what the model's process could not do.
    """
    asked = (here.token, run, name)
    kept = st.session_state.get(_ANSWER)
    if kept is None or kept[0] != asked:
        answer = here.inference.predict(run, [source])[0]
        if answer.error is not None:
            raise InputError(f"This picture cannot be read: {answer.error}. Try another one.")
        kept = (asked, [(row.class_name, row.probability) for row in answer.predictions])
        st.session_state[_ANSWER] = kept
    return list(kept[1])


def ask_drawings(here: Opened, run: str, seeds: Sequence[int]) -> list[tuple[int, bytes]]:
    """Seed and PNG of each picture that the run's generator draws."""
    asked = (here.token, run, tuple(seeds))
    kept = st.session_state.get(_ANSWER)
    if kept is None or kept[0] != asked:
        drawn = here.inference.generate(run, seeds)
        kept = (asked, [(picture.seed, picture.png) for picture in drawn])
        st.session_state[_ANSWER] = kept
    return list(kept[1])


def any_picture(here: Opened) -> int:
    """A test picture at random, or any where there is no split; raises NotFoundError when there is none at all."""
    table = image_table(here.db, ["id", "split", "verdict"])
    usable = [
        (int(number), part)
        for number, part, verdict in zip(table["id"], table["split"], table["verdict"], strict=True)
        if verdict != "reject" and isinstance(number, int)
    ]
    chosen = [number for number, part in usable if part == "test"] or [number for number, _ in usable]
    if not chosen:
        raise NotFoundError("The dataset has no picture yet; collect or import some first.")
    return secrets.choice(chosen)


def _has_model(workspace: Workspace, row: RunSummary) -> bool:
    if row.state == "finished":
        return True
    try:
        return any(file.file.endswith(".safetensors") for file in read_manifest(run_folder(workspace, row.run)))
    except SpecimenError:
        return False
