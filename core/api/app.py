"""The API of one server process, put together."""

from fastapi import FastAPI
from starlette.responses import HTMLResponse

from core.api.deciding import decision_routes
from core.api.desk import Desk
from core.api.docs import docs_page
from core.api.errors import answer_errors
from core.api.filtering import filter_routes
from core.api.limits import BodyLimit
from core.api.models import model_routes
from core.api.pictures import picture_routes
from core.api.runs import run_routes

__all__ = ["create_api"]


def create_api(desk: Desk) -> FastAPI:
    """The API that works on `desk`; mounted at /api."""
    api = FastAPI(title="Specimen", docs_url=None, redoc_url=None)
    api.add_middleware(BodyLimit, uploads=("/predict",))
    answer_errors(api)
    for routes in (picture_routes, filter_routes, decision_routes, run_routes, model_routes):
        api.include_router(routes(desk))

    @api.get("/health", summary="That the server answers, and on which workspace", tags=["server"])
    def health() -> dict[str, str]:
        return {"workspace": desk.opened.token}

    @api.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(api))

    return api
