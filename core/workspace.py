"""Where things lie: a workspace is a folder with `data/` and `runs/`; and what a person set in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, Field, ValidationError, field_validator

from core.errors import InputError, StorageError
from core.files import plain_path, read_json, storage_error, sweep_temporary, write_json

__all__ = [
    "CHECKOUT",
    "KEEP_ORDER",
    "HashMode",
    "KeepRule",
    "Settings",
    "Workspace",
    "open_workspace",
    "read_settings",
    "write_settings",
]

CHECKOUT = Path(__file__).resolve().parent.parent
"""The folder that holds this program; the workspace when none is named."""

HashMode = Literal["exact", "fast"]
"""`exact`: bit-equal to imagehash.phash. `fast`: from the decoder's small picture; a few bits differ."""

KeepRule = Literal["unrejected", "largest", "sharpest", "least_compressed", "licensed", "oldest"]
"""What speaks for keeping one of several copies; core.duplicates.keeping says how each is measured."""
KEEP_ORDER: tuple[KeepRule, ...] = get_args(KeepRule)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The places of one workspace; a value, passed in to whatever reads or writes there."""

    home: Path
    """Absolute path of the folder that holds `data/` and `runs/`."""

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def images(self) -> Path:
        return self.data / "images"

    @property
    def runs(self) -> Path:
        return self.home / "runs"

    @property
    def catalog(self) -> Path:
        return self.data / "catalog.db"

    @property
    def annotations(self) -> Path:
        return self.data / "annotations.csv"

    @property
    def settings(self) -> Path:
        return self.data / "settings.json"

    @property
    def snapshots(self) -> Path:
        return self.data / "snapshots"

    @property
    def cache(self) -> Path:
        return self.data / "cache"

    @property
    def thumbnails(self) -> Path:
        return self.cache / "thumbnails.db"

    @property
    def jobs(self) -> Path:
        return self.data / "jobs"

    @property
    def queue(self) -> Path:
        return self.data / "queue.db"


class Settings(BaseModel):
    """What a person set; secrets come from the environment only."""

    minimum_per_class: int = Field(15, ge=1, le=100_000, description="Classes with fewer pictures are marked as thin")
    target_per_class: int = Field(100, ge=1, le=100_000, description="Pictures that a class is meant to have")
    duplicate_distance: int = Field(6, ge=0, le=16, description="Hash bits that may differ between two copies")
    keep_order: tuple[KeepRule, ...] = Field(
        KEEP_ORDER, description="What decides which copy stays, the weightiest first"
    )
    hash_mode: HashMode = Field("exact", description="How pictures are hashed; a scan after a change hashes all anew")
    allowed_hosts: list[str] = Field([], description="Private hosts (HOST:PORT) that may be fetched from")
    recent: list[str] = Field([], description="Workspaces opened lately, newest first")
    catalog_id: str | None = Field(None, description="Set when the catalogue is made; tells a lost one from a new one")

    @field_validator("keep_order")
    @classmethod
    def _each_rule_once(cls, order: tuple[KeepRule, ...]) -> tuple[KeepRule, ...]:
        """A rejected copy may never be proposed over one that is not: that would take a person's decision back."""
        if sorted(order) != sorted(KEEP_ORDER) or order[0] != "unrejected":
            raise ValueError(f"name each of {', '.join(KEEP_ORDER)} once, unrejected first")
        return order


def open_workspace(home: Path | None = None, *, environ: Mapping[str, str]) -> Workspace:
    """The workspace at `home`, else at `$SPECIMEN_HOME`, else this checkout; an absent or empty one is made.

    Raises InputError when the place cannot be a workspace, StorageError when its disk refuses.
    """
    named = home or (Path(environ["SPECIMEN_HOME"]) if environ.get("SPECIMEN_HOME") else CHECKOUT)
    workspace = Workspace(plain_path(named))
    for folder in (workspace.home, workspace.data, workspace.runs):
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file, but a workspace needs a folder there; choose another place.")
    try:
        for folder in (workspace.images, workspace.runs, workspace.snapshots, workspace.cache, workspace.jobs):
            folder.mkdir(parents=True, exist_ok=True)
        sweep_temporary(workspace.data)
        sweep_temporary(workspace.snapshots)
    except OSError as exc:
        raise storage_error(exc, workspace.home) from exc
    return workspace


def read_settings(workspace: Workspace) -> Settings:
    """The settings; the defaults where none were written.

    Raises StorageError naming the field when the file holds something that cannot be.
    """
    if not workspace.settings.exists():
        return Settings()
    try:
        return Settings.model_validate(read_json(workspace.settings))
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise StorageError(f"{workspace.settings}: {field}: {first['msg']}; mend it or delete the file.") from exc


def write_settings(workspace: Workspace, settings: Settings) -> None:
    """Replace the settings file, whole."""
    write_json(workspace.settings, settings.model_dump())
