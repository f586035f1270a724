"""What a model answers: probabilities as bars, drawn pictures with the seed of each."""

import base64
from collections.abc import Sequence
from html import escape

import streamlit as st

__all__ = ["drawn_pictures", "probability_bars", "shown_upload"]

_SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/avif"})
_MOST_BYTES = 12_000_000
_MOST = 10


def probability_bars(probabilities: Sequence[tuple[str, float]]) -> None:
    """One bar a class, the most likely first; of many classes the ten most likely."""
    ranked = sorted(probabilities, key=lambda item: -item[1])
    rows = "".join(_bar(name, share, first=rank == 0) for rank, (name, share) in enumerate(ranked[:_MOST]))
    st.html(f'<div class="specimen-bars">{rows}</div>')
    if len(ranked) > _MOST:
        rest = sum(share for _, share in ranked[_MOST:])
        st.caption(f"The other {len(ranked) - _MOST:,} classes together: {rest:.1%}")


def drawn_pictures(pictures: Sequence[tuple[int, bytes]]) -> None:
    """The PNGs side by side, each above its seed."""
    figures = "".join(
        f'<figure><img src="data:image/png;base64,{base64.b64encode(content).decode()}" alt="Drawn from seed {seed}">'
        f"<figcaption>seed {seed}</figcaption></figure>"
        for seed, content in pictures
    )
    st.html(f'<div class="specimen-drawn">{figures}</div>')


def shown_upload(content: bytes, mime: str, name: str) -> None:
    """The picture as the browser decodes it; a line in words for what browsers cannot show."""
    if mime not in _SHOWN or len(content) > _MOST_BYTES:
        st.caption("Your browser cannot show this file here; the model reads it all the same.")
        return
    address = f"data:{mime};base64,{base64.b64encode(content).decode()}"
    st.html(f'<img class="specimen-upload" src="{address}" alt="{escape(name)}">')


def _bar(name: str, share: float, *, first: bool) -> str:
    mark = " first" if first else ""
    return (
        f'<span class="name{mark}">{escape(name)}</span>'
        f'<span class="track"><span class="fill{mark}" style="width:{100 * share:.1f}%"></span></span>'
        f'<span class="share{mark}">{share:.1%}</span>'
    )
