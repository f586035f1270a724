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
    assert not joined & {"office-different"}
    assert ["mostly-different/00631701.jpg", "mostly-different/00631801.jpg"] in found
    assert sum("mostly-different" in path for group in found for path in group) == 2
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
    assert 15 <= len(clusters) <= 35
    counts = make_split(db)
    assert (counts.clusters_crossing, leakage(db).present) == (0, 0)
    assert leakage(db).random > 0
    assert abs(counts.train - 0.7 * 3483) <= 5
    decided = resolve(db, clusters, who="test")
    assert decided.changed == sum(len(cluster.members) - 1 for cluster in clusters if not cluster.conflict)
    assert [paths(cluster) for cluster in find_clusters(db, distance=6)] == conflicts
