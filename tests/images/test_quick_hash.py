"""The quick hash: near the exact one, the same for a picture however it is stored, and never beside the exact one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageOps

from core.catalog.hashes import adopt_hash_mode, hash_mode, paths_without_hash
from core.catalog.images import add_images, get_by_path, image_table, list_images, record_measured
from core.catalog.records import NewImage
from core.catalog.store import revision
from core.database import Database
from core.files import digest
from core.images.decoder import Decoder
from core.images.examine import look_at, stamp_of
from core.images.measure import hash_cells, phashes
from core.images.quick_hash import jpeg_luma, quick_hashes
from core.images.scan import scan
from core.workspace import Workspace, read_settings, write_settings
from tests.catalog.rows import fill, measured
from tests.support.pictures import draw, encode, jpeg, oriented


def _bits(first: int, second: int) -> int:
    return (first ^ second).bit_count()


@pytest.mark.parametrize("size", [(700, 525), (128, 128), (90, 640), (33, 21)])
def test_few_bits_differ_from_the_exact_hash(size: tuple[int, int]) -> None:
    differing = []
    for seed in range(20):
        picture = draw(seed, size=size)
        luma = jpeg_luma(encode(picture, "JPEG", quality=92), 1)
        assert luma is not None
        exact = phashes(hash_cells(picture))
        differing += [_bits(quick, slow) for quick, slow in zip(quick_hashes(luma), exact, strict=True)]
    assert np.mean(differing) < 3


def test_the_mirrored_hash_is_that_of_the_mirrored_picture() -> None:
    for seed in range(20):
        grey = draw(seed, size=(96, 70)).convert("L")
        assert quick_hashes(grey)[1] == quick_hashes(ImageOps.mirror(grey))[0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_jpeg_is_hashed_upright(orientation: int) -> None:
    turned, plain = (oriented(number, 3, size=(320, 200)) for number in (orientation, 1))
    first, second = (look_at(content, stamp_of(content, None), "fast").measured for content in (turned, plain))
    assert first.orientation == orientation
    assert _bits(first.phash, second.phash) <= 2
    assert _bits(first.phash_mirror, second.phash_mirror) <= 2


@pytest.mark.parametrize(("format", "mode"), [("PNG", "RGB"), ("WEBP", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L")])
def test_other_formats_are_near_the_jpeg(format: str, mode: str) -> None:
    picture = draw(5, size=(300, 220))
    other, jpeg = encode(picture.convert(mode), format), encode(picture, "JPEG", quality=92)
    with Decoder(processes=1, hash_mode="fast") as decoder:
        first, second = (look.measured for look in decoder.examine([other, jpeg]))
    assert first is not None
    assert second is not None
    assert first.hash_mode == second.hash_mode == "fast"
    assert _bits(first.phash, second.phash) <= 4


def test_a_change_of_mode_forgets_the_hashes_of_the_other(db: Database) -> None:
    fill(db, {"abra": 2})
    before = revision(db)
    adopt_hash_mode(db, "exact")
    assert (revision(db), paths_without_hash(db)) == (before, set())
    adopt_hash_mode(db, "fast")
    assert hash_mode(db) == "fast"
    assert revision(db) > before
    assert paths_without_hash(db) == {"abra/abra001.jpg", "abra/abra002.jpg"}
    assert [(row.phash, row.phash_mirror) for row in list_images(db)[1]] == [(None, None)] * 2


def test_no_hash_of_another_mode_gets_in(db: Database) -> None:
    """Somebody at work while the mode changes brings hashes of the old one."""
    fill(db, {"abra": 1})
    home = get_by_path(db, "abra/abra001.jpg").class_id
    adopt_hash_mode(db, "fast")
    fast = replace(measured(4), hash_mode="fast")
    add_images(db, [NewImage("abra/b.jpg", "b", home, measured(3)), NewImage("abra/c.jpg", "c", home, fast)])
    record_measured(db, [("abra/abra001.jpg", measured(1), None)])
    assert paths_without_hash(db) == {"abra/abra001.jpg", "abra/b.jpg"}
    assert get_by_path(db, "abra/c.jpg").phash == 4


def test_a_scan_hashes_all_anew_after_a_change_of_the_setting(workspace: Workspace, db: Database) -> None:
    for seed in range(3):
        place = workspace.images / "daisy" / f"{seed}.jpg"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(jpeg(seed, size=(300, 200)))
    scan(workspace, db)
    exact = image_table(db, ["phash"])["phash"]
    write_settings(workspace, read_settings(workspace).model_copy(update={"hash_mode": "fast"}))
    result = scan(workspace, db)
    assert (hash_mode(db), result.new, result.changed, result.images) == ("fast", 0, 0, 3)
    contents = [(workspace.images / "daisy" / f"{seed}.jpg").read_bytes() for seed in range(3)]
    fast = [look_at(content, stamp_of(content, None), "fast").measured.phash for content in contents]
    assert image_table(db, ["phash"])["phash"] == fast != exact
    now = revision(db)
    scan(workspace, db)
    assert revision(db) == now
    write_settings(workspace, read_settings(workspace).model_copy(update={"hash_mode": "exact"}))
    scan(workspace, db)
    assert image_table(db, ["phash"])["phash"] == exact


def test_the_exact_hash_stays_the_usual_one(tmp_path: Path) -> None:
    content = encode(draw(1), "JPEG")
    (tmp_path / "a.jpg").write_bytes(content)
    with Decoder(processes=1) as decoder:
        (look,) = decoder.examine([tmp_path / "a.jpg"])
    assert look.measured is not None
    assert (look.measured.hash_mode, look.measured.sha256) == ("exact", digest(content))
