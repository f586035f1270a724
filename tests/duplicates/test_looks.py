"""Clusters of real small pictures: kinds, colours, mirrors, pictures of older catalogues, and what comes in later."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from core.catalog.decisions import decide
from core.catalog.images import get_by_path, image_table
from core.catalog.records import Operation
from core.database import Database
from core.duplicates.candidates import prepare
from core.duplicates.clusters import Cluster, find_clusters, update_clusters
from core.images.measure import cells_of
from core.images.scan import scan
from core.workspace import Workspace
from tests.duplicates.drawn import Drawn, add_drawn
from tests.duplicates.test_second_look import scene

A = 0x0123456789ABCDEF


def put(workspace: Workspace, name: str, picture: Image.Image, **how: object) -> Path:
    place = workspace.images / name
    place.parent.mkdir(exist_ok=True)
    picture.save(place, **how)  # type: ignore[arg-type]
    return place


def shape(clusters: list[Cluster]) -> list[tuple[str, list[str]]]:
    return [(cluster.kind, sorted(Path(member.path).name for member in cluster.members)) for cluster in clusters]


def test_the_four_kinds(workspace: Workspace, db: Database) -> None:
    """One picture stored twice, another in two formats, a third edited, a fourth mirrored."""
    exact, pixels, near, mirror = (scene(seed=seed) for seed in range(4))
    for name in ("exact1.png", "exact2.png"):
        put(workspace, f"a/{name}", exact)
    put(workspace, "a/pixels.png", pixels)
    put(workspace, "a/pixels.webp", pixels, lossless=True)
    put(workspace, "a/near1.png", near)
    put(workspace, "a/near2.jpg", ImageEnhance.Brightness(near).enhance(1.2), quality=40)
    put(workspace, "a/mirror1.png", mirror)
    put(workspace, "a/mirror2.jpg", ImageOps.mirror(mirror))
    scan(workspace, db)
    clusters = find_clusters(db, distance=6)
    assert sorted(shape(clusters)) == [
        ("exact", ["exact1.png", "exact2.png"]),
        ("mirror", ["mirror1.png", "mirror2.jpg"]),
        ("near", ["near1.png", "near2.jpg"]),
        ("same pixels", ["pixels.png", "pixels.webp"]),
    ]
    (same,) = (cluster for cluster in clusters if cluster.kind == "same pixels")
    assert [(member.same_bytes, member.same_pixels, member.matches) for member in same.members] == [
        (True, True, ""),
        (False, True, "same pixels in other bytes"),
    ]


def test_a_turned_photograph_has_the_pixels_of_its_upright_copy(workspace: Workspace, db: Database) -> None:
    """The orientation in the metadata counts as applied."""
    picture, exif = scene(), Image.Exif()
    exif[0x0112] = 3
    put(workspace, "a/upright.png", picture)
    put(workspace, "a/turned.png", picture.rotate(180), exif=exif)
    scan(workspace, db)
    assert shape(find_clusters(db, distance=6)) == [("same pixels", ["turned.png", "upright.png"])]


@pytest.mark.parametrize("looked_at", [True, False])
def test_other_colours_stay_apart_once_they_were_looked_at(db: Database, looked_at: bool) -> None:
    """Rows of an older catalogue have no look: the hash decides, as it did."""
    green, orange = cells_of(scene()), cells_of(scene(leaves="orange"))
    add_drawn(db, Drawn("a.jpg", A, cells=green), Drawn("b.jpg", A, cells=orange if looked_at else b""))
    assert shape(find_clusters(db, distance=6)) == ([] if looked_at else [("near", ["a.jpg", "b.jpg"])])


def test_new_pictures_are_compared_with_rejected_ones(workspace: Workspace, db: Database) -> None:
    """A copy of what a person rejected is found when it comes in, alone or beside others, and shows what it copies."""
    put(workspace, "a/old.png", scene())
    scan(workspace, db)
    update_clusters(db, distance=6)
    old = get_by_path(db, "a/old.png").id
    decide(db, [Operation(old, "reject")], who="me")
    before = prepare(db, radius=8)
    put(workspace, "b/new.jpg", scene().resize((90, 72)))
    put(workspace, "b/other.jpg", scene(seed=5))
    scan(workspace, db)
    (cluster,) = find_clusters(db, distance=6, candidates=before, resolved=True)
    assert shape([cluster]) == [("near", ["new.jpg", "old.png"])]
    assert {member.path: member.verdict for member in cluster.members} == {
        "a/old.png": "reject", "b/new.jpg": "unreviewed",
    }  # fmt: skip
    update_clusters(db, distance=6, candidates=before)
    clusters = image_table(db, ["path", "cluster"], "cluster != none")
    assert dict(zip(clusters["path"], clusters["cluster"], strict=True)) == {"a/old.png": old, "b/new.jpg": old}


def test_looks_are_read_anew_when_they_have_changed_and_only_then(workspace: Workspace, db: Database) -> None:
    first = put(workspace, "a/1.png", scene())
    put(workspace, "a/2.png", scene().resize((100, 80)))
    scan(workspace, db)
    candidates = prepare(db, radius=6)
    decide(db, [Operation(1, "keep")], who="me")
    assert prepare(db, radius=6, previous=candidates).looks is candidates.looks
    scene(leaves="red").save(first)
    scan(workspace, db)
    assert find_clusters(db, distance=6, candidates=candidates) == []


def test_clusters_are_the_same_again_whatever_came_first(db: Database) -> None:
    rng = np.random.default_rng(1)
    looks = [cells_of(scene(seed=number % 5)) for number in range(60)]
    hashes = [int(rng.integers(1 << 20)) << 40 for _ in range(5)]
    add_drawn(db, *(Drawn(f"{n}.jpg", hashes[n % 5] ^ (n // 5) % 4, cells=looks[n]) for n in range(60)))
    clusters = find_clusters(db, distance=6)
    assert [len(cluster.members) for cluster in clusters] == [12] * 5
    assert [cluster.id for cluster in clusters] == [1, 2, 3, 4, 5]
    assert find_clusters(db, distance=6, candidates=prepare(db, radius=12)) == clusters
