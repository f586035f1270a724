"""Pictures on a page, by the address of their thumbnail; Streamlit's own media store is never used for them."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from core.catalog.records import ImageRow
from ui.server import api_address

__all__ = ["difference_address", "image_address", "mosaic", "no_picture", "picture", "thumb_address"]


def thumb_address(image: ImageRow) -> str:
    """Where the browser finds the thumbnail; the content's version in it lets the browser keep it for ever."""
    return f"{api_address()}/thumb/{image.id}/{image.version}"


def image_address(image: ImageRow) -> str:
    """Where the browser finds the picture itself."""
    return f"{api_address()}/image/{image.id}"


def difference_address(first: ImageRow, second: ImageRow) -> str:
    """Where the browser finds the picture of what differs; with both versions in it, to be kept for ever."""
    return f"{api_address()}/difference/{first.id}/{second.id}?version={first.version}-{second.version}"


def picture(image: ImageRow, *, side: int, faded: bool = False, marked: bool = False) -> None:
    """The thumbnail in a square of `side` pixels, whole; a click opens the picture itself in a tab."""
    name = escape(image.path)
    looks = "".join(word for word, so in ((" faded", faded), (" marked", marked)) if so)
    st.html(
        f'<a class="specimen-picture{looks}" style="width:{side}px" '
        f'href="{image_address(image)}" target="_blank" rel="noopener" title="{name}">'
        f'<img src="{thumb_address(image)}" alt="{name}" loading="lazy" draggable="false"></a>'
    )


def no_picture(words: str, *, side: int) -> None:
    """A square in the place of a picture that is gone, with what there is to say of it."""
    st.html(f'<div class="specimen-picture none" style="width:{side}px">{escape(words)}</div>')


def mosaic(images: Iterable[ImageRow]) -> None:
    """Square tiles side by side, as many a row as fit, with class and path as text."""
    tiles = "".join(
        f'<img src="{thumb_address(image)}" alt="{escape(image.class_name)}" '
        f'title="{escape(image.class_name)}: {escape(image.path)}" loading="lazy">'
        for image in images
    )
    st.html(f'<div class="specimen-mosaic">{tiles}</div>')
