"""The drawn sample and the truth about it."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalog.classes import count_classes
from core.catalog.images import list_images
from core.collect.creatures import SPECIES, draw_creature
from core.collect.sample import Sample, make_sample
from core.database import Database
from core.errors import InputError
from core.images.decode import load_rgb
from core.workspace import Workspace


def truth(workspace: Workspace) -> list[dict[str, str]]:
    with (workspace.data / "sample_truth.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def grey(path: Path) -> np.ndarray:
    """A small grey version, to compare pictures by."""
    return np.asarray(load_rgb(path).convert("L").resize((32, 32), Image.Resampling.BOX), dtype=np.float32)


def test_a_sample_holds_what_its_truth_says(workspace: Workspace, db: Database) -> None:
    assert make_sample(workspace, db, images=60, seed=1) == Sample(60, 4)
    total, images = list_images(db)
    assert total == 60
    assert {row.name for row in count_classes(db)} == set(SPECIES)
    by_path = {image.path: image for image in images}
    rows = truth(workspace)
    assert Counter(row["kind"] for row in rows) == {
        "plain": 49,
        "exact": 3,
        "near": 4,
        "mirror": 2,
        "wrong_label": 2,
        "broken": 5,
    }
    assert {row["img_name"] for row in rows if row["kind"] != "broken"} == set(by_path)
    for row in rows:
        if row["kind"] == "broken":
            continue
        image = by_path[row["img_name"]]
        assert (image.class_name == row["class_name"]) == (row["kind"] != "wrong_label")
        if row["of"]:
            check_copy(workspace, row)


def check_copy(workspace: Workspace, row: dict[str, str]) -> None:
    copy, original = workspace.images / row["img_name"], workspace.images / row["of"]
    if row["kind"] == "exact":
        assert copy.read_bytes() == original.read_bytes()
        return
    one, other = grey(copy), grey(original)
    mirrored = row["kind"] == "mirror"
    assert np.abs(one - (other[:, ::-1] if mirrored else other)).mean() < 6
    assert copy.read_bytes() != original.read_bytes()


def test_the_same_sample_twice_is_known_and_another_seed_is_new(workspace: Workspace, db: Database) -> None:
    make_sample(workspace, db, images=12)
    before = truth(workspace)
    assert make_sample(workspace, db, images=12) == Sample(12, 4)
    assert truth(workspace) == before
    assert list_images(db)[0] == 12
    make_sample(workspace, db, images=4, seed=5)
    assert list_images(db)[0] == 16
    assert len(truth(workspace)) == len(before) + 4


def test_a_sample_that_was_killed_before_its_truth_tells_it_when_made_again(workspace: Workspace, db: Database) -> None:
    make_sample(workspace, db, images=24)
    before = truth(workspace)
    (workspace.data / "sample_truth.csv").unlink()
    make_sample(workspace, db, images=24)
    assert truth(workspace) == before


@pytest.mark.parametrize("images", [0, -1, 1_000_000])
def test_a_number_out_of_range_is_refused(workspace: Workspace, db: Database, images: int) -> None:
    with pytest.raises(InputError, match="1 to 20,000 images"):
        make_sample(workspace, db, images=images)


def test_a_picture_is_fixed_by_its_seed_and_varies_with_it() -> None:
    for species in SPECIES:
        first, again, other = (draw_creature(species, seed=seed, side_px=64).image for seed in ("1", "1", "2"))
        assert first.tobytes() == again.tobytes()
        assert first.tobytes() != other.tobytes()
        assert (first.mode, first.size) == ("RGB", (64, 64))


def test_about_a_third_stands_on_white() -> None:
    drawn = [draw_creature(species, seed=str(seed), side_px=32) for species in SPECIES for seed in range(30)]
    assert 0.2 < sum(item.white for item in drawn) / len(drawn) < 0.5
    white = next(item.image for item in drawn if item.white)
    assert white.getpixel((0, 0)) == (255, 255, 255)
