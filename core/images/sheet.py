"""Several pictures on one sheet."""

import io
import math
from collections.abc import Sequence

from PIL import Image

from core.errors import InputError

__all__ = ["contact_sheet"]

_GAP_PX = 2


def contact_sheet(pictures: Sequence[bytes]) -> bytes:
    """One PNG with the pictures (encoded, all of one size) in rows on white, as square as their number allows.

    Raises InputError when there are none.
    """
    if not pictures:
        raise InputError("A contact sheet needs at least one picture.")
    tiles = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    width, height = tiles[0].size
    columns = math.ceil(math.sqrt(len(tiles)))
    rows = math.ceil(len(tiles) / columns)
    size = (columns * (width + _GAP_PX) - _GAP_PX, rows * (height + _GAP_PX) - _GAP_PX)
    sheet = Image.new("RGB", size, "white")
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        sheet.paste(tile, (column * (width + _GAP_PX), row * (height + _GAP_PX)))
    target = io.BytesIO()
    sheet.save(target, "PNG")
    return target.getvalue()
