"""The page of one run: what changes while it works, and what one looks up."""

import streamlit as st

from core.api.desk import Opened
from core.runs.log import read_log
from core.runs.predictions import PREDICTIONS
from core.runs.store import RunDetail
from core.training.launch import resume
from ui.curves import Curves
from ui.edge import act
from ui.report import report_view
from ui.run_files import real_address, sample_address
from ui.run_view import curve_plots, facts_list, log_lines, standing
from ui.samples.samples import sample_grid
from ui.states import LIVE
from ui.words import plain

__all__ = ["live_parts", "still_parts"]

_PARTS = ("Report", "Settings", "Checkpoints", "Log")


def live_parts(here: Opened, detail: RunDetail, curves: Curves) -> None:
    """How it stands, the pictures it drew, its curves."""
    standing(detail.status)
    if detail.samples:
        asked = st.query_params.get("epoch", "")
        chosen = sample_grid(
            detail.samples,
            key=f"runs.samples.{detail.run}",
            sample=lambda epoch: sample_address(detail.folder, epoch),
            real=real_address(detail.folder),
            start=int(asked) if asked.isdecimal() else None,
        )
        _remember(chosen, newest=detail.samples[-1])
    curve_plots(curves, run=detail.run)


def still_parts(here: Opened, detail: RunDetail) -> None:
    """Report, settings, checkpoints or log."""
    part = st.segmented_control(
        "Part",
        _PARTS,
        default="Report" if detail.report else "Log",
        required=True,
        key="part",
        label_visibility="collapsed",
        bind="query-params",
    )
    if part == "Report":
        _report(detail)
    elif part == "Settings":
        facts_list(detail.config)
    elif part == "Checkpoints":
        _checkpoints(here, detail)
    else:
        search = st.text_input("Search the log", key="runs.search", placeholder="Search", label_visibility="collapsed")
        log_lines(read_log(detail.folder), search=search)


def _report(detail: RunDetail) -> None:
    if detail.report is not None:
        answered = (detail.folder / PREDICTIONS).is_file()
        report_view(detail.report, run=detail.run if answered else None)
    elif detail.status.state in LIVE:
        st.caption("The report is written when the run ends.")
    else:
        st.caption("This run ended before it had a report.")


def _checkpoints(here: Opened, detail: RunDetail) -> None:
    rows = [row for row in detail.checkpoints if row.file.endswith(".safetensors")]
    if not rows:
        st.caption("No checkpoint yet: the first one is kept after an epoch.")
        return
    figures = list(dict.fromkeys(name for row in rows for name in row.figures))
    table: dict[str, list[object]] = {"File": [row.file for row in rows], "Epoch": [row.epoch for row in rows]}
    table |= {name.replace("_", " ").capitalize(): [row.figures.get(name) for row in rows] for name in figures}
    st.dataframe(table, hide_index=True, key="runs.checkpoints")
    if detail.status.state in LIVE:
        return
    last = detail.summary.epochs or 0
    epochs = sorted({row.epoch for row in rows if row.file.startswith("epoch_") and row.epoch < last})
    if not epochs:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs_continue"):
        epoch = st.selectbox("Go on from epoch", epochs, index=len(epochs) - 1, key="runs.from_epoch", width=180)
        st.button(
            "Go on as a new run",
            key="runs.fork",
            help="The run itself stays as it is",
            on_click=act,
            args=(_fork, here, detail.run, epoch),
        )


def _fork(here: Opened, run: str, epoch: int) -> str:
    folder = resume(here.workspace, run, epoch=epoch)
    return f"{plain(folder.name)} goes on from epoch {epoch} of {plain(run)}"


def _remember(epoch: int, *, newest: int) -> None:
    """The epoch looked at stands in the address, unless it is the newest."""
    if epoch != newest:
        st.query_params["epoch"] = str(epoch)
    elif "epoch" in st.query_params:
        del st.query_params["epoch"]
