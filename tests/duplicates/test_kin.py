"""Crops, frames, pages and turned copies among real small pictures: found, named, and the right one kept."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from core.catalog.images import get_by_path, mark_missing
from core.catalog.kin import read_kin
from core.database import Database
from core.dataset.split import make_split
from core.duplicates.candidates import prepare
from core.duplicates.clusters import Cluster, find_clusters
from core.duplicates.kin import find_kin
from core.duplicates.search import CopySearch
from core.images.scan import scan
from core.workspace import Workspace
from tests.duplicates.test_looks import put

Edit = Callable[[Image.Image], Image.Image]


def turned(how: Image.Transpose) -> Edit:
    return lambda picture: picture.transpose(how)


def cropped(picture: Image.Image) -> Image.Image:
    return picture.crop((30, 10, 385, 300))


def large(seed: int = 0) -> Image.Image:
    """Soft all over, like a photograph, with enough grain that 32 x 32 cells have something to agree in."""
    rng = np.random.default_rng(seed)
    ground = Image.fromarray(rng.integers(0, 255, (4, 5, 3), np.uint8))
    picture = ground.resize((400, 320), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = rng.integers(0, (400, 320))
        size = int(rng.integers(14, 40))
        pen.rectangle((x, y, x + size, y + size), fill=tuple(int(level) for level in rng.integers(0, 255, 3)))
    return picture


def framed(picture: Image.Image) -> Image.Image:
    return ImageOps.expand(picture, 18, "black")


def on_a_page(picture: Image.Image) -> Image.Image:
    """Below a dark bar with words, above a button, with margins."""
    page = Image.new("RGB", (picture.width + 40, picture.height + 140), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, page.width, 40), fill=(33, 37, 41))
    pen.text((8, 12), "12:30  Pictures", fill="white")
    pen.rounded_rectangle((12, page.height - 50, 120, page.height - 14), 4, fill=(66, 133, 244))
    page.paste(picture, (20, 70))
    return page


EDITS: dict[str, tuple[Edit, str, str]] = {
    "cropped": (cropped, "crop", "shows 8"),
    "framed": (framed, "crop", "with a frame or page around it"),
    "page": (on_a_page, "crop", "with a frame or page around it"),
    "quarter": (turned(Image.Transpose.ROTATE_90), "turned", "turned by 90°"),
    "back": (turned(Image.Transpose.ROTATE_270), "turned", "turned by 90°"),
    "half": (turned(Image.Transpose.ROTATE_180), "turned", "turned by 180°"),
    "flipped": (ImageOps.flip, "turned", "mirrored top to bottom"),
    "transposed": (turned(Image.Transpose.TRANSPOSE), "turned", "mirrored and turned by 90°"),
}  # fmt: skip


def scanned(workspace: Workspace, db: Database, pictures: dict[str, Image.Image]) -> list[Cluster]:
    for name, picture in pictures.items():
        put(workspace, f"a/{name}", picture, **({"quality": 85} if name.endswith("jpg") else {}))
    scan(workspace, db)
    return find_clusters(db, distance=6)


def test_a_lighter_copy_is_laid_over_though_only_the_hashes_of_the_pictures_are_near(
    workspace: Workspace, db: Database
) -> None:
    dark = large(172)
    scanned(workspace, db, {"dark.png": dark, "light.png": ImageEnhance.Brightness(dark).enhance(1.6)})
    link = find_kin(db).between(*(get_by_path(db, f"a/{name}.png").id for name in ("dark", "light")))
    assert link is not None
    assert link.relation == "near"


def test_each_edit_is_found_and_the_picture_itself_is_kept(workspace: Workspace, db: Database) -> None:
    pictures = {f"{seed}-{name}.png": large(seed) for seed, name in enumerate(EDITS, start=1)}
    edits = {f"{seed}-{name}.jpg": EDITS[name][0](large(seed)) for seed, name in enumerate(EDITS, start=1)}
    clusters = scanned(workspace, db, pictures | edits)
    assert len(clusters) == len(EDITS)
    for cluster in clusters:
        best, copy = cluster.members
        name = Path(best.path).stem.partition("-")[2]
        _, kind, words = EDITS[name]
        assert (best.path, copy.path[-4:], cluster.kind, copy.bond) == (copy.path[:-4] + ".png", ".jpg", kind, kind)
        assert copy.matches.startswith(words), copy.matches
        assert copy.distance <= 6


def test_a_picture_that_shows_more_is_called_so(workspace: Workspace, db: Database) -> None:
    """The part was enlarged, so it has more pixels, and is kept."""
    part = cropped(large(1)).resize((1065, 870))
    (cluster,) = scanned(workspace, db, {"part.png": part, "whole.jpg": large(1)})
    assert Path(cluster.members[0].path).name == "part.png"
    assert cluster.members[1].matches.startswith("shows more: the best copy is 8")


def test_recoloured_pictures_and_other_scenes_are_no_kin(workspace: Workspace, db: Database) -> None:
    recoloured = Image.merge("RGB", large().split()[::-1])
    turned = {f"{seed}.png": large(seed).transpose(Image.Transpose.ROTATE_90) for seed in range(1, 12)}
    assert scanned(workspace, db, {"a.png": large(), "tinted.png": cropped(recoloured), **turned}) == []


def test_crops_of_crops_do_not_chain(workspace: Workspace, db: Database) -> None:
    """Each shows nine tenths of the one before; no group holds what shows less than two thirds of another."""
    picture = large().resize((1000, 800))
    crops = {}
    for step in range(7):
        crops[f"{picture.width:04}.png"] = picture
        width, height = round(picture.width * 0.9), round(picture.height * 0.9)
        left, top = (0, 0) if step % 2 else (picture.width - width, picture.height - height)
        picture = picture.crop((left, top, left + width, top + height))
    clusters = scanned(workspace, db, crops)
    assert len(clusters) > 1
    for cluster in clusters:
        widths = [member.width for member in cluster.members]
        assert min(widths) / max(widths) > 0.66
        assert cluster.keep == next(member.image for member in cluster.members if member.width == max(widths))


def test_kin_are_kept_until_a_look_changes(workspace: Workspace, db: Database) -> None:
    scanned(workspace, db, {"a.png": large(), "edit.jpg": framed(large())})
    first = find_kin(db)
    assert (read_kin(db)[0], len(first.rows)) == (first.stamp, 1)
    assert find_kin(db, first) is first
    assert np.array_equal(find_kin(db).rows, first.rows)
    mark_missing(db, ["a/a.png"], True)
    assert find_clusters(db, distance=6) == []
    mark_missing(db, ["a/a.png"], False)
    assert len(find_clusters(db, distance=6)) == 1
    put(workspace, "a/edit.jpg", framed(large(3)))
    scan(workspace, db)
    assert find_clusters(db, distance=6) == []
    assert find_kin(db, first) is not first


def test_a_split_keeps_kin_together_and_the_search_tells_how_they_lie(workspace: Workspace, db: Database) -> None:
    pictures = {f"{seed}.png": large(seed) for seed in range(1, 6)}
    parts = {f"{seed}-part.png": cropped(large(seed)) for seed in range(1, 6)}
    assert len(scanned(workspace, db, pictures | parts)) == 5
    assert make_split(db, train=0.5, val=0.25, test=0.25).clusters_crossing == 0
    whole, part = (get_by_path(db, f"a/{name}.png") for name in ("3", "3-part"))
    assert whole.split == part.split
    search = CopySearch(db)
    assert search.link(whole.id, part.id) is None
    search.candidates(6)
    link = search.link(whole.id, part.id)
    assert link is not None
    assert link.relation == "crop"
    assert np.abs(np.array(link.box) - (10 / 320, 300 / 320, 30 / 400, 385 / 400)).max() < 0.02
    search.close()


def test_the_distance_counts_for_kin_too(workspace: Workspace, db: Database) -> None:
    scanned(workspace, db, {"a.png": large(1), "edit.jpg": cropped(large(1))})
    bits = int(find_kin(db).rows["bits"][0])
    candidates = prepare(db, radius=8)
    assert len(find_clusters(db, distance=bits, candidates=candidates)) == 1
    if bits:
        assert find_clusters(db, distance=bits - 1, candidates=candidates) == []
