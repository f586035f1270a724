"""The API of one server process: see DESIGN for its routes."""

from fastapi import FastAPI

from core.api.desk import Desk

__all__ = ["create_api"]


def create_api(desk: Desk) -> FastAPI:
    """The API that works on `desk`."""
    api = FastAPI(title="Specimen", docs_url=None, redoc_url=None)

    @api.get("/health")
    def health() -> dict[str, str]:
        return {"workspace": desk.opened.token}

    return api
