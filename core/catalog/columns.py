"""What a filter may ask of an image: the columns, their SQL, and what they mean to a person."""

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["COLUMNS", "RUN", "Column", "tables_of"]

Kind = Literal["number", "text", "date", "flag"]
Table = Literal["image", "class", "prediction", "oddity"]

RUN: Final = "run"
"""The column that names the run whose answers the other columns of predictions give."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    sql: str
    kind: Kind
    meaning: str
    nullable: bool = True
    values: tuple[str, ...] = ()
    """All that there can be; empty when there can be any."""
    table: Table = "image"
    """Where it is kept; what is worked out of a run's answers looks at the class too."""


def _origin(name: str) -> str:
    """The picture's own origin, or that of a copy which it replaced; the first one that says something."""
    first = f"AND source.{name} > '' ORDER BY source.id LIMIT 1"
    inherited = "inheritance JOIN batch USING (batch) JOIN source ON source.id = inheritance.source"
    return (
        f"COALESCE((SELECT source.{name} FROM source WHERE source.image = image.id {first}), "
        f"(SELECT source.{name} FROM {inherited} "
        f"WHERE inheritance.image = image.id AND batch.state = 'done' {first}))"
    )


def _of_image(name: str, kind: Kind, meaning: str, **more: object) -> Column:
    return Column(name, f"image.{name}", kind, meaning, **more)  # type: ignore[arg-type]


def _of_run(name: str, kind: Kind, meaning: str, *, sql: str = "") -> Column:
    return Column(name, sql or f"prediction.{name}", kind, meaning, table="prediction")


_ALL = (
    Column("class", "class.name", "text", "name of the class", nullable=False, table="class"),
    _of_image("verdict", "text", "what was decided", nullable=False, values=("unreviewed", "keep", "reject")),
    _of_image("split", "text", "part of the split", values=("train", "val", "test")),
    _of_image("width", "number", "pixels, upright", nullable=False),
    _of_image("height", "number", "pixels, upright", nullable=False),
    Column("pixels", "(image.width * image.height)", "number", "width times height", nullable=False),
    Column("aspect", "(CAST(image.width AS REAL) / MAX(image.height, 1))", "number", "width by height", nullable=False),
    _of_image("bytes", "number", "size of the file", nullable=False),
    _of_image("format", "text", "JPEG, PNG, WEBP …", nullable=False),
    _of_image("mode", "text", "kind of pixels: RGB, RGBA, P …", nullable=False),
    _of_image("orientation", "number", "as the camera noted it, 1 … 8", nullable=False),
    _of_image("sharpness", "number", "variance of the Laplacian; compare within a set only"),
    _of_image("brightness", "number", "mean grey, 0 black … 1 white"),
    _of_image("contrast", "number", "standard deviation of grey, 0 … 0.5"),
    _of_image("entropy", "number", "of the grey levels, 0 … 8 bits"),
    _of_image("border_white", "number", "share of white along the border, 0 … 1"),
    _of_image("transparent", "number", "share of see-through pixels, 0 … 1"),
    Column("suspicion", "oddity.score", "number", "how far out of its class, in robust deviations", table="oddity"),
    Column("oddest", "oddity.measure", "text", "the measure by which it is furthest out", table="oddity"),
    Column("odd_size", "oddity.size", "number", "how far out of the set its size is", table="oddity"),
    Column("blur", "oddity.blur", "number", "how far below the set its sharpness is", table="oddity"),
    _of_image("cluster", "number", "number shared by copies"),
    _of_image("added", "date", "when it came: 2026-11-21, today, 7d", nullable=False),
    Column("engine", _origin("engine"), "text", "search engine that found it"),
    Column("query", _origin("query"), "text", "what was searched for"),
    Column("author", _origin("author"), "text", "who made it, where known"),
    Column("licence", _origin("licence"), "text", "licence, where known"),
    Column(RUN, "prediction.image", "text", "a training run; the columns below are its answers", table="prediction"),
    _of_run("predicted", "text", "the class that the run answers"),
    _of_run("probability", "number", "how sure the run is of its answer, 0 … 1"),
    _of_run("probability_true", "number", "what it gives to the right class, 0 … 1"),
    _of_run("loss", "number", "surprise: -ln of probability_true"),
    _of_run(
        "wrong", "flag", "its answer is not the class it was told", sql="(prediction.predicted != prediction.truth)"
    ),
    _of_run(
        "disputed",
        "flag",
        "it is as sure of another class as of that class's own pictures",
        sql="(prediction.disputed AND prediction.predicted != class.name)",
    ),
    _of_run("truth", "text", "the class that the run was told"),
    Column(
        "run_split", "prediction.part", "text", "part of the run's split", values=("train", "val", "test"),
        table="prediction",
    ),
    _of_image("reason", "text", "why it was rejected"),
    _of_image("error", "text", "why the file cannot be read"),
    _of_image("missing", "flag", "the file is gone", nullable=False),
    _of_image("path", "text", "file below data/images", nullable=False),
    _of_image("original", "text", "where it came from", nullable=False),
    _of_image("sha256", "text", "digest of the file"),
    _of_image("id", "number", "number of the image", nullable=False),
    _of_image("class_id", "number", "number of the class", nullable=False),
)  # fmt: skip
COLUMNS: Final[dict[str, Column]] = {column.name: column for column in _ALL}
"""By name, in the order in which a person is likely to want them."""


def tables_of(names: frozenset[str]) -> frozenset[Table]:
    """The tables that these columns come from, `class` with every answer of a run."""
    found = {COLUMNS[name].table for name in names if name in COLUMNS}
    return frozenset(found | {"class"} if "prediction" in found else found)
