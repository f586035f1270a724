"""The main of a job's process: finds the function for its kind, runs it, writes down how it ended."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

from core.errors import NotFoundError
from core.files import write_json
from core.jobs.record import read_status
from core.jobs.reporter import Reporter, report
from core.jobs.requests import request_of

__all__ = ["Handler", "run_job"]

Handler = Callable[[dict[str, object], Reporter], object]
"""Takes the request's arguments; what it returns (a dataclass or a dict of JSON values) becomes result.json."""


def run_job(folder: Path, handlers: Mapping[str, Handler]) -> int:
    """Do what the request in `folder` asks; 0 when it finished or was stopped, 1 when it failed."""
    with report(folder) as reporter:
        request = request_of(folder)
        if request.kind not in handlers:
            raise NotFoundError(f"There is no job of the kind {request.kind!r}; this version may be too old for it.")
        result = handlers[request.kind](request.arguments, reporter)
        _write_result(folder, result)
    return int(folder.is_dir() and read_status(folder).state == "failed")


def _write_result(folder: Path, result: object) -> None:
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        write_json(folder / "result.json", _plain(dataclasses.asdict(result)))
    elif isinstance(result, dict):
        write_json(folder / "result.json", _plain(result))


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value
