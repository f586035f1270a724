"""What of a run's files a page shows: its records as curves, kept between looks, and the addresses of its pictures."""

from pathlib import Path

import streamlit as st

from core.api.desk import Opened
from core.jobs.status import State
from core.runs.index import RunSummary
from core.runs.metrics import read_metrics
from core.runs.samples import real_path, sample_epochs, sample_path
from core.runs.store import run_folder
from ui.curves import Curves, sparkline
from ui.runs_list import RunExtras
from ui.server import api_address
from ui.states import LIVE

__all__ = ["keep_curves", "real_address", "row_extras", "sample_address"]

_CURVES = "runs.curves"


def keep_curves(folder: Path) -> Curves:
    """The run's curves up to now; only what was written since the last look is read."""
    run, since, curves = st.session_state.get(_CURVES) or ("", 0, Curves())
    if run != str(folder):
        since, curves = 0, Curves()
    records, position = read_metrics(folder, since=since)
    if position < since:
        curves = Curves()
    curves.extend(records)
    st.session_state[_CURVES] = (str(folder), position, curves)
    return curves


def sample_address(folder: Path, epoch: int) -> str:
    """Where the browser finds the grid of an epoch; another address once the grid is another one."""
    return f"{api_address()}/runs/{folder.name}/samples/{epoch}?v={_version(sample_path(folder, epoch))}"


def real_address(folder: Path) -> str | None:
    """Where the browser finds the grid of real pictures; None while there is none."""
    path = real_path(folder)
    return f"{api_address()}/runs/{folder.name}/samples/real?v={_version(path)}" if path.exists() else None


def row_extras(here: Opened, row: RunSummary) -> RunExtras:
    """The course of the loss and the newest pictures; of an ended run they are read once."""
    moment = int(row.seconds) if row.state in LIVE else 0
    return _extras(here.token, row.run, row.state, moment, run_folder(here.workspace, row.run))


@st.cache_data(max_entries=1000, show_spinner=False)
def _extras(token: str, run: str, state: State, moment: int, _folder: Path) -> RunExtras:
    records, _ = read_metrics(_folder)
    epochs = sample_epochs(_folder)
    return RunExtras(tuple(sparkline(records)), sample_address(_folder, epochs[-1]) if epochs else None)


def _version(path: Path) -> str:
    try:
        return f"{path.stat().st_mtime_ns:x}"
    except OSError:
        return ""
