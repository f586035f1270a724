"""Runs: all of them, newest first, or the one that the address names (`?run=…`)."""

import streamlit as st

from core.api.desk import Opened, desk
from core.jobs.process import stop
from core.runs.store import RunDetail, list_runs, show_run
from core.training.launch import resume
from core.training.presets import PRESETS
from ui.address import settle_address
from ui.edge import act, edge
from ui.empty import empty
from ui.head import head
from ui.models_style import models_style
from ui.rooms import page_of
from ui.run_bin import offer_undo, put_into_bin
from ui.run_files import keep_curves, row_extras
from ui.run_parts import live_parts, still_parts
from ui.runs_list import page_of_runs, runs_filter, runs_list
from ui.states import LIVE
from ui.words import plural

STATE = "runs.state"


def all_runs(here: Opened) -> None:
    rows = list_runs(here.workspace)
    live = sum(row.state in LIVE for row in rows)
    with head("Runs", f"{plural(len(rows), 'run')}, {live} under way" if rows else ""):
        if st.button("Train a model", type="primary", key="runs.train"):
            st.switch_page(page_of("train"))
    offer_undo(here)
    if not rows:
        with empty("No runs yet", "Each training run stands here, live while it works", icon=":material/monitoring:"):
            st.page_link(page_of("train"), label="Train a model")
        return
    wanted = runs_filter(rows)

    def draw() -> None:
        with edge():
            now = page_of_runs([row for row in list_runs(here.workspace) if wanted(row)])
            runs_list(now, {row.run: row_extras(here, row) for row in now})

    st.fragment(draw, run_every=2.0 if live else None)()


def one_run(here: Opened, run: str) -> None:
    detail = show_run(here.workspace, run)
    preset = PRESETS.get(detail.summary.preset)
    with st.container(key="runs_back"):
        st.page_link(page_of("runs"), label="All runs", icon=":material/arrow_back:")
    with head(run, preset.purpose if preset else detail.summary.preset):
        buttons(here, detail)
    st.session_state[STATE] = detail.status.state
    live = detail.status.state in LIVE
    st.fragment(draw_live, run_every=1.5 if live else None)(here, run)
    st.fragment(draw_still, run_every=3.0 if live else None)(here, run)


def draw_live(here: Opened, run: str) -> None:
    """How it stands, pictures and curves; the whole page is drawn anew when the state has changed."""
    with edge():
        detail = show_run(here.workspace, run)
        if detail.status.state != st.session_state.get(STATE):
            st.rerun()
        live_parts(here, detail, keep_curves(detail.folder))


def draw_still(here: Opened, run: str) -> None:
    """Report, settings, checkpoints and log: the one that is chosen."""
    with edge():
        still_parts(here, show_run(here.workspace, run))


def buttons(here: Opened, detail: RunDetail) -> None:
    state = detail.status.state
    if state in LIVE:
        stopping = state == "stopping"
        label = "Stopping: finishing the step" if stopping else "Stop"
        st.button(label, type="primary", key="runs.stop", disabled=stopping, on_click=act, args=(stop_run, detail))
        return
    st.button("Delete", key="runs.delete", on_click=act, args=(put_into_bin, here, detail.run))
    if state == "finished":
        if st.button("Try it", type="primary", key="runs.try"):
            st.switch_page(page_of("try"), query_params={"run": detail.run})
    elif detail.checkpoints:
        st.button("Resume", type="primary", key="runs.resume", on_click=act, args=(go_on, here, detail.run))


def stop_run(detail: RunDetail) -> None:
    stop(detail.folder)


def go_on(here: Opened, run: str) -> str:
    resume(here.workspace, run)
    return "Goes on from its last checkpoint"


models_style()
chosen = st.query_params.get("run")
if chosen is None:
    all_runs(desk().opened)
else:
    one_run(desk().opened, chosen)
# Last, when each widget that stands in the address has had its say: one entry in the history, not two.
settle_address()
