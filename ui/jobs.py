"""Work under way, at the foot of the sidebar: how far, how long, and how it ended."""

import time
from pathlib import Path

import streamlit as st

from core.api.desk import Opened
from core.jobs.process import stop
from core.jobs.queue import list_jobs, request_of
from core.jobs.status import Status, acknowledge, is_acknowledged, observe
from ui.edge import act, edge
from ui.rooms import page_of
from ui.words import count, plain, plural, span

__all__ = ["jobs_panel", "progress", "progress_text", "under_way"]

_MARKS = {"finished": ":green[:material/check:]", "stopped": ":gray[:material/stop_circle:]"}
_BAD = frozenset({"failed", "lost"})
_SHOWN_SECONDS = 180.0
_MOST_RUNS = 5
_SEEN, _RUNS = "jobs.live", "jobs.runs"


def jobs_panel(here: Opened) -> None:
    """Draws the panel, which keeps itself up to date; the page is drawn anew when a job starts or ends."""
    jobs = list_jobs(here.workspace)
    _notice_runs(here, jobs)
    st.fragment(_panel, run_every=1.0 if _live(jobs) else 4.0)(here)


def under_way(here: Opened) -> None:
    """The bars of all jobs that are not at their end."""
    with edge():
        for _, status in list_jobs(here.workspace):
            if not status.ended:
                st.caption(plain(status.title))
                progress(status)


def progress(status: Status) -> None:
    """The bar of one job, with how far it is and how long it will take."""
    share = min(1.0, status.done / status.total) if status.total else 0.0
    st.progress(share, text=progress_text(status))


def progress_text(status: Status) -> str:
    """`120 of 240 · 12 s left`, or the state where there are no figures."""
    if status.state == "queued":
        return "waiting for its turn"
    if status.state == "stopping":
        return "stopping"
    parts = [f"{count(status.done)} of {count(status.total)}"] if status.total else []
    if status.eta_seconds is not None:
        parts.append(f"{span(status.eta_seconds)} left")
    if not parts and status.message:
        parts.append(plain(status.message))
    return " · ".join(parts) or "starting"


def _panel(here: Opened) -> None:
    with edge():
        jobs = list_jobs(here.workspace)
        if _live(jobs) != st.session_state.get(_SEEN):
            st.rerun()
        ended = [(folder, observe(folder)) for folder in st.session_state.get(_RUNS, []) if folder.is_dir()]
        shown = [(folder, status) for folder, status in [*jobs, *ended] if _is_shown(folder, status)]
        if not shown:
            return
        st.caption("Under way" if _live(jobs) else "Done lately")
        for folder, status in shown:
            with st.container(border=True, gap="xsmall", key=f"job_{folder.name}"):
                _entry(folder, status)


def _notice_runs(here: Opened, jobs: list[tuple[Path, Status]]) -> None:
    """Keeps in mind which runs ended while this window was open: the list of jobs leaves them to the Runs page."""
    live = _live(jobs)
    gone = st.session_state.get(_SEEN, frozenset()) - live
    ended = [folder for folder in gone if folder.parent == here.workspace.runs]
    st.session_state[_RUNS] = [*ended, *st.session_state.get(_RUNS, [])][:_MOST_RUNS]
    st.session_state[_SEEN] = live


def _entry(folder: Path, status: Status) -> None:
    line = st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False)
    if not status.ended:
        line.markdown(f"**{plain(status.title)}**", width="stretch")
        if status.state != "stopping":
            line.button(
                "",
                key=f"job.stop.{folder.name}",
                icon=":material/stop_circle:",
                type="tertiary",
                help="Stop",
                on_click=act,
                args=(_stop, folder),
            )
        progress(status)
        return
    mark = _MARKS.get(status.state, ":red[:material/error:]")
    line.markdown(f"{mark} **{plain(status.title)}**", width="stretch")
    line.button(
        "",
        key=f"job.read.{folder.name}",
        icon=":material/close:",
        type="tertiary",
        help="Put away",
        on_click=act,
        args=(acknowledge, folder),
    )
    st.caption(plain(_ending(status)))
    if status.state == "finished":
        _link(folder)


def _ending(status: Status) -> str:
    if status.state in _BAD:
        return " ".join(filter(None, (status.error or "It ended without a word; see its log.", status.hint)))
    if status.state == "finished" and isinstance(epochs := status.extra.get("epochs"), int):
        return f"finished, {plural(epochs, 'epoch')}"
    if status.state == "stopped":
        return f"stopped: {status.message}" if status.message else "stopped"
    return status.message or "finished"


def _link(folder: Path) -> None:
    goal = {"scan": "overview", "train": "runs", "bin empty": "clean"}.get(request_of(folder).kind, "duplicates")
    query = {"run": folder.name} if goal == "runs" else None
    st.page_link(page_of(goal), query_params=query)


def _stop(folder: Path) -> str:
    stop(folder)
    return "Stopping: it ends after the step it is at"


def _is_shown(folder: Path, status: Status) -> bool:
    if not status.ended:
        return True
    if is_acknowledged(folder):
        return False
    if status.state in _BAD:
        return True
    return status.finished is not None and time.time() - status.finished < _SHOWN_SECONDS


def _live(jobs: list[tuple[Path, Status]]) -> frozenset[Path]:
    return frozenset(folder for folder, status in jobs if not status.ended)
