"""What every verb works with, and how its arguments are checked."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.catalog.store import open_catalog
from core.database import Database, file_lock
from core.dataset.annotations import needs_writing, write_annotations
from core.dataset.rebuild import open_or_rebuild
from core.errors import InputError, RefusedError
from core.jobs.cluster import Hands, open_cluster
from core.jobs.reporter import SILENT, Reporter
from core.workspace import Workspace

__all__ = ["Arguments", "Call", "Executor", "Nothing", "Verb", "hands", "settle", "turn_of_files", "verb", "work_on"]

_WHO = "command line"
_TURN_SECONDS = 6 * 3600.0


class Arguments(BaseModel):
    """The arguments of a verb, by the names of the command line's options."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Arguments):
    """For a verb that takes none."""


Executor = Literal["local", "ray"]
"""Who does the work that can be cut into pieces: this machine, or a Ray cluster (docs/cluster.md)."""

ArgumentsType = TypeVar("ArgumentsType", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Call:
    """What every verb works with."""

    workspace: Workspace
    db: Database
    """The catalogue."""
    environ: Mapping[str, str]
    reporter: Reporter = SILENT
    who: str = _WHO


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb: its arguments, and what does it."""

    arguments: type[BaseModel]
    purpose: str
    run: Callable[[Call, Mapping[str, object]], object]
    """Checks the arguments and does the verb; raises InputError for arguments that cannot be."""
    mends: bool = False
    """Whether it begins with building a damaged catalogue anew; the others say so and end."""


@contextlib.contextmanager
def work_on(
    workspace: Workspace, *, environ: Mapping[str, str], reporter: Reporter = SILENT, mends: bool = False
) -> Iterator[Call]:
    """A call on `workspace` with its catalogue open for as long as the block lasts."""
    database = _mended(workspace, reporter) if mends else open_catalog(workspace)
    try:
        yield Call(workspace, database, environ, reporter)
    finally:
        database.close()


@contextlib.contextmanager
def turn_of_files(workspace: Workspace, reporter: Reporter) -> Iterator[None]:
    """One of sample, import, collect and scan at a time: a scan would take a file being stored for a new one."""
    reporter.progress(0, None, "waiting for its turn")
    with file_lock(workspace.data / "files.lock", seconds=_TURN_SECONDS):
        yield


@contextlib.contextmanager
def hands(call: Call, executor: Executor) -> Iterator[Hands | None]:
    """The cluster to work with for as long as the block lasts; None for this machine alone."""
    if executor == "local":
        yield None
        return
    with open_cluster(call.environ) as cluster:
        yield cluster


def verb(
    arguments: type[ArgumentsType],
    does: Callable[[Call, ArgumentsType], object],
    purpose: str,
    *,
    mends: bool = False,
) -> Verb:
    """The verb that `does` this with its checked arguments."""

    def run(call: Call, given: Mapping[str, object]) -> object:
        try:
            checked = arguments.model_validate(given)
        except ValidationError as exc:
            first = exc.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "arguments"
            raise InputError(f"{field}: {first['msg'].lower()}, but it is {first['input']!r}.") from exc
        return does(call, checked)

    return Verb(arguments, purpose, run, mends)


def settle(call: Call) -> None:
    """Write annotations.csv when it is behind; a hand edit keeps it as it is, and `annotate` says so."""
    with contextlib.suppress(RefusedError):
        if needs_writing(call.workspace, call.db):
            write_annotations(call.workspace, call.db)


def _mended(workspace: Workspace, reporter: Reporter) -> Database:
    with turn_of_files(workspace, reporter):
        database, rebuilt = open_or_rebuild(workspace, who=_WHO, reporter=reporter)
    if rebuilt is not None:
        reporter.update(catalogue=rebuilt.sentence)
    return database
