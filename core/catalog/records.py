"""The rows of the catalogue as values."""

import builtins
from dataclasses import dataclass
from typing import Literal

from core.workspace import HashMode

__all__ = [
    "Acknowledged",
    "Action",
    "BatchRow",
    "ClassCounts",
    "ClassRow",
    "ClientOperation",
    "Decided",
    "FileStamp",
    "ImageChange",
    "ImageRow",
    "Looks",
    "Measured",
    "NewImage",
    "NewSource",
    "Operation",
    "Split",
    "Verdict",
]

Verdict = Literal["unreviewed", "keep", "reject"]
Split = Literal["train", "val", "test"]
Action = Literal["keep", "reject", "unreview", "class"]


@dataclass(frozen=True, slots=True)
class ClassRow:
    class_id: int
    """0, 1 … in the order of creation; never given to another class, and stays when the classes are reordered."""
    name: str
    slug: str
    """Its folder under `data/images`."""


@dataclass(frozen=True, slots=True)
class ClassCounts:
    """How many readable, present images a class has."""

    class_id: int
    name: str
    kept: int
    unreviewed: int
    rejected: int
    train: int
    """Not rejected ones in that part of the split; so val and test."""
    val: int
    test: int

    @property
    def usable(self) -> int:
        """Not rejected: what a training run would see."""
        return self.kept + self.unreviewed


@dataclass(frozen=True, slots=True)
class Measured:
    """What one look at a file's bytes tells."""

    sha256: str
    bytes: int
    mtime_ns: int
    inode: int
    width: int
    """Pixels, upright (after the EXIF orientation); so height."""
    height: int
    format: str
    """Pillow's name of the true format: JPEG, PNG …"""
    mode: str
    """Pillow's mode of the stored pixels: RGB, P, CMYK …"""
    orientation: int
    """EXIF orientation as stored, 1 … 8."""
    phash: int
    """64 bits, unsigned; in mode exact `int(str(imagehash.phash(image)), 16)`; phash_mirror of the flipped picture."""
    phash_mirror: int
    sharpness: float
    """Variance of the Laplacian at a fixed size, 8-bit grey levels squared."""
    brightness: float
    """Mean grey, 0 … 1."""
    contrast: float
    """Standard deviation of grey, 0 … 0.5."""
    entropy: float
    """Of the grey histogram, 0 … 8 bits."""
    border_white: float
    """Share of border pixels that are near white, 0 … 1."""
    transparent: float
    """Share of pixels that are see-through, 0 … 1."""
    pixel_digest: str = ""
    """Of size and upright RGB pixels, 32 hex digits; empty when not measured. Kept in the table of looks; so cells."""
    cells: builtins.bytes = b""
    """The picture in 384 bytes: 16 x 16 mean luma, then 8 x 8 mean Cb, then Cr, row by row, top first."""
    detail: builtins.bytes = b""
    """Its luma in 1,024 bytes: 32 x 32 cells. Kept in a table of its own; so `inner`."""
    inner: builtins.bytes = b""
    """What lies within frames, bars and margins: top, bottom, left and right in 65,535ths, 16 bits each, then its cells
    and its detail; empty when that is the whole picture."""
    hash_mode: HashMode = "exact"
    """What both hashes were made by."""
    author: str = ""
    """As the file itself tells, empty where it does not; so its licence. Kept in the table of sources."""
    licence: str = ""
    licence_url: str = ""


@dataclass(frozen=True, slots=True)
class Looks:
    """What pictures look like in little, for those that were looked at for it."""

    stamp: str
    """Another one when anything in here is."""
    images: tuple[int, ...]
    """Ascending."""
    pixel_digests: tuple[str, ...]
    cells: bytes
    """Of one image after the other."""


@dataclass(frozen=True, slots=True)
class NewImage:
    path: str
    """Relative to `data/images`, forward slashes."""
    original: str
    """Where it came from, a path or an address, as text."""
    class_id: int
    measured: Measured | None
    """With an `error`, only sha256, bytes, mtime_ns and inode of it are kept, and it may be None."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells whether a file is the one that was measured."""

    bytes: int
    mtime_ns: int
    inode: int
    sha256: str | None
    error: str | None
    missing: bool
    emptied: bool = False
    """It was deleted with the bin."""


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image of the catalogue, fields as in `Measured` but for its look; 0 or None where it cannot be decoded."""

    id: int
    path: str
    original: str
    sha256: str | None
    bytes: int
    mtime_ns: int
    width: int
    height: int
    format: str
    mode: str
    orientation: int
    phash: int | None
    phash_mirror: int | None
    sharpness: float | None
    brightness: float | None
    contrast: float | None
    entropy: float | None
    border_white: float | None
    transparent: float | None
    class_id: int
    class_name: str
    verdict: Verdict
    split: Split | None
    cluster: int | None
    reason: str | None
    error: str | None
    missing: bool
    added: float
    """Unix seconds."""
    emptied: float | None = None
    """Unix seconds when its file was deleted with the bin."""

    @property
    def version(self) -> str:
        """Names the content in the addresses of thumbnails."""
        return self.sha256[:16] if self.sha256 else "0"


@dataclass(frozen=True, slots=True)
class Operation:
    """One decision to take on one image."""

    image: int
    action: Action
    class_id: int | None = None
    """For the action "class"."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ClientOperation:
    """A decision as a browser tab sends it; `seq` grows within the tab, gaps allowed."""

    seq: int
    action: Literal["keep", "reject", "unreview", "class", "undo", "redo"]
    image: int | None = None
    class_id: int | None = None
    batch: int | None = None
    """Operations of one request with one batch number are undone together; without, each alone."""


@dataclass(frozen=True, slots=True)
class Decided:
    batch: int
    """0 when there was nothing to do."""
    changed: int
    """Images that look different now."""
    classes: int = 0
    """Classes that undo or redo changed."""
    deleted: int = 0
    """Images that undo or redo left as they are, since their files were deleted when the bin was emptied."""

    @property
    def refusal(self) -> str:
        """What could not be taken back or done again, as a sentence; empty where all could."""
        if not self.deleted:
            return ""
        what = "1 picture" if self.deleted == 1 else f"{self.deleted:,} pictures"
        return f"{what} of this decision cannot come back: the file is gone since the bin was emptied."


@dataclass(frozen=True, slots=True)
class Acknowledged:
    acknowledged: int
    """Highest seq of the client that is on disk or refused."""
    refused: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class BatchRow:
    batch: int
    who: str
    label: str
    at: float
    state: Literal["done", "undone", "dropped"]
    decisions: int


@dataclass(frozen=True, slots=True)
class ImageChange:
    image: int
    verdict: Verdict
    class_id: int
    class_name: str
    revision: int


@dataclass(frozen=True, slots=True)
class NewSource:
    """Where a picture was found on the web."""

    file_url: str
    engine: str
    query: str
    rank: int
    class_id: int | None
    page_url: str | None = None
    title: str | None = None
    author: str | None = None
    licence: str | None = None
    licence_url: str | None = None
