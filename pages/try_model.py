"""Try: ask a run's model what a picture shows, or have it draw new pictures from seeds."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.api.desk import Opened, desk
from core.catalog.images import get_image
from core.runs.index import RunSummary
from core.training.presets import PRESETS
from ui.answers import drawn_pictures, probability_bars, shown_upload
from ui.ask import any_picture, ask_drawings, ask_probabilities, tryable_runs
from ui.choose_run import choose_run
from ui.edge import act, edge
from ui.empty import empty
from ui.head import head
from ui.models_style import models_style
from ui.rooms import page_of
from ui.seeds import new_seeds, read_seeds, seeds_text
from ui.thumbs import picture
from ui.words import plain

TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "avif", "tif", "tiff"]
WAITING = "The model is asked. The first answer takes some seconds, because the model has to be loaded"


def try_model(here: Opened) -> None:
    rows = tryable_runs(here.workspace)
    actions = head("Try", "What a picture shows, or new pictures from seeds")
    if not rows:
        with empty(
            "No model to try yet", "A run can be tried from its first checkpoint on", icon=":material/auto_awesome:"
        ):
            st.page_link(page_of("train"), label="Train a model")
        return
    row = choose_run(rows)
    with edge():
        if PRESETS[row.preset].kind == "generator":
            draw(here, row, actions)
        else:
            recognise(here, row)


def draw(here: Opened, row: RunSummary, actions: DeltaGenerator) -> None:
    """The pictures of the seeds in the address, five at first."""
    seeds = read_seeds(st.query_params.get("seeds", ""))

    def again() -> None:
        st.query_params.from_dict({"run": row.run, "seeds": seeds_text(new_seeds(len(seeds)))})

    actions.button("Draw again", type="primary", key="try.again", on_click=again)
    with st.spinner(WAITING):
        drawn = ask_drawings(here, row.run, seeds)
    drawn_pictures(drawn)
    st.caption("The same seed gives the same picture; the address of this page holds the seeds.")


def recognise(here: Opened, row: RunSummary) -> None:
    """A picture at the left, what the model takes it for at the right."""
    left, right = st.columns([2, 3], gap="large")
    asked = st.query_params.get("image", "")
    with left, edge():
        upload = st.file_uploader(
            "A picture of yours", TYPES, key="try.upload", on_change=forget_picture, max_upload_size=25
        )
        st.button(
            "Take one from the dataset", icon=":material/shuffle:", key="try.any", on_click=act, args=(take_any, here)
        )
        shown = st.container()
        if asked.isdecimal():
            image = get_image(here.db, int(asked))
            answer(here, row, right, name=f"{image.id} {image.version}", source=here.workspace.images / image.path)
            with shown:
                picture(image, side=320)
                st.caption(f"{plain(image.path)}, labelled {plain(image.class_name)}")
        elif upload is not None:
            content = upload.getvalue()
            if answer(here, row, right, name=upload.file_id, source=content):
                with shown:
                    shown_upload(content, upload.type, upload.name)
        else:
            right.caption("The answer appears here: a bar for each class.")


def answer(here: Opened, row: RunSummary, place: DeltaGenerator, *, name: str, source: Path | bytes) -> bool:
    """The bars at `place`; False when a sentence stands there instead."""
    answered = False
    with place, edge():
        with st.spinner(WAITING):
            probabilities = ask_probabilities(here, row.run, name=name, source=source)
        st.subheader(plain(probabilities[0][0]), anchor=False)
        probability_bars(probabilities)
        answered = True
    return answered


def take_any(here: Opened) -> None:
    st.query_params["image"] = str(any_picture(here))


def forget_picture() -> None:
    st.query_params.pop("image", None)


models_style()
try_model(desk().opened)
