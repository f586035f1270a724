"""Routes that show images: thumbnails, originals, lists."""

import array
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from PIL import Image
from starlette.responses import Response

from core.api.captions import captions
from core.api.desk import Desk, Opened
from core.api.sending import FOR_EVER, SANDBOX, send_file
from core.catalog.images import get_image, get_many, list_ids, list_images
from core.catalog.records import ImageRow, Verdict
from core.catalog.sources import find_origins, origin_in_words
from core.duplicates.look_hash import TURNS
from core.errors import InputError, NotFoundError
from core.images.difference import Part, difference_picture
from core.runs.predictions import settle_filter

__all__ = ["picture_routes"]

_TYPES: Mapping[str, str] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "TIFF": "image/tiff",
}
_VERDICT_BYTES: Mapping[Verdict, int] = {"unreviewed": 0, "keep": 1, "reject": 2}
_MOST_TILES = 500
_LARGEST_ID = 2**53

_WHOLE: Part = (0.0, 1.0, 0.0, 1.0)
_TURNS: Mapping[str, Image.Transpose] = {
    "quarter": Image.Transpose.ROTATE_90,
    "half": Image.Transpose.ROTATE_180,
    "upside down": Image.Transpose.FLIP_TOP_BOTTOM,
    "diagonal": Image.Transpose.TRANSPOSE,
    "other diagonal": Image.Transpose.TRANSVERSE,
}
_BACK: Mapping[Image.Transpose, Image.Transpose] = {Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270}
"""All others undo themselves."""

Number = Annotated[int, Query(ge=0, le=_LARGEST_ID)]


def picture_routes(desk: Desk) -> APIRouter:
    """The routes under which `desk`'s images are seen."""
    routes = APIRouter(tags=["images"])

    @routes.get("/thumb/{image}/{version}", summary="A small WebP of an image; its address changes with its content")
    def thumb(image: int, version: Annotated[str, Path(pattern="^[0-9a-f]{1,64}$")]) -> Response:
        here = desk.opened
        row = get_image(here.db, _checked(image))
        small = _thumbnail(here, row)
        kept = FOR_EVER if version == row.version else "no-store"
        return Response(small, media_type="image/webp", headers={"Cache-Control": kept, **SANDBOX})

    @routes.get(
        "/difference/{first}/{second}", summary="Where two images differ, amplified; black where they are alike"
    )
    def difference(
        first: int, second: int, version: Annotated[str, Query(pattern="^[0-9a-f]{0,64}-?[0-9a-f]{0,64}$")] = ""
    ) -> Response:
        here = desk.opened
        rows = [get_image(here.db, _checked(image)) for image in (first, second)]
        small = [_thumbnail(here, row) for row in rows]
        turned, parts = _laid_over(here, *rows)
        shown = difference_picture(*small, turned=turned, parts=parts)
        kept = FOR_EVER if version == "-".join(row.version for row in rows) else "no-store"
        return Response(shown, media_type="image/webp", headers={"Cache-Control": kept, **SANDBOX})

    @routes.get("/image/{image}", summary="The bytes of an original; with its version in the address to be kept")
    def original(
        image: int, request: Request, version: Annotated[str, Query(pattern="^[0-9a-f]{0,64}$")] = ""
    ) -> Response:
        here = desk.opened
        row = get_image(here.db, _checked(image))
        kind = None if row.error else _TYPES.get(row.format)
        path = _original_path(here, row)
        # Only a file that is still the one that was measured is the version asked for.
        stamp = f"{row.mtime_ns:x}" if version == row.version else None
        named = kind or "application/octet-stream"
        return send_file(request, path, kind=named, download=kind is None, version=stamp)

    @routes.get("/images", summary="One page of the images that a filter lets through")
    def images(
        where: str = "", order: str = "id", offset: Number = 0, limit: Annotated[int, Query(ge=0, le=1000)] = 100
    ) -> dict[str, object]:
        here = desk.opened
        settle_filter(here.workspace, here.db, where)
        total, rows = list_images(here.db, where=where, order=order, offset=offset, limit=limit)
        return {"total": total, "images": [_described(row) for row in rows]}

    @routes.get("/ids", summary="All images that a filter lets through: 32 bits a number, then 8 bits a verdict")
    def ids(where: str = "", order: str = "id") -> Response:
        here = desk.opened
        settle_filter(here.workspace, here.db, where)
        revision, found = list_ids(here.db, where=where, order=order)
        headers = {"X-Revision": str(revision), "X-Workspace": here.token, "Cache-Control": "no-store"}
        return Response(_packed(found), media_type="application/octet-stream", headers=headers)

    @routes.get("/tiles", summary="What the gallery shows of up to 500 images, by their numbers")
    def tiles(
        response: Response,
        ids: Annotated[str, Query(pattern=r"^\d{1,10}(,\d{1,10})*$", max_length=10_000)],
        where: Annotated[str, Query(description="of the list they stand in; with order, it tells the caption")] = "",
        order: str = "",
    ) -> list[object]:
        here = desk.opened
        numbers = [int(part) for part in ids.split(",")]
        if len(numbers) > _MOST_TILES:
            raise InputError(f"{len(numbers)} images were asked for; ask for {_MOST_TILES} at most.")
        response.headers["X-Workspace"] = here.token
        words = captions(here.db, numbers, where=where, order=order)
        origins = find_origins(here.db, numbers)
        return [
            _tile(row) | {"caption": words.get(row.id, ""), "origin": origin_in_words(origins.get(row.id, ()))}
            for row in get_many(here.db, numbers)
        ]

    return routes


def _checked(image: int) -> int:
    if not 0 <= image <= _LARGEST_ID:
        raise NotFoundError(f"There is no image number {image}.")
    return image


def _laid_over(here: Opened, first: ImageRow, second: ImageRow) -> tuple[Image.Transpose | None, tuple[Part, Part]]:
    """How the second is to be turned, and which parts of the two show the same."""
    link = here.copies.link(first.id, second.id)
    if link is not None and link.relation == "turned":
        turn = _TURNS[TURNS[link.turn]]
        return turn if link.turns_second else _BACK.get(turn, turn), (_WHOLE, _WHOLE)
    if link is not None and link.relation == "crop":
        return None, (link.box, link.other_box)
    return Image.Transpose.FLIP_LEFT_RIGHT if _are_mirrored(first, second) else None, (_WHOLE, _WHOLE)


def _are_mirrored(first: ImageRow, second: ImageRow) -> bool:
    """Whether the two are nearer with one of them flipped."""
    if first.phash is None or second.phash is None or second.phash_mirror is None:
        return False
    return (first.phash ^ second.phash_mirror).bit_count() < (first.phash ^ second.phash).bit_count()


def _thumbnail(here: Opened, row: ImageRow) -> bytes:
    small = here.thumbnails.get(row.sha256) if row.sha256 else None
    if small is None and row.sha256 and not row.error:
        small = here.thumbnails.get_or_make(row.sha256, _original_path(here, row))
    if small is None:
        raise NotFoundError(f"There is no thumbnail of data/images/{row.path}: {row.error or 'the file changed'}.")
    return small


def _original_path(here: Opened, row: ImageRow) -> pathlib.Path:
    """Where the file lies; one that a link leads out of the images' folder is not shown."""
    path = (here.workspace.images / row.path).resolve()
    if not path.is_relative_to(here.workspace.images.resolve()) or not path.is_file():
        raise NotFoundError(f"The file data/images/{row.path} is not there; `scan` brings the catalogue up to date.")
    return path


def _described(row: ImageRow) -> dict[str, object]:
    return {
        **_tile(row),
        "original": row.original,
        "sha256": row.sha256,
        "bytes": row.bytes,
        "format": row.format,
        "mode": row.mode,
        "cluster": row.cluster,
        "reason": row.reason,
        "missing": row.missing,
        "added": row.added,
        "sharpness": row.sharpness,
        "brightness": row.brightness,
        "contrast": row.contrast,
        "entropy": row.entropy,
        "border_white": row.border_white,
    }


def _tile(row: ImageRow) -> dict[str, object]:
    return {
        "id": row.id,
        "path": row.path,
        "class_id": row.class_id,
        "class": row.class_name,
        "verdict": row.verdict,
        "split": row.split,
        "version": row.version,
        "width": row.width,
        "height": row.height,
        "transparent": row.transparent,
        "error": row.error,
    }


def _packed(found: Sequence[tuple[int, Verdict]]) -> bytes:
    """Five bytes an image: all numbers, little-endian, then all verdicts."""
    numbers = array.array("I", [number for number, _ in found])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes() + bytes([_VERDICT_BYTES[verdict] for _, verdict in found])
