"""Which run's model is asked; the choice stands in the address."""

import streamlit as st

from core.runs.index import RunSummary
from ui.states import best_text
from ui.words import plain

__all__ = ["choose_run"]


def choose_run(rows: list[RunSummary]) -> RunSummary:
    """The run in the address, else the newest; a choice goes into the address."""
    known = {row.run: row for row in rows}
    asked = st.query_params.get("run", "")
    if asked and asked not in known:
        st.warning(f"{plain(asked)} has no model to try; this is the newest that has.", icon=":material/info:")
    st.session_state["try.run"] = asked if asked in known else rows[0].run

    def chosen() -> None:
        st.query_params.from_dict({"run": st.session_state["try.run"]})

    def label(run: str) -> str:
        best = best_text(known[run].best, known[run].preset)
        return run if best == "–" else f"{run}, {best}"

    st.selectbox("Run", list(known), key="try.run", format_func=label, on_change=chosen, width=420)
    return known[str(st.session_state["try.run"])]
