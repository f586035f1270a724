"""The filter language: what it says, what it refuses and where, and that SQL and plain Python agree on it."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.columns import COLUMNS
from core.catalog.filters import order_by, parse_filter, quoted
from core.catalog.images import image_table, list_ids
from core.catalog.selection import asking
from core.catalog.store import open_catalog
from core.catalog.tokens import FilterError
from core.database import Database
from core.errors import InputError
from core.workspace import open_workspace
from tests.catalog.evaluate import Cell, holds
from tests.catalog.rows import fill

NOW = time.mktime((2026, 11, 21, 18, 30, 0, 0, 0, -1))
DAY = 86_400.0
TEXTS = ["", "a", "Ab%c_", "x' OR 1", 'say "hi"', "back\\slash", "ÄÖ", "äö", "none", "Größe 3", "\U0001f600"]
CELLS: Mapping[str, st.SearchStrategy[Cell]] = {
    "width": st.sampled_from([0.0, 64.0, 128.0, 4000.0]),
    "height": st.sampled_from([1.0, 64.0, 300.0]),
    "sharpness": st.sampled_from([None, 0.0, 12.5, 900.0]),
    "brightness": st.sampled_from([None, 0.0, 0.5, 1.0]),
    "cluster": st.sampled_from([None, 1.0, 2.0]),
    "split": st.sampled_from([None, "train", "val", "test"]),
    "verdict": st.sampled_from(["unreviewed", "keep", "reject"]),
    "reason": st.sampled_from([None, *TEXTS]),
    "original": st.sampled_from(TEXTS),
    "added": st.sampled_from([NOW, NOW - 3600, NOW - DAY, NOW - 7 * DAY, NOW - 40 * DAY]),
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A catalogue of a dozen images whose cells are written anew for each example."""
    opened = open_catalog(open_workspace(tmp_path_factory.mktemp("home"), environ={}))
    fill(opened, {"Abra": 8, "Mr. Mime": 4})
    yield opened
    opened.close()


def _blamed(text: str) -> FilterError | None:
    try:
        parse_filter(text)
    except FilterError as exc:
        return exc
    return None


@st.composite
def _values(draw: st.DrawFn, name: str) -> str:
    column = COLUMNS[name]
    if column.kind == "text":
        text = draw(st.sampled_from(column.values or TEXTS))
        return draw(st.sampled_from([quoted(text), text])) if text.isalnum() and text != "none" else quoted(text)
    if column.kind == "date":
        return draw(st.sampled_from(["today", "yesterday", "7d", "2h", "2026-11-20", '"2026-11-21 18:30"', f"{NOW}"]))
    return str(draw(st.sampled_from([0, 0.5, 1, 2, 12.5, 64, "128", 900, 4000])))


@st.composite
def _tests(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from([*CELLS, "class", "pixels", "aspect", "missing"]))
    form = draw(st.sampled_from(["compare", "in", "not in", "empty", "not empty", "none"]))
    if form == "compare":
        kinds = ["=", "==", "!=", "<", "<=", ">", ">="] + ["~", "contains"] * (COLUMNS[name].kind == "text")
        return f"{name} {draw(st.sampled_from(kinds))} {draw(_values(name))}"
    if form in ("in", "not in"):
        some = draw(st.lists(st.one_of(_values(name), st.just("none")), min_size=1, max_size=3))
        return f"{name} {form} ({', '.join(some)})"
    if form == "none":
        return f"{name} {draw(st.sampled_from(['=', '!=']))} none"
    return f"{name} is {form}"


EXPRESSIONS = st.recursive(
    _tests(),
    lambda inner: st.one_of(
        inner.map(lambda text: f"not {text}"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' and '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(" and ".join),
    ),
    max_leaves=6,
)


@given(text=EXPRESSIONS, rows=st.lists(st.fixed_dictionaries(dict(CELLS)), min_size=12, max_size=12))
@settings(max_examples=120, deadline=None)
def test_sql_and_python_let_the_same_rows_through(shelf: Database, text: str, rows: list[dict[str, Cell]]) -> None:
    with shelf.write() as connection:
        assigned = ", ".join(f"{name} = :{name}" for name in CELLS)
        connection.executemany(
            f"UPDATE image SET {assigned} WHERE id = :id",
            [row | {"id": number} for number, row in enumerate(rows, start=1)],
        )
    parsed = parse_filter(text, now=NOW)
    table = image_table(shelf, ["class", "pixels", "aspect", "missing"])
    others = [dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)]

    with asking(shelf, parsed, order="id") as (connection, asked):
        found = connection.execute(
            f"SELECT image.id FROM {asked.tables} WHERE {asked.condition} ORDER BY {asked.order}", asked.parameters
        ).fetchall()

    both = zip(rows, others, strict=True)
    expected = [number for number, (row, more) in enumerate(both, start=1) if holds(parsed.condition, row | more)]
    assert [row[0] for row in found] == expected


@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from([
                "and", "or", "not", "in", "is", "empty", "(", ")", ",", "=", "!=", "<", "~", "width", "class", "added",
                "split", "wrong", "run", "7", "-1e9", "1e999", "nan", '"a b"', "'", '"', "none", "train", "2026-13-40",
            ]),
            max_size=12,
        ).map(" ".join),
    )
)  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_any_text_is_understood_or_refused_with_a_place_in_it(text: str) -> None:
    blamed = _blamed(text)

    assert blamed is None or 0 <= blamed.start <= blamed.end <= len(text)


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_any_text_can_be_asked_for_in_quotes(text: str) -> None:
    assert parse_filter(f"original = {quoted(text)}").parameters == (text,)


@pytest.mark.parametrize(
    ("text", "start", "said"),
    [
        ("wdith > 3", 0, "did you mean width?"),
        ("width > 3 adn height > 2", 10, "'and', 'or' or the end"),
        ("class = Mr Mime", 11, 'write "Mr Mime" in quotes'),
        ("verdict = kept", 10, "did you mean keep?"),
        ("split = none and verdict in (keep, rejcted)", 35, "did you mean reject?"),
        ("class = 'Mr", 8, "the quote ' that opens here is never closed"),
        ("width > 3)", 9, "never opened"),
        ("width ! 3", 6, "write !="),
        ("width ~ 3", 6, "width is a number"),
        ("added > soon", 8, "a date such as"),
        ("missing = perhaps", 10, "yes or no"),
        ("width > nan", 8, "a number"),
        ("predicted = Mew", 0, "say which one"),
        ("run = a and wrong or run = b", 27, "one run"),
        ("run > a", 4, "only be named by = or !="),
        ("width =", 7, "a value"),
        ("width = and", 8, "a value"),
        ("original = a\0b", 12, "no such character"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, start: int, said: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)

    assert (caught.value.start, said in str(caught.value)) == (start, True), str(caught.value)


def test_capitals_and_single_flags_are_understood() -> None:
    one = parse_filter('Verdict = KEEP AND NOT missing OR run = "r" and Wrong')

    assert one.condition == parse_filter('verdict = keep and not missing = yes or run = "r" and wrong = yes').condition
    assert one.run == "r"


def test_a_day_is_as_long_as_a_day() -> None:
    midnight = time.mktime((2026, 11, 21, 0, 0, 0, 0, 0, -1))

    assert parse_filter("added = today", now=NOW).parameters == (midnight, midnight + DAY)
    assert parse_filter("added <= 2026-11-21", now=NOW).parameters == (midnight + DAY,)
    assert parse_filter("added > 2026-11-21", now=NOW).parameters == (midnight + DAY,)
    assert parse_filter("added >= 7d", now=NOW).parameters == (NOW - 7 * DAY,)


def test_orders_put_empty_cells_last(database: Database) -> None:
    with database.write() as connection:
        connection.execute("UPDATE image SET cluster = 10 - id WHERE id IN (2, 4)")

    assert [number for number, _ in list_ids(database, order="cluster")[1]] == [4, 2, 1, 3, 5]
    assert [number for number, _ in list_ids(database, order="-cluster")[1]] == [2, 4, 1, 3, 5]


def test_an_order_by_a_runs_answers_needs_the_run(database: Database) -> None:
    with pytest.raises(InputError, match="name one in the filter"):
        list_ids(database, order="-loss")
    with pytest.raises(InputError, match="no answers of a run 'r'"):
        list_ids(database, where="run = r", order="-loss")


def test_every_column_can_be_asked_for_and_ordered_by(database: Database) -> None:
    for column in COLUMNS.values():
        if column.table == "prediction":
            continue
        list_ids(database, where=f"{column.name} is empty", order=f"-{column.name}")
        order_by(column.name)


def test_where_a_picture_came_from_can_be_asked(database: Database) -> None:
    with database.write() as connection:
        connection.executemany(
            "INSERT INTO source (file_url, engine, query, rank, licence, image, outcome, at) "
            "VALUES (?, ?, 'q', 1, ?, ?, 'added', 0)",
            [("u1", "bing", None, 1), ("u2", "google", "CC BY 4.0", 1), ("u3", "google", None, 3)],
        )
    found = {where: [number for number, _ in list_ids(database, where=where)[1]] for where in (
        "engine = bing", "engine in (google)", "engine is empty", "licence ~ 'cc by'", "engine != bing",
    )}  # fmt: skip

    assert list(found.values()) == [[1], [3], [2, 4, 5], [1], [2, 3, 4, 5]]


def test_the_docs_name_every_column() -> None:
    text = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")

    assert [name for name in COLUMNS if f"`{name}`" not in text and f"`{name} = " not in text] == []
