"""Routes that show what a generator drew: the grid of each epoch, and real pictures to compare."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from starlette.responses import FileResponse

from core.api.desk import Desk
from core.errors import NotFoundError
from core.runs.samples import real_path, sample_path
from core.runs.store import run_folder

__all__ = ["sample_routes"]

_FOR_EVER = "private, max-age=31536000, immutable"
_SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}


def sample_routes(desk: Desk) -> APIRouter:
    """The routes under which the grids of `desk`'s runs are seen."""
    routes = APIRouter(tags=["runs"])

    @routes.get("/runs/{run}/samples/real", summary="A grid of real pictures, as WebP")
    def real(run: str, v: str = "") -> FileResponse:
        return _answer(real_path(run_folder(desk.workspace, run)), version=v)

    @routes.get("/runs/{run}/samples/{epoch}", summary="The grid drawn after an epoch, as WebP")
    def sample(run: str, epoch: Annotated[int, InPath(ge=0, le=10_000_000)], v: str = "") -> FileResponse:
        return _answer(sample_path(run_folder(desk.workspace, run), epoch), version=v)

    return routes


def _answer(path: Path, *, version: str) -> FileResponse:
    """With a version in its address, a grid may be kept for ever."""
    if not path.is_file():
        raise NotFoundError(f"{path} is not there; the run has drawn no such grid.")
    kept = _FOR_EVER if version else "private, no-cache"
    return FileResponse(path, media_type="image/webp", headers={"Cache-Control": kept, **_SANDBOX})
