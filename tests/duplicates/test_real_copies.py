"""Groups of real pictures with known truth: edits of one picture come together, different pictures do not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.catalog.images import image_table
from core.database import Database
from core.dataset.split import leakage, make_split
from core.duplicates.clusters import Cluster, find_clusters, resolve
from core.images.scan import scan
from core.workspace import CHECKOUT, Workspace

FIELD = CHECKOUT.parent / "shared" / "data"

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not FIELD.is_dir(), reason="the real pictures are not beside the checkout"),
]

Scan = Callable[[str], list[Cluster]]


@pytest.fixture
def clusters_of(workspace: Workspace, db: Database) -> Scan:
    """Scan a copy of a folder of real pictures; the clusters at 6 bits."""

    def run(folder: str) -> list[Cluster]:
        shutil.copytree(FIELD / folder, workspace.images, dirs_exist_ok=True)
        scan(workspace, db)
        return find_clusters(db, distance=6)

    return run


def paths(cluster: Cluster) -> list[str]:
    return sorted(member.path for member in cluster.members)


def test_groups_with_known_truth(clusters_of: Scan, db: Database) -> None:
    """Measured: of the edits only turns by 90 and 180 degrees stay apart; nothing different is joined."""
    clusters = clusters_of("neardup")
    found = [paths(cluster) for cluster in clusters]
    joined = {Path(path).parent.name for group in found for path in group}
    assert not joined & {"office-different", "mostly-different"}
    assert sorted(Path(path).name for group in found for path in group if path.startswith("forest-same/")) == [
        "forest-copyright.jpg", "forest-cropped.jpg", "forest-high.jpg", "forest-low.jpg", "forest-thumb.jpg",
    ]  # fmt: skip
    bridge = next(group for group in found if any(path.startswith("bridge-same/") for path in group))
    assert sum(path.startswith("bridge-same/") for path in bridge) == 12
    readable = image_table(db, ["path"], "path ~ 'modes-same/'")["path"]
    assert sum(path.startswith("modes-same/") for path in bridge) == len(readable) >= 14
    assert {"dihedral-same/bridge-1-original.jpg", "dihedral-same/bridge-6-flipy.jpg"} <= set(bridge)


def test_copies_among_photographs(clusters_of: Scan, db: Database) -> None:
    """3,483 photographs: the copy under two labels is a conflict and stays; the rest is resolved and stays resolved."""
    clusters = clusters_of("flowers")
    conflicts = [paths(cluster) for cluster in clusters if cluster.conflict]
    assert [path for group in conflicts for path in group if "15922772266_1167a06620" in path] == [
        "rose/15922772266_1167a06620.jpg",
        "tulip/15922772266_1167a06620.jpg",
    ]
    assert [cluster.conflict for cluster in clusters] == sorted((c.conflict for c in clusters), reverse=True)
    assert len(clusters) == 14
    counts = make_split(db)
    assert (counts.clusters_crossing, leakage(db).present) == (0, 0)
    assert leakage(db).random > 0
    assert abs(counts.train - 0.7 * 3483) <= 5
    decided = resolve(db, clusters, who="test")
    assert decided.changed == sum(len(cluster.members) - 1 for cluster in clusters if not cluster.conflict)
    assert [paths(cluster) for cluster in find_clusters(db, distance=6)] == conflicts


def test_recoloured_drawings_are_no_copies(clusters_of: Scan) -> None:
    """819 drawings of 819 creatures; four show one in the colours of the seasons, 2 to 4 bits apart."""
    assert clusters_of("creatures256") == []


def test_one_creature_drawn_twice_is_no_copy(workspace: Workspace, db: Database) -> None:
    """Of what a search found: two drawings in one pose (6 bits) and two faces (6 bits, mirrored) stay apart."""
    names = [
        "charmander/00000253.jpg", "squirtle/00000023.jpg", "pikachu/00000075.jpg", "pikachu/00000120.jpg",
        "charmander/00000372.jpg", "pikachu/00000023.jpg", "charmander/00000556.jpg", "squirtle/00000539.jpg",
    ]  # fmt: skip
    for name in names:
        (workspace.images / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(FIELD / "dirty-scrape" / name, workspace.images / name)
    scan(workspace, db)
    assert [(cluster.kind, paths(cluster)) for cluster in find_clusters(db, distance=6)] == [
        ("near", ["charmander/00000372.jpg", "pikachu/00000023.jpg"]),
        ("exact", ["charmander/00000556.jpg", "squirtle/00000539.jpg"]),
    ]
