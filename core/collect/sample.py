"""A sample dataset, drawn and seeded: four classes of creatures with faults planted in it, and the truth about them."""

import csv
import io
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageOps

from core.catalog.hashes import hash_mode
from core.catalog.images import image_table
from core.collect.creatures import SPECIES, draw_creature
from core.collect.intake import Candidate, Intake, Taken, open_intake
from core.database import Database
from core.errors import InputError
from core.files import write_atomic
from core.images.decoder import Decoder
from core.jobs.reporter import SILENT, Reporter
from core.workspace import Workspace

__all__ = ["TRUTH_NAME", "Kind", "Sample", "make_sample"]

TRUTH_NAME = "sample_truth.csv"
"""In `data/`: img_name, class_name (the true one), kind, of (the picture that a copy was made from)."""

Kind = Literal["plain", "exact", "near", "mirror", "wrong_label", "broken"]

_MOST_IMAGES = 20_000
_SHARES: Mapping[Kind, float] = {"exact": 1 / 24, "near": 1 / 16, "mirror": 1 / 30, "wrong_label": 1 / 40}
_BATCH = 100
_HEADER = ["img_name", "class_name", "kind", "of"]
_SIDES_PX = (128, 160, 192, 224, 256)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the sample brought into the workspace."""

    images: int
    """Pictures of the sample that are in the catalogue now, planted copies included."""
    classes: int


@dataclass(frozen=True, slots=True)
class _Planned:
    """One file of the sample."""

    name: str
    species: str
    kind: Kind
    seed: str
    of: str = ""
    """The name of the planned file that this one copies."""
    label: str = ""
    """The class it is put under: another one than the species for a wrong label."""


def make_sample(
    workspace: Workspace, database: Database, *, images: int = 240, seed: int = 0, reporter: Reporter = SILENT
) -> Sample:
    """Draw the sample and take it in; the same numbers give the same bytes, which are then `known`.

    `images` counts readable pictures; some broken files are offered besides, and refused with their reasons.
    Raises InputError for a number out of range.
    """
    if not 1 <= images <= _MOST_IMAGES:
        raise InputError(f"A sample has 1 to {_MOST_IMAGES:,} images, not {images}.")
    plan = _plan(images, seed)
    with Decoder(hash_mode=hash_mode(database)) as decoder, open_intake(workspace, database, decoder) as intake:
        taken = _take_all(intake, plan, reporter)
    _write_truth(workspace, plan, _paths(database, plan, taken))
    return Sample(sum(item.outcome != "rejected" for item in taken.values()), len({item.label for item in plan}))


def _plan(images: int, seed: int) -> list[_Planned]:
    """The files of a sample: plain pictures of each species in turn, the planted ones after them, then broken ones."""
    rng = random.Random(seed)
    counts = {kind: math.ceil(share * images) if images >= 12 else 0 for kind, share in _SHARES.items()}
    copies = counts["exact"] + counts["near"] + counts["mirror"]
    names = list(SPECIES)
    plain = [
        _Planned(
            f"{names[index % 4]}-{seed}-{index}", names[index % 4], "plain", f"{seed}.{index}", label=names[index % 4]
        )
        for index in range(images - copies)
    ]
    wrong = set(rng.sample(range(len(plain)), counts["wrong_label"]))
    originals = [item for index, item in enumerate(plain) if index not in wrong]
    plain = [_mislabelled(item, rng) if index in wrong else item for index, item in enumerate(plain)]
    kinds: list[Kind] = [kind for kind in ("exact", "near", "mirror") for _ in range(counts[kind])]
    chosen = rng.sample(originals, len(kinds))
    copied = [
        _Planned(f"{item.name}-{kind}", item.species, kind, item.seed, of=item.name, label=item.label)
        for kind, item in zip(kinds, chosen, strict=True)
    ]
    return [*plain, *copied, *_broken(seed)]


def _mislabelled(item: _Planned, rng: random.Random) -> _Planned:
    other = rng.choice([name for name in SPECIES if name != item.species])
    return _Planned(item.name, item.species, "wrong_label", item.seed, label=other)


def _broken(seed: int) -> list[_Planned]:
    kinds = ("truncated.jpg", "page.jpg", "empty.png", "noise.png", "vector.png")
    first = next(iter(SPECIES))
    return [_Planned(name, first, "broken", f"{seed}.broken", label=first) for name in kinds]


def _take_all(intake: Intake, plan: Sequence[_Planned], reporter: Reporter) -> dict[str, Taken]:
    taken: dict[str, Taken] = {}
    for start in range(0, len(plan), _BATCH):
        if reporter.stopped():
            break
        some = plan[start : start + _BATCH]
        reporter.progress(start, len(plan), "Drawing")
        candidates = [Candidate(_content(item), f"sample/{item.name}", item.label) for item in some]
        taken.update(zip((item.name for item in some), intake.take(candidates), strict=True))
    reporter.progress(len(taken), len(plan), "Drawn")
    return taken


def _content(item: _Planned) -> bytes:
    if item.kind == "broken":
        return _broken_content(item)
    rng = random.Random(f"file:{item.seed}")
    image = draw_creature(item.species, seed=item.seed, side_px=rng.choice(_SIDES_PX)).image
    format = rng.choices(["JPEG", "PNG", "WEBP"], [6, 2, 2])[0]
    if item.kind == "mirror":
        return _encoded(ImageOps.mirror(image), format, quality=90)
    if item.kind == "near":
        side = max(96, round(image.width * rng.uniform(0.6, 0.85)))
        return _encoded(image.resize((side, side), Image.Resampling.LANCZOS), "JPEG", quality=rng.randint(45, 70))
    return _encoded(image, format, quality=90)


def _encoded(image: Image.Image, format: str, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    options: dict[str, object] = {} if format == "PNG" else {"quality": quality}
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _broken_content(item: _Planned) -> bytes:
    """Files as a web search brings them home."""
    if item.name.startswith("truncated"):
        whole = _encoded(draw_creature(item.species, seed=item.seed, side_px=192).image, "JPEG", quality=90)
        return whole[: len(whole) // 3]
    if item.name.startswith("page"):
        return b"<!doctype html><html><title>404</title><body>The picture has moved.</body></html>"
    if item.name.startswith("vector"):
        return b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="20"/></svg>'
    return b"" if item.name.startswith("empty") else random.Random(item.seed).randbytes(3000)


def _paths(database: Database, plan: Sequence[_Planned], taken: Mapping[str, Taken]) -> dict[str, str]:
    """Where each planned picture lies.

    Those that were there before, from a sample that may have been killed before it wrote its truth, are found by their
    content; copies were stored in the order of the plan.
    """
    table = image_table(database, ["sha256", "class", "path"])
    held: dict[tuple[object, object], list[str]] = {}
    for sha256, label, path in zip(table["sha256"], table["class"], table["path"], strict=True):
        held.setdefault((sha256, label), []).append(str(path))
    paths: dict[str, str] = {}
    for item in plan:
        found = taken.get(item.name)
        places = held.get((found.sha256, item.label), []) if found and found.outcome == "known" else []
        if found and (found.path or places):
            paths[item.name] = found.path or places.pop(0)
    return paths


def _write_truth(workspace: Workspace, plan: Sequence[_Planned], paths: Mapping[str, str]) -> None:
    """Write the truth about what is there; rows of samples made before stay."""
    rows = {row["img_name"]: row for row in _earlier_truth(workspace)}
    for item in plan:
        where = item.name if item.kind == "broken" else paths.get(item.name)
        if where:
            of = paths.get(item.of) or ""
            rows[where] = {"img_name": where, "class_name": item.species, "kind": item.kind, "of": of}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows[name] for name in sorted(rows))
    write_atomic(workspace.data / TRUTH_NAME, text.getvalue().encode())


def _earlier_truth(workspace: Workspace) -> Iterator[dict[str, str]]:
    path = workspace.data / TRUTH_NAME
    if path.exists():
        with path.open(encoding="utf-8", newline="") as handle:
            yield from csv.DictReader(handle)
