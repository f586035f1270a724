"""The keys of the Duplicates page: one group is in focus, and keys move it and decide, without a run of the script."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

__all__ = ["group_keys"]

_component = st.components.v2.component(
    "specimen_group_keys",
    html="<span></span>",
    js=(Path(__file__).parent / "group_keys.js").read_text(encoding="utf-8"),
)


def group_keys(groups: Sequence[tuple[str, bool, bool]]) -> None:
    """Listens for the groups on this page: the key of each one's container, whether it is open, and beyond doubt.

    J and → go on, from the last group to the next page, K and ← go back, Enter accepts the proposal, 1 … 9 keeps that
    picture, R rejects all, D compares. The first group beyond doubt is in focus at first; a decision moves the focus
    to the next open one.
    """
    _component(key="duplicates.keys", data={"groups": [[f"st-key-{key}", *state] for key, *state in groups]})
