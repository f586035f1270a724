"""Routes that use models; the work is done in the inference process, so that this one stays small."""

import base64
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from core.api.desk import Desk, Opened
from core.errors import StorageError
from core.images.reading import MAX_BYTES
from core.inference.records import Prediction
from core.runs.index import RunSummary
from core.runs.manifest import read_manifest
from core.runs.store import list_runs, run_folder
from core.training.presets import PRESETS

__all__ = ["model_routes"]

_MOST_PICTURES = 64
_LARGEST_SEED = 2**63 - 1

Epoch = Annotated[int | None, Query(ge=1, le=1_000_000)]


def model_routes(desk: Desk) -> APIRouter:
    """The routes that ask the models of `desk`'s workspace."""
    routes = APIRouter(tags=["models"])

    @routes.get("/models", summary="The runs that have a model, newest first, and the epochs that were kept")
    def models() -> list[dict[str, object]]:
        here = desk.opened
        rows = [_model(here, row) for row in list_runs(here.workspace)]
        return [row for row in rows if row["epochs"]]

    @routes.get("/models/{run}/generate", summary="Pictures drawn from seeds, as base64 of PNG files")
    def generate(
        run: str,
        count: Annotated[int, Query(ge=1, le=_MOST_PICTURES)] = 5,
        seeds: Annotated[str | None, Query(pattern=r"^\d{1,19}(,\d{1,19})*$", max_length=2000)] = None,
        epoch: Epoch = None,
    ) -> dict[str, object]:
        here = desk.opened
        run_folder(here.workspace, run)
        numbers = [int(part) for part in seeds.split(",")] if seeds else list(range(count))
        if len(numbers) > _MOST_PICTURES or max(numbers) > _LARGEST_SEED:
            raise HTTPException(422, f"Ask for {_MOST_PICTURES} seeds at most, each below 2^63.")
        drawn = here.inference.generate(run, numbers, epoch=epoch)
        images = [{"seed": seed, "png": base64.b64encode(png).decode()} for seed, png in drawn]
        return {"run": run, "seeds": numbers, "images": images}

    @routes.post("/models/{run}/predict", summary="Class probabilities of the pictures in a multipart form")
    async def predict(run: str, request: Request, epoch: Epoch = None) -> list[dict[str, object]]:
        here = desk.opened
        run_folder(here.workspace, run)
        names, pictures = await _uploaded(request)
        found = await run_in_threadpool(here.inference.predict, run, pictures, epoch=epoch)
        if all(row.error for row in found):
            raise HTTPException(422, f"{names[0]}: {found[0].error}")
        return [_answer(name, row) for name, row in zip(names, found, strict=True)]

    return routes


def _model(here: Opened, row: RunSummary) -> dict[str, object]:
    try:
        manifest = read_manifest(run_folder(here.workspace, row.run))
    except StorageError:
        manifest = []
    kept = sorted({each.epoch for each in manifest if each.file.startswith("epoch_")})
    newest = max((each.epoch for each in manifest if each.file.endswith(".safetensors")), default=None)
    kind = PRESETS[row.preset].kind if row.preset in PRESETS else None
    return {
        "run": row.run,
        "preset": row.preset,
        "kind": kind,
        "state": row.state,
        "best": row.best,
        "epochs": kept or ([newest] if newest is not None else []),
    }


async def _uploaded(request: Request) -> tuple[list[str], list[bytes]]:
    """The files of the form: their names, as text only, and their bytes."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(422, "Send the pictures as a multipart form.")
    names: list[str] = []
    pictures: list[bytes] = []
    async with request.form(max_files=_MOST_PICTURES, max_fields=_MOST_PICTURES) as form:
        for _, value in form.multi_items():
            if not isinstance(value, UploadFile):
                continue
            name = PurePath(value.filename or "").name or f"picture {len(names) + 1}"
            if value.size is not None and value.size > MAX_BYTES:
                raise HTTPException(413, f"{name} is larger than {MAX_BYTES // 1_000_000} MB; send a smaller one.")
            names.append(name)
            pictures.append(await value.read())
    if not pictures:
        raise HTTPException(422, "The form holds no file.")
    return names, pictures


def _answer(name: str, row: Prediction) -> dict[str, object]:
    predictions = [{"class": each.class_name, "probability": each.probability} for each in row.predictions]
    return {"image": name, "predictions": predictions, "error": row.error}
