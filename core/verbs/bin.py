"""The verbs on the bin: what was rejected, taking it out again, and deleting its files for good."""

from dataclasses import asdict

from pydantic import Field

from core.catalog.bin import Rejection, bin_size, find_rejections, in_the_bin
from core.catalog.decisions import decide
from core.catalog.images import get_by_path, list_images
from core.catalog.records import ImageRow, Operation
from core.errors import InputError, RefusedError
from core.images.bin import empty_bin
from core.runs.predictions import settle_filter
from core.verbs.call import Arguments, Call, Verb, settle, verb

__all__ = ["BIN_VERBS"]

_ALL = 100_000_000


class ListArguments(Arguments):
    where: str = Field("", description="only what this filter lets through")
    limit: int = Field(1000, ge=1, description="so many at most, the newest rejections first")


class RestoreArguments(Arguments):
    paths: list[str] = Field([], description="paths counted from data/images")
    where: str | None = Field(None, description="all that this filter lets through")
    everything: bool = Field(False, description="all that lies in the bin")


class EmptyArguments(Arguments):
    yes: bool = Field(False, description="delete the files for good")
    expect: int | None = Field(None, ge=0, description="refuse when the bin does not hold this many pictures")
    who: str | None = Field(None, description="the person who asked for it, in the app")


def _list(call: Call, arguments: ListArguments) -> object:
    total, rows = _in_the_bin(call, arguments.where)
    rejections = find_rejections(call.db, [row.id for row in rows])
    newest = sorted(rows, key=lambda row: -rejections[row.id].at if row.id in rejections else 0.0)
    return {
        "images": total,
        "bytes": sum(row.bytes for row in rows),
        "rejected": [_described(row, rejections.get(row.id)) for row in newest[: arguments.limit]],
    }


def _in_the_bin(call: Call, where: str) -> tuple[int, list[ImageRow]]:
    settle_filter(call.workspace, call.db, where)
    return list_images(call.db, where=in_the_bin(where), limit=_ALL)


def _described(row: ImageRow, rejection: Rejection | None) -> dict[str, object]:
    return {
        "path": row.path,
        "class": row.class_name,
        "reason": row.reason or "by hand",
        "who": None if rejection is None else rejection.who,
        "at": None if rejection is None else rejection.at,
        "bytes": row.bytes,
    }


def _restore(call: Call, arguments: RestoreArguments) -> object:
    images = _chosen(call, arguments)
    operations = [Operation(row.id, "unreview") for row in images]
    decided = decide(call.db, operations, who=call.who, label="restored from the bin")
    settle(call)
    return {"batch": decided.batch, "changed": decided.changed}


def _chosen(call: Call, arguments: RestoreArguments) -> list[ImageRow]:
    if [bool(arguments.paths), arguments.where is not None, arguments.everything].count(True) != 1:
        raise InputError("Say what to restore: paths, --where EXPR or --all.")
    if not arguments.paths:
        return _in_the_bin(call, arguments.where or "")[1]
    rows = [get_by_path(call.db, path) for path in arguments.paths]
    outside = [row.path for row in rows if row.verdict != "reject"]
    if outside:
        raise InputError(f"{outside[0]} does not lie in the bin; `bin list` shows what does.")
    return rows


def _empty(call: Call, arguments: EmptyArguments) -> object:
    size = bin_size(call.db)
    if not arguments.yes:
        raise RefusedError(
            f"This deletes {size.images:,} pictures ({size.bytes:,} bytes) from {call.workspace.images} for good; say "
            "it again with --yes."
        )
    emptied = empty_bin(
        call.workspace, call.db, who=arguments.who or call.who, expected=arguments.expect, reporter=call.reporter
    )
    settle(call)
    return asdict(emptied)


BIN_VERBS: dict[str, Verb] = {
    "bin list": verb(ListArguments, _list, "list what was rejected, why, by whom and when"),
    "bin restore": verb(RestoreArguments, _restore, "take pictures out of the bin"),
    "bin empty": verb(EmptyArguments, _empty, "delete what lies in the bin from data/images for good"),
}
