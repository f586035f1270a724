"""Train: a preset, its settings, the pictures it will see, and one button that gives one run."""

import uuid
from functools import partial

import streamlit as st

from core.api.desk import Opened, desk
from core.errors import InputError
from core.jobs.queue import list_jobs
from core.training.launch import launch
from core.training.presets import PRESETS, Preset, TrainingConfig
from core.workspace import read_settings
from ui.address import to_address
from ui.data_seen import DataSeen, data_seen
from ui.empty import empty
from ui.filter_box.filter_box import filter_box
from ui.form import settings_form
from ui.head import head
from ui.models_style import models_style
from ui.preset_cards import preset_cards
from ui.rooms import page_of
from ui.seen_table import notes_on, seen_table
from ui.states import ahead_in_queue
from ui.words import plain, plural

STARTED, REQUEST = "train.started", "train.request"

# Preset, settings and filter: what makes two forms the same.
Form = tuple[str, str, str]


def train(here: Opened) -> None:
    seen = data_seen(here, "")
    actions = head("Train", f"{plural(seen.total, 'picture')} in {plural(len(seen.classes), 'class', 'classes')}")
    if not seen.total:
        with empty(
            "No pictures to learn from yet",
            "A model learns from the pictures of your dataset",
            icon=":material/model_training:",
        ):
            st.page_link(page_of("collect"), label="Collect pictures")
        return
    said = st.container()
    preset = preset_cards(PRESETS, key="train.preset")
    st.subheader("Settings", anchor=False)
    with st.container(border=True, key="train_settings"):
        config = settings_form(preset, key="train")
    where, chosen = pictures(here, preset)
    with actions:
        if config is not None and chosen is not None:
            start_or_watch(here, preset, config, where=where, said=said)
        else:
            st.button("Start", type="primary", disabled=True, help="Mend what is marked red first", key="train.blocked")


def pictures(here: Opened, preset: Preset) -> tuple[str, DataSeen | None]:
    """The filter, and what it lets through; None when it cannot be read."""
    st.subheader("Pictures", anchor=False)
    st.caption("All that are not rejected, or only those that fulfil a condition, written as on the Clean page.")
    where = st.query_params.get("where", "").strip()
    write = partial(to_address, "where", default="")
    filter_box(
        where, key="train.where", base="verdict != reject", on_text=write, label="Only pictures where", at_once=True
    )
    try:
        chosen = data_seen(here, where)
    except InputError as exc:
        st.caption(f":red[{plain(str(exc))}]")
        return where, None
    minimum = read_settings(here.workspace).minimum_per_class
    notes_on(chosen, kind=preset.kind, minimum=minimum)
    seen_table(chosen, minimum=minimum)
    return where, chosen if chosen.total else None


def start_or_watch(
    here: Opened, preset: Preset, config: TrainingConfig, *, where: str, said: st.delta_generator.DeltaGenerator
) -> None:
    """The button; once it has given its run, the way to that run, until the form is another one."""
    form = (preset.name, config.model_dump_json(), where)
    started = st.session_state.get(STARTED)
    if started is not None and started[0] == form:
        watch(here, str(started[1]), said)
        return
    if not st.button("Start", type="primary", key="train.start"):
        return
    with said, st.spinner("Freezing the pictures and putting the run into the queue"):
        folder = launch(
            here.workspace, here.db, preset=preset.name, config=config, where=where, request_key=request_key(form)
        )
    st.session_state[STARTED] = (form, folder.name)
    st.rerun()


def watch(here: Opened, run: str, said: st.delta_generator.DeltaGenerator) -> None:
    """Where the run can be watched, and how many are before it."""
    before = ahead_in_queue(list_jobs(here.workspace), run)
    turn = f"waits for its turn, {plural(before, 'run')} before it" if before else "starts now"
    said.success(f"{plain(run)} {turn}. It goes on when you close this page.", icon=":material/check:")
    if st.button("Start once more", key="train.again", help="The same form as another run"):
        del st.session_state[STARTED], st.session_state[REQUEST]
        st.rerun()
    if st.button("Watch it", type="primary", key="train.watch"):
        st.switch_page(page_of("runs"), query_params={"run": run})


def request_key(form: Form) -> str:
    """Names one form in this session, so that a second click on it gives the same run."""
    kept = st.session_state.get(REQUEST)
    if kept is None or kept[0] != form:
        kept = (form, uuid.uuid4().hex)
        st.session_state[REQUEST] = kept
    return str(kept[1])


models_style()
train(desk().opened)
