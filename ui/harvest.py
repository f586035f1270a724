"""What collecting and importing brought in: live while it runs, with the reasons for what was left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.catalog.images import list_images
from core.jobs.queue import list_jobs, request_of, result_of
from core.jobs.status import Status
from ui.edge import edge
from ui.jobs import progress
from ui.rooms import page_of
from ui.thumbs import mosaic
from ui.words import count, plain, plural

__all__ = ["harvest", "reasons"]

_KINDS = frozenset({"collect", "import", "sample", "scan"})
_MOST, _REASONS, _ARRIVING = 12, 3, 12
_REFUSED = ("rejected", "failed", "unreadable")


def harvest(here: Opened) -> None:
    """Draws one row a job of today, newest first; kept up to date by itself."""
    working = any(not status.ended for _, status in list_jobs(here.workspace))
    st.fragment(_rows, run_every=1.0 if working else None)(here)


def reasons(refused: Sequence[Mapping[str, object]]) -> list[tuple[str, int]]:
    """How often each reason was given, the most frequent first."""
    return Counter(str(item.get("reason", "")) for item in refused).most_common()


def _rows(here: Opened) -> None:
    with edge():
        jobs = [(folder, status) for folder, status in list_jobs(here.workspace) if _is_ours(folder)]
        if not jobs:
            return
        st.subheader("Today", anchor=False)
        if any(not status.ended for _, status in jobs):
            mosaic(list_images(here.db, order="-added", limit=_ARRIVING)[1])
        for folder, status in jobs[:_MOST]:
            with st.container(border=True, gap="xsmall", key=f"harvest_{folder.name}"):
                _row(folder, status)


def _row(folder: Path, status: Status) -> None:
    if not status.ended:
        st.markdown(f"**{plain(status.title)}**")
        progress(status)
        return
    result = result_of(folder) or {}
    st.markdown(f"**{plain(status.title)}** :gray[· {plain(_summary(status, result))}]")
    like = result.get("like_rejected")
    if isinstance(like, int):
        words = "look like rejected ones" if like > 1 else "looks like a rejected one"
        st.page_link(
            page_of("duplicates"),
            label=f"{plural(like, 'picture')} {words}",
            icon=":material/history:",
            query_params={"kind": "rejected"},
        )
    refused = next((items for name in _REFUSED if isinstance(items := result.get(name), list)), [])
    if refused:
        with st.expander(f"{plural(len(refused), 'file')} left out: {plain(_most_frequent(refused))}"):
            st.dataframe(_table(refused), hide_index=True, height=min(400, 38 + 36 * len(refused)))


def _summary(status: Status, result: Mapping[str, object]) -> str:
    if status.error:
        return " ".join(filter(None, (status.error, status.hint)))
    words = [
        f"{count(value)} {word}"
        for name, word in (("images", "pictures"), ("added", "added"), ("new", "new"), ("known", "known before"))
        if isinstance(value := result.get(name), int) and value
    ]
    return ", ".join(words) or ("nothing new" if result else status.message or status.state)


def _most_frequent(refused: list[Mapping[str, object]]) -> str:
    found = reasons(refused)
    words = ", ".join(f"{count(number)} × {reason}" for reason, number in found[:_REASONS])
    return f"{words} …" if len(found) > _REASONS else words


def _table(refused: list[Mapping[str, object]]) -> pd.DataFrame:
    return pd.DataFrame([
        {"file": str(item.get("path") or item.get("url")), "reason": str(item.get("reason"))} for item in refused
    ])


def _is_ours(folder: Path) -> bool:
    return request_of(folder).kind in _KINDS
