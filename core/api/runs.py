"""Routes that show training runs."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from core.api.desk import Desk
from core.api.sending import send_file
from core.errors import NotFoundError
from core.files import plain_numbers
from core.runs.metrics import read_metrics
from core.runs.samples import real_path, sample_path
from core.runs.store import list_runs, run_folder, show_run

__all__ = ["run_routes"]

_LARGEST = 2**53


def run_routes(desk: Desk) -> APIRouter:
    """The routes under which the runs of `desk`'s workspace are seen."""
    routes = APIRouter(tags=["runs"])

    @routes.get("/runs", summary="All runs, newest first")
    def runs() -> list[dict[str, object]]:
        return [asdict(row) for row in list_runs(desk.opened.workspace)]

    @routes.get("/runs/{run}", summary="One run: status, settings, final figures, samples, checkpoints")
    def run(run: str) -> object:
        detail = show_run(desk.opened.workspace, run)
        shown = {
            "run": detail.run,
            "state": detail.status.state,
            "status": asdict(detail.status),
            "summary": asdict(detail.summary),
            "config": detail.config,
            "report": detail.report,
            "samples": detail.samples,
            "checkpoints": [asdict(row) for row in detail.checkpoints],
        }
        return plain_numbers(shown)

    @routes.get("/runs/{run}/metrics", summary="The records after a place in the file, and the place to go on from")
    def metrics(run: str, since: Annotated[int, Query(ge=0, le=_LARGEST)] = 0) -> object:
        records, following = read_metrics(run_folder(desk.opened.workspace, run), since=since)
        return {"records": plain_numbers(records), "next": following}

    @routes.get("/runs/{run}/samples/{epoch}", summary="The sample grid of an epoch, or of the real pictures")
    def sample(run: str, epoch: str, request: Request, v: str | None = None) -> Response:
        folder = run_folder(desk.opened.workspace, run)
        if epoch != "real" and not (epoch.isascii() and epoch.isdigit() and len(epoch) < 10):
            raise NotFoundError(f"{epoch!r} is no epoch; use a number, or real.")
        path = real_path(folder) if epoch == "real" else sample_path(folder, int(epoch))
        if not path.is_file():
            raise NotFoundError(f"{run} has no sample grid {epoch!r}.")
        return send_file(request, path, kind="image/webp", version=v)

    return routes
