"""Every failure of the API as JSON: `{"error": "one sentence"}`."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from core.errors import (
    BusyError,
    InputError,
    NotFoundError,
    RefusedError,
    SpecimenError,
    StorageError,
    UnavailableError,
)

__all__ = ["answer_errors", "failure"]

_STATUS: dict[type[SpecimenError], int] = {
    InputError: 400,
    NotFoundError: 404,
    RefusedError: 409,
    BusyError: 503,
    StorageError: 507,
    UnavailableError: 502,
}


def answer_errors(api: FastAPI) -> None:
    """Make `api` answer errors in sentences; what nobody foresaw is logged with its traceback by the server."""
    api.add_exception_handler(SpecimenError, _ours)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(Exception, _unforeseen)


def failure(status: int, sentence: str, *, headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer that says `sentence`."""
    return JSONResponse({"error": sentence}, status_code=status, headers=headers)


def _ours(request: Request, exc: Exception) -> JSONResponse:
    status = next((status for kind, status in _STATUS.items() if isinstance(exc, kind)), 500)
    return failure(status, str(exc), headers={"Retry-After": "1"} if status == 503 else None)


def _http(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    known = {404: "There is nothing at this address.", 405: "This address does not take that method."}
    sentence = exc.detail if exc.detail not in ("Not Found", "Method Not Allowed") else known[exc.status_code]
    return failure(exc.status_code, str(sentence), headers=dict(exc.headers or {}))


def _invalid(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    first = exc.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "request"
    return failure(422, f"{place}: {first['msg']}.")


def _unforeseen(request: Request, exc: Exception) -> JSONResponse:
    return failure(500, "Something went wrong inside Specimen; its log says what.")
