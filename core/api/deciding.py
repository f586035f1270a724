"""Routes that decide: what the gallery posts, and what others decided meanwhile."""

import time
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from core.api.desk import Desk, Opened
from core.api.errors import failure
from core.catalog.classes import count_classes
from core.catalog.decisions import apply_client, changes_since, history
from core.catalog.records import ClientOperation
from core.catalog.store import revision

__all__ = ["decision_routes"]

_LARGEST = 2**53
_MOST_CHANGES = 10_000
_LATELY_SECONDS = 120.0
_LATELY_BATCHES = 20


class OperationBody(BaseModel):
    """One decision."""

    seq: int = Field(ge=1, le=_LARGEST, description="Grows within a client; a repeated one changes nothing")
    action: Literal["keep", "reject", "unreview", "class", "undo", "redo"]
    image: int | None = Field(None, ge=0, le=_LARGEST, description="The image's number; not for undo and redo")
    class_id: int | None = Field(None, ge=0, le=_LARGEST, description="For the action class")
    batch: int | None = Field(None, ge=0, le=_LARGEST, description="Decisions with one number are undone together")


class DecisionsBody(BaseModel):
    """What one browser tab decided."""

    client: str = Field(min_length=1, max_length=64, description="Names the tab")
    who: str = Field("me", min_length=1, max_length=80, description="Names the person: undo takes one's own back")
    operations: list[OperationBody] = Field(max_length=2000)
    workspace: str | None = Field(None, max_length=64, description="The workspace that the tab shows; another: 409")


def decision_routes(desk: Desk) -> APIRouter:
    """The routes that read and write decisions in `desk`'s workspace."""
    routes = APIRouter(tags=["decisions"])

    @routes.post("/decisions", summary="Take decisions; the answer comes when they are on disk")
    def decide(body: DecisionsBody) -> JSONResponse:
        here = desk.opened
        if body.workspace not in (None, here.token):
            return failure(409, "Specimen has another workspace open now; switch back to save these decisions.")
        operations = [ClientOperation(**operation.model_dump()) for operation in body.operations]
        done = apply_client(here.db, client=body.client, who=body.who, operations=operations)
        refused = [{"seq": seq, "reason": reason} for seq, reason in done.refused]
        return JSONResponse({"acknowledged": done.acknowledged, "refused": refused})

    @routes.get("/changes", summary="Images that changed after a revision of the catalogue, and the counts if wanted")
    def changes(since: Annotated[int, Query(ge=0, le=_LARGEST)], counts: bool = True) -> dict[str, object]:
        here = desk.opened
        now = revision(here.db)
        found = changes_since(here.db, since, _MOST_CHANGES) if now != since else []
        whole = len(found) < _MOST_CHANGES
        rows = [
            {"image": row.image, "verdict": row.verdict, "class_id": row.class_id, "class": row.class_name}
            for row in (found if whole else [])
        ]
        return {
            "revision": now,
            "workspace": here.token,
            "reload": not whole,
            "changes": rows,
            "people": _lately(here) if found else [],
            "classes": [asdict(row) for row in count_classes(here.db)] if counts else None,
        }

    return routes


def _lately(here: Opened) -> list[str]:
    """Who decided in the last minutes."""
    since = time.time() - _LATELY_SECONDS
    return sorted({batch.who for batch in history(here.db, _LATELY_BATCHES) if batch.at > since})
