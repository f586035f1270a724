"""annotations.csv as spreadsheets and people leave it, read back; what cannot be read is named by its line."""

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.reading import ReadRow, parse_annotations
from core.dataset.table import AnnotationRow, to_csv
from core.errors import InputError

PLAIN = "img_name,class_id,class_name,split,cluster\nabra/abra001.jpg,0,Über,train,7\nmew/mew001.jpg,1,mew,,\n"
EXPECTED = (
    ReadRow(2, "abra/abra001.jpg", 0, "Über", "train"),
    ReadRow(3, "mew/mew001.jpg", 1, "mew", None),
)

SAME_CONTENT = {
    "as written": PLAIN.encode(),
    "byte order mark": PLAIN.encode("utf-8-sig"),
    "CRLF": PLAIN.replace("\n", "\r\n").encode(),
    "CR": PLAIN.replace("\n", "\r").encode(),
    "no last line end": PLAIN.rstrip("\n").encode(),
    "semicolons": PLAIN.replace(",", ";").encode(),
    "tabs in UTF-16": PLAIN.replace(",", "\t").encode("utf-16"),
    "Windows-1252": PLAIN.encode("cp1252"),
    "Windows-1252, semicolons, CRLF": PLAIN.replace(",", ";").replace("\n", "\r\n").encode("cp1252"),
    "every cell quoted": '"img_name","class_id","class_name","split","cluster"\n'
    '"abra/abra001.jpg","0","Über","train","7"\n'
    '"mew/mew001.jpg","1","mew","",""\n'.encode(),
    "numbers as decimals": PLAIN.replace(",0,", ",0.0,").replace(",1,", ",1.0,").encode(),
    "header in capitals, split too": PLAIN.replace("img_name", " IMG_NAME").replace("train", "Train ").encode(),
    "empty lines at the end": (PLAIN + "\n,,,,\n").encode(),
    "a row twice": (PLAIN + "mew/mew001.jpg,1,mew,,\n").encode(),
}


@pytest.mark.parametrize("name", SAME_CONTENT)
def test_what_programs_make_of_the_file(name: str) -> None:
    read = parse_annotations(SAME_CONTENT[name], name="a.csv")
    assert read.rows == EXPECTED
    assert read.columns == {"img_name", "class_id", "class_name", "split"}


def test_the_separator_line_of_excel() -> None:
    read = parse_annotations(b"sep=;\r\nimg_name;class_name\r\na.jpg;x\r\n", name="a.csv")
    assert read.rows == (ReadRow(3, "a.jpg", None, "x", None),)


def test_reordered_extra_and_missing_columns() -> None:
    read = parse_annotations(b"note,class_name,img_name\nfine,mew,a.jpg\n", name="a.csv")
    assert read.rows == (ReadRow(2, "a.jpg", None, "mew", None),)
    assert read.columns == {"img_name", "class_name"}


def test_the_form_with_two_columns() -> None:
    read = parse_annotations(b"img_name,pokemon_id\na.jpg,3\n", name="a.csv")
    assert read.rows == (ReadRow(2, "a.jpg", 3, None, None),)


def test_lines_are_counted_past_line_ends_in_cells() -> None:
    text = 'img_name,class_name,split\n"a\n\nb.jpg",x,\nc.jpg,x,\nd.jpg,x,wrong\n'
    with pytest.raises(InputError, match="line 6: split is 'wrong'"):
        parse_annotations(text.encode(), name="a.csv")


UNREADABLE = {
    "no img_name": (b"name,class_id\na.jpg,1\n", "line 1: there is no column img_name"),
    "empty file": (b"", "line 1: there is no column img_name, only nothing"),
    "a column twice": (b"img_name,split,split\n", "line 1: the column split is there twice"),
    "class number is a word": (b"img_name,class_id\na.jpg,0\nb.jpg,two\n", "line 3: the class number is 'two'"),
    "class number is a date": (b"img_name,class_id\na.jpg,01.02.2024\n", "line 2: the class number is '01.02.2024'"),
    "unknown part": (b"img_name,split\na.jpg,dev\n", "line 2: split is 'dev'; use train, val, test"),
    "no name": (b"img_name,split\n,train\n", "line 2: img_name is empty"),
    "a row twice, unlike": (b"img_name,class_id\na.jpg,1\nb.jpg,1\na.jpg,2\n", "line 4: a.jpg stands in line 2 too"),
    "open quote": (b'img_name,class_id\na.jpg,1\n"b.jpg,1\nc.jpg,1\n', "line 3: the line cannot be read"),
    "stray quote": (b'img_name,class_id\n"a"b.jpg,1\n', "line 2: the line cannot be read"),
    "separator in a cell": (b"img_name,class_name\na.jpg,x,y\n", "line 2: 3 cells under 2 columns"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no text in UTF-8 or Windows-1252"),
    "a cell without end": (b'img_name,class_id\n"' + b"x" * 200_000 + b'",1\n', "line 2: the line cannot be read"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named_with_its_line(name: str) -> None:
    content, message = UNREADABLE[name]
    with pytest.raises(InputError, match=r"^a\.csv, line \d+: ") as caught:
        parse_annotations(content, name="a.csv")
    assert message in str(caught.value)


text_cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@given(st.lists(st.tuples(text_cells, text_cells), unique_by=lambda row: row[0], max_size=8))
def test_any_cell_comes_back_exact(cells: list[tuple[str, str]]) -> None:
    """Formulas, quotes, line ends, right-to-left marks: cells are exact in the plain file."""
    content = to_csv([AnnotationRow(name, 0, label, "val", None) for name, label in cells])
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))[1:]
    assert [(row[0], row[2]) for row in rows] == cells
    read = parse_annotations(content, name="a.csv")
    assert [(row.img_name, row.class_name) for row in read.rows] == cells


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    for prefix in (b"", b"img_name,class_id\n"):
        with contextlib.suppress(InputError):
            parse_annotations(prefix + content, name="a.csv")
