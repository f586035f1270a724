"""Tiny drawn pictures in a workspace, and runs on them without a queue."""

import colorsys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from core.catalog.records import Split
from core.dataset.snapshot import SnapshotRow, snapshot_path
from core.dataset.table import to_csv
from core.files import digest, write_atomic
from core.runs.store import new_run
from core.training.presets import parse_settings
from core.workspace import Workspace

__all__ = ["CLASSES", "draw_pictures", "make_run", "picture"]

CLASSES = ("disc", "box", "bar")
_PARTS: tuple[Split, ...] = ("train", "train", "train", "val", "test")


def picture(kind: str, number: int, *, side: int = 32) -> Image.Image:
    """A disc, a box or a bar in a colour of its own class, somewhere on noise; differs for each number."""
    chance = np.random.default_rng([number, CLASSES.index(kind)])
    image = Image.fromarray(chance.integers(90, 160, (side, side, 3), dtype=np.uint8))
    red, green, blue = colorsys.hsv_to_rgb(CLASSES.index(kind) / 3 + chance.uniform(0, 0.1), 0.9, 0.9)
    colour = (int(255 * red), int(255 * green), int(255 * blue))
    left, top = (int(value) for value in chance.integers(2, side // 4, 2))
    box = (left, top, left + side // 2, top + (side // 6 if kind == "bar" else side // 2))
    draw = ImageDraw.Draw(image)
    (draw.ellipse if kind == "disc" else draw.rectangle)(box, fill=colour)
    return image


def draw_pictures(workspace: Workspace, *, per_class: int = 20) -> list[SnapshotRow]:
    """So many PNG files a class, dealt out to the parts 3 : 1 : 1."""
    rows = []
    for class_id, kind in enumerate(CLASSES):
        (workspace.images / kind).mkdir(parents=True, exist_ok=True)
        for number in range(per_class):
            name = f"{kind}/{kind}{number:03d}.png"
            picture(kind, number).save(workspace.images / name)
            rows.append(SnapshotRow(name, class_id, kind, _PARTS[number % len(_PARTS)], None))
    return sorted(rows, key=lambda row: row.img_name)


def make_run(
    workspace: Workspace,
    rows: Sequence[SnapshotRow],
    preset: str,
    *settings: str,
    parent: tuple[str, int] | None = None,
) -> Path:
    """A run that nobody has started yet."""
    content = to_csv(list(rows))
    name = digest(content)[:12]
    write_atomic(snapshot_path(workspace, name), content)
    config = parse_settings(preset, ["device=cpu", *settings])
    labels = [name for _, name in sorted({(row.class_id, row.class_name) for row in rows})]
    values: dict[str, object] = {"parameters": config.model_dump(), "snapshot": name, "labels": labels}
    started = None if parent is None else {"run": parent[0], "epoch": parent[1]}
    return new_run(workspace, preset=preset, config=values | {"parent": started, "device": "cpu"})
