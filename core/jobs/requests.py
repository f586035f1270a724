"""What a job was asked to do: `request.json`, and the folders that requests get."""

import itertools
import re
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.errors import StorageError
from core.files import read_json, write_json
from core.workspace import Workspace

__all__ = ["JobRequest", "new_folder", "request_of", "write_request"]


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One piece of work; `kind` says which function does it, `arguments` are plain JSON values."""

    kind: str
    arguments: dict[str, object] = field(default_factory=dict)
    title: str = ""
    device: str | None = None
    """The slot it waits for; None starts at once."""
    niced: bool = True
    """Whether it leaves one core to the app and gives way to it."""


def write_request(folder: Path, request: JobRequest) -> None:
    """Write request.json; raises StorageError when the disk refuses."""
    write_json(folder / "request.json", asdict(request))


def request_of(folder: Path) -> JobRequest:
    """What the job in `folder` was asked to do.

    Raises StorageError, naming the file, when request.json is absent or not ours.
    """
    value = read_json(folder / "request.json")
    kind, arguments, device = value.get("kind"), value.get("arguments"), value.get("device")
    if not isinstance(kind, str) or not isinstance(arguments, dict):
        raise StorageError(f"{folder / 'request.json'} says no kind or no arguments; start the job again.")
    title = str(value.get("title", ""))
    return JobRequest(kind, arguments, title, device if isinstance(device, str) else None, value.get("niced") is True)


def new_folder(workspace: Workspace, kind: str) -> Path:
    """A folder in data/jobs that nobody else got: `20261121-150310-scan`, with `-2` and so on when taken."""
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{re.sub(r'[^a-z0-9-]+', '-', kind.lower())}"
    for number in itertools.count(1):
        folder = workspace.jobs / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise AssertionError("counting ends never")
