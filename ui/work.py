"""Starting work that outlives the tab: one function for each thing that a data page can set going.

Each gives the job the arguments that the command line's verb takes.
"""

from uuid import uuid4

import streamlit as st

from core.api.desk import Opened
from core.jobs.queue import submit
from ui.words import plural

__all__ = ["request_key", "start_collect", "start_emptying", "start_import", "start_sample", "start_scan"]


_WEB = "the searches before it"
"""The slot that searches share: a list of 151 classes is no 151 processes."""


def request_key(form: str) -> str:
    """Names one filling-in of a form: two clicks on its button start one job."""
    return str(st.session_state.setdefault(f"request.{form}", uuid4().hex))


def start_sample(here: Opened, key: str, *, images: int = 240) -> str:
    """Draw the sample dataset."""
    title = f"Sample of {plural(images, 'picture')}"
    submit(here.workspace, kind="sample", arguments={"images": images}, title=title, request_key=key)
    st.session_state.pop("request.sample", None)
    return "Drawing the sample; the pictures are here in a moment"


def start_scan(here: Opened, key: str) -> str:
    """Look for new, changed and vanished files in `data/images`."""
    submit(here.workspace, kind="scan", arguments={}, title="Look for new files", request_key=key)
    st.session_state.pop("request.scan", None)
    return "Looking for new files"


def start_emptying(here: Opened, key: str, *, expect: int | None, who: str) -> str:
    """Delete what lies in the bin, if that is still `expect` pictures."""
    arguments: dict[str, object] = {"yes": True, "who": who}
    if expect is not None:
        arguments["expect"] = expect
    submit(here.workspace, kind="bin empty", arguments=arguments, title="Empty the bin", request_key=key)
    st.session_state.pop("request.bin.empty", None)
    return f"Deleting {plural(expect, 'picture')}" if expect is not None else "Deleting the rest"


def start_import(here: Opened, source: str, *, class_name: str | None, title: str) -> str:
    """Copy in the pictures of a folder, a zip or a list."""
    arguments: dict[str, object] = {"source": source}
    if class_name:
        arguments["class_name"] = class_name
    submit(here.workspace, kind="import", arguments=arguments, title=title)
    return f"{title} has started"


def start_collect(here: Opened, *, class_name: str, query: str, engine: str, limit: int) -> None:
    """Search one engine for one class and fetch what it finds, once the searches before it are done."""
    arguments: dict[str, object] = {"engine": engine, "class_name": class_name, "limit": limit}
    if query:
        arguments["query"] = query
    title = f"Collect {class_name} ({engine})"
    submit(here.workspace, kind="collect", arguments=arguments, title=title, device=_WEB)
