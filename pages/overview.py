"""Overview: how far the dataset is on its path, and the next thing to do."""

import streamlit as st

from core.api.desk import Opened, desk
from core.catalog.images import list_images
from core.catalog.records import ImageRow
from core.database import Database
from core.jobs.queue import list_jobs
from core.jobs.status import ENDED
from core.runs.store import list_runs
from core.workspace import read_settings
from ui.classes import class_chart
from ui.edge import act, edge
from ui.empty import empty
from ui.facts import facts
from ui.head import head
from ui.jobs import under_way
from ui.lately import lately
from ui.path import Standing, next_step, steps
from ui.rooms import page_of, room
from ui.run_files import row_extras
from ui.runs_list import sparkline_image
from ui.thumbs import mosaic
from ui.words import plain, plural
from ui.work import request_key, start_sample

NEWEST = 60


def draw(here: Opened) -> None:
    """The whole room."""
    figures = facts(here)
    runs = list_runs(here.workspace)
    live = sum(run.state not in ENDED for run in runs)
    minimum = read_settings(here.workspace).minimum_per_class
    standing = Standing(figures, minimum, figures.copies.all, live, len(runs) - live)
    if not figures.images:
        _empty(here)
        return
    goal, words = next_step(standing)
    with head("Overview", f"{plural(figures.usable, 'picture')} in {plural(len(figures.classes), 'class', 'classes')}"):
        if st.button(words, type="primary", icon=room(goal).icon, key="overview.next"):
            st.switch_page(page_of(goal))
    _path(standing, goal)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Newest pictures", anchor=False)
        mosaic(_newest(here.token, figures.revision, here.db))
    with right:
        st.subheader("Classes", anchor=False)
        class_chart(figures.classes, minimum=minimum, key="overview.classes")
        if live:
            st.subheader("Under way", anchor=False)
            st.fragment(_live_runs, run_every=2.0)(here)
        lately(here)


def _path(standing: Standing, goal: str) -> None:
    with st.container(horizontal=True, key="path"):
        for step in steps(standing):
            name = f"step_next_{step.room}" if step.room == goal else f"step_{step.room}"
            with st.container(border=True, gap=None, key=name):
                st.page_link(page_of(step.room), width="stretch")
                st.markdown(f"### {step.figure}")
                st.caption(step.note)


@edge()
def _live_runs(here: Opened) -> None:
    for run in (run for run in list_runs(here.workspace) if run.state not in ENDED):
        with st.container(gap=None, key=f"run_{run.run}"):
            st.page_link(page_of("runs"), label=plain(run.run), query_params={"run": run.run})
            share = min(1.0, run.epoch / run.epochs) if run.epochs else 0.0
            if line := sparkline_image(row_extras(here, run).loss):
                st.html(line)
            st.progress(share, text=f"{run.state}, epoch {run.epoch} of {run.epochs or '?'}")


def _empty(here: Opened) -> None:
    head("Overview")
    if any(not status.ended for _, status in list_jobs(here.workspace)):
        st.markdown("Pictures are on their way.")
        st.fragment(under_way, run_every=1.0)(here)
        return
    with empty(
        "From a web search to a trained model",
        "Collect pictures, take out copies and wrong ones, train a model on the rest, and try it: all on this machine.",
        icon=":material/filter_vintage:",
    ):
        st.button(
            "Load the sample",
            type="primary",
            on_click=act,
            args=(start_sample, here, request_key("sample")),
            key="overview.sample",
        )
        if st.button("Import a folder", key="overview.import"):
            st.switch_page(page_of("collect"), query_params={"from": "folder"})
        if st.button("Collect from the web", key="overview.collect"):
            st.switch_page(page_of("collect"), query_params={"from": "web"})


@st.cache_resource(max_entries=8, show_spinner=False)
def _newest(token: str, revision: int, _db: Database) -> list[ImageRow]:
    return list_images(_db, order="-added", limit=NEWEST)[1]


draw(desk().opened)
