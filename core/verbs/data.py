"""The verbs that fill, clean and describe the dataset."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from pydantic import Field

from core.catalog.classes import count_classes, ensure_class
from core.catalog.decisions import decide, redo, undo
from core.catalog.images import get_by_path, get_many
from core.catalog.records import Action, Decided, Operation
from core.collect.collector import collect
from core.collect.engines import ENGINES, list_engines
from core.collect.importer import import_source
from core.collect.sample import make_sample
from core.dataset.annotations import write_annotations
from core.dataset.split import make_split, settle_clusters
from core.duplicates.candidates import Candidates, prepare
from core.duplicates.clusters import Cluster, resolve, update_clusters
from core.duplicates.pieces import join_here
from core.duplicates.spread import spread_over
from core.errors import InputError
from core.images.scan import scan
from core.jobs.cluster import Hands
from core.verbs.call import Arguments, Call, Executor, Nothing, Verb, hands, settle, turn_of_files, verb
from core.workspace import read_settings

__all__ = ["DATA_VERBS"]


class SampleArguments(Arguments):
    images: int = Field(240, ge=20, le=20_000, description="how many pictures to draw")


class ImportArguments(Arguments):
    source: str = Field(description="a folder, a zip or a picture")
    class_name: str | None = Field(None, description="put every picture into this class")


class CollectArguments(Arguments):
    engine: str = Field(description=f"one of {', '.join(ENGINES)}")
    class_name: str = Field(description="the class that gains the pictures")
    query: str | None = Field(None, description="what to search for; the class's name when left out")
    limit: int = Field(100, ge=1, le=2000, description="how many pictures the class should gain")


class DuplicatesArguments(Arguments):
    distance: int | None = Field(
        None, ge=0, le=16, description="hash bits that may differ; the settings' when left out"
    )
    resolve: Literal["best"] | None = Field(None, description="reject all but the best copy of each cluster")
    executor: Executor = "local"


class ScanArguments(Arguments):
    executor: Executor = "local"


class LabelArguments(Arguments):
    paths: list[str] = Field(description="paths counted from data/images, or of the files there", min_length=1)
    keep: bool = False
    reject: bool = False
    unreview: bool = False
    class_name: str | None = Field(None, description="move to this class, made when it is new")


class ClassesArguments(Arguments):
    minimum: int | None = Field(None, ge=1, description="only classes with fewer usable pictures than this")


class SplitArguments(Arguments):
    train: float = Field(0.7, ge=0, le=1)
    val: float = Field(0.15, ge=0, le=1)
    test: float = Field(0.15, ge=0, le=1)
    seed: int = Field(0, ge=0)


def _sample(call: Call, arguments: SampleArguments) -> object:
    with turn_of_files(call.workspace, call.reporter):
        made = make_sample(call.workspace, call.db, images=arguments.images, reporter=call.reporter)
        _settle_pictures(call)
    return asdict(made)


def _import(call: Call, arguments: ImportArguments) -> object:
    with turn_of_files(call.workspace, call.reporter):
        began = time.time()
        imported = import_source(
            call.workspace, call.db, arguments.source, class_name=arguments.class_name, reporter=call.reporter
        )
        like = _settle_pictures(call)
    return asdict(imported) | _told(call, like, since=began)


def _collect(call: Call, arguments: CollectArguments) -> object:
    with turn_of_files(call.workspace, call.reporter):
        began = time.time()
        collected = collect(
            call.workspace,
            call.db,
            engine=arguments.engine,
            class_name=arguments.class_name,
            query=arguments.query,
            limit=arguments.limit,
            environ=call.environ,
            reporter=call.reporter,
        )
        like = _settle_pictures(call)
    return asdict(collected) | _told(call, like, since=began)


def _engines(call: Call, arguments: Nothing) -> object:
    allowed = read_settings(call.workspace).allowed_hosts
    return [asdict(state) for state in list_engines(call.environ, settings=allowed)]


def _scan(call: Call, arguments: ScanArguments) -> object:
    with hands(call, arguments.executor) as cluster, turn_of_files(call.workspace, call.reporter):
        began = time.time()
        scanned = scan(call.workspace, call.db, cluster=cluster, reporter=call.reporter)
        like = _settle_pictures(call, cluster)
    return asdict(scanned) | _told(call, like, since=began)


def _duplicates(call: Call, arguments: DuplicatesArguments) -> object:
    settings = read_settings(call.workspace)
    distance = settings.duplicate_distance if arguments.distance is None else arguments.distance
    with hands(call, arguments.executor) as cluster:
        found = _candidates(call, distance, cluster)
    clusters = update_clusters(call.db, distance=distance, candidates=found, order=settings.keep_order)
    rejected = resolve(call.db, clusters, who=call.who).rejected if arguments.resolve else 0
    settle(call)
    return {
        "clusters": [
            {
                "id": cluster.id,
                "kind": cluster.kind,
                "keep": next(member.path for member in cluster.members if member.image == cluster.keep),
                "images": [
                    {"path": member.path, "distance": member.distance, "class": member.class_name}
                    for member in cluster.members
                    if member.emptied is None
                ],
                "like_rejected": _paths_like_rejected(cluster),
            }
            for cluster in clusters
        ],
        "conflicts": sum(cluster.conflict for cluster in clusters),
        "rejected": rejected,
    }


def _paths_like_rejected(cluster: Cluster) -> list[str]:
    """Those of its new images that look like one rejected before."""
    images = () if cluster.like_rejected is None else cluster.like_rejected.images
    return [member.path for member in cluster.members if member.image in images]


def _label(call: Call, arguments: LabelArguments) -> object:
    flags: dict[Action, bool] = {
        "keep": arguments.keep,
        "reject": arguments.reject,
        "unreview": arguments.unreview,
        "class": arguments.class_name is not None,
    }
    chosen = [action for action, wanted in flags.items() if wanted]
    if len(chosen) != 1:
        raise InputError("Say one of --keep, --reject, --unreview and --class C.")
    images = [_image(call, path) for path in arguments.paths]
    class_id = ensure_class(call.db, arguments.class_name).class_id if arguments.class_name is not None else None
    operations = [Operation(image, chosen[0], class_id) for image in images]
    return _decided(call, decide(call.db, operations, who=call.who))


def _image(call: Call, path: str) -> int:
    """The number of the image at `path`: counted from data/images, or where the file lies on the disk."""
    images = call.workspace.images.resolve()
    for place in (Path(path).resolve(), (call.workspace.home / path).resolve()):
        if place.is_relative_to(images) and place.is_file():
            return get_by_path(call.db, place.relative_to(images).as_posix()).id
    return get_by_path(call.db, path).id


def _undo(call: Call, arguments: Nothing) -> object:
    return _decided(call, undo(call.db, who=call.who))


def _redo(call: Call, arguments: Nothing) -> object:
    return _decided(call, redo(call.db, who=call.who))


def _classes(call: Call, arguments: ClassesArguments) -> object:
    limit = arguments.minimum
    return [asdict(row) for row in count_classes(call.db) if limit is None or row.usable < limit]


def _annotate(call: Call, arguments: Nothing) -> object:
    written = write_annotations(call.workspace, call.db)
    return {"path": str(written.path), "rows": written.rows}


def _split(call: Call, arguments: SplitArguments) -> object:
    distance = read_settings(call.workspace).duplicate_distance
    shares = {"train": arguments.train, "val": arguments.val, "test": arguments.test}
    counts = make_split(call.db, **shares, seed=arguments.seed, distance=distance)
    settle(call)
    return asdict(counts)


def _settle_pictures(call: Call, cluster: Hands | None = None) -> tuple[int, ...]:
    """The images that look like a rejected one; clusters, split and annotations.csv now fit what has come in."""
    distance = read_settings(call.workspace).duplicate_distance
    settled = settle_clusters(call.db, distance=distance, candidates=_candidates(call, distance, cluster))
    if settled.moved:
        call.reporter.update(moved_to_the_part_of_their_copies=settled.moved)
    settle(call)
    return settled.like_rejected


def _told(call: Call, like_rejected: Sequence[int], *, since: float) -> dict[str, int]:
    """How many of those images came `since` then, in unix seconds; nothing when none did."""
    new = sum(row.added >= since for row in get_many(call.db, like_rejected))
    return {"like_rejected": new} if new else {}


def _candidates(call: Call, distance: int, cluster: Hands | None) -> Candidates:
    join = join_here if cluster is None else spread_over(cluster, reporter=call.reporter)
    return prepare(call.db, radius=distance, join=join)


def _decided(call: Call, decided: Decided) -> object:
    settle(call)
    told: dict[str, object] = {"batch": decided.batch, "changed": decided.changed}
    if decided.classes:
        told["classes"] = decided.classes
    if decided.refusal:
        told["refused"] = decided.refusal
    return told


DATA_VERBS: dict[str, Verb] = {
    "sample": verb(SampleArguments, _sample, "make a sample dataset, offline"),
    "import": verb(ImportArguments, _import, "copy pictures into the workspace"),
    "collect": verb(CollectArguments, _collect, "search the web and download pictures"),
    "engines": verb(Nothing, _engines, "list the search engines and whether they answer"),
    "scan": verb(ScanArguments, _scan, "find new, changed and vanished files", mends=True),
    "duplicates": verb(DuplicatesArguments, _duplicates, "find copies, and keep the best of each"),
    "label": verb(LabelArguments, _label, "decide on pictures"),
    "undo": verb(Nothing, _undo, "take the last decisions back"),
    "redo": verb(Nothing, _redo, "take the decisions undone last again"),
    "classes": verb(ClassesArguments, _classes, "list the classes and their counts"),
    "annotate": verb(Nothing, _annotate, "write data/annotations.csv now"),
    "split": verb(SplitArguments, _split, "divide into train, val and test; no duplicate crosses"),
}
