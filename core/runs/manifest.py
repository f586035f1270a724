"""checkpoints/manifest.json: which checkpoint files a run has, and the sha256 each must have to be believed.

The manifest is written before the files that it names, with the digest of what each replaces beside it: whenever the
power goes, a file is what it was or what it becomes, and anything else is damage that is named and skipped.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from core.errors import StorageError
from core.files import digest, read_json, storage_error, sweep_temporary, write_atomic, write_json

__all__ = ["STATE", "CheckpointFile", "checkpoint_bytes", "epoch_file", "publish", "read_manifest"]

STATE = "state.pt"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """One file under `checkpoints/`."""

    file: str
    """Name without folder: `epoch_0010.safetensors`, `best.safetensors`, `last.safetensors`, `state.pt`."""
    epoch: int
    """Epochs done when it was written, rounded down."""
    step: int
    """Steps done when it was written."""
    sha256: str = ""
    previous: str | None = None
    """The sha256 of the file that this one replaces; it counts as whole too, since a crash may have kept it."""
    figures: dict[str, float] = field(default_factory=dict)


def epoch_file(epoch: int) -> str:
    """The name of the checkpoint of an epoch."""
    return f"epoch_{epoch:04d}.safetensors"


def read_manifest(run: Path) -> list[CheckpointFile]:
    """The checkpoints that the run wrote, oldest epoch first; whether they are whole is not looked at.

    Raises StorageError when the manifest is there but no manifest.
    """
    path = _folder(run) / "manifest.json"
    if not path.exists():
        return []
    rows = read_json(path).get("files")
    try:
        found = [CheckpointFile(**row) for row in rows] if isinstance(rows, list) else None
    except TypeError:
        found = None
    if found is None:
        raise StorageError(f"{path} is no manifest of checkpoints; restore it from a copy or delete the run.")
    return sorted(found, key=lambda row: (row.epoch, row.step, row.file))


def publish(run: Path, files: Sequence[tuple[CheckpointFile, bytes]], *, drop: Sequence[str] = ()) -> None:
    """Write these checkpoint files, each whole or not at all, and the manifest that vouches for them; delete `drop`.

    Raises StorageError when the disk refuses; every checkpoint of before is then still whole and still vouched for.
    """
    folder = _folder(run)
    sweep_temporary(folder)
    rows = {row.file: row for row in read_manifest(run) if row.file not in drop}
    for row, content in files:
        rows[row.file] = _vouched(folder, row, sha256=digest(content), before=rows.get(row.file))
    write_json(folder / "manifest.json", {"format": _FORMAT, "files": [asdict(row) for row in rows.values()]})
    for row, content in files:
        write_atomic(folder / row.file, content)
    for name in drop:
        (folder / name).unlink(missing_ok=True)


def checkpoint_bytes(run: Path, row: CheckpointFile) -> bytes:
    """The content of one checkpoint, proven against the manifest.

    Raises StorageError naming the file when it is absent, truncated or changed.
    """
    path = _folder(run) / row.file
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise storage_error(exc, path) from exc
    if digest(content) not in (row.sha256, row.previous):
        raise StorageError(f"{path} is damaged: its sha256 is not the one in manifest.json; choose another epoch.")
    return content


def _vouched(folder: Path, row: CheckpointFile, *, sha256: str, before: CheckpointFile | None) -> CheckpointFile:
    path = folder / row.file
    present = digest(path.read_bytes()) if before is not None and path.exists() else None
    known = before is not None and present in (before.sha256, before.previous)
    return replace(row, sha256=sha256, previous=present if known else None)


def _folder(run: Path) -> Path:
    return run / "checkpoints"
