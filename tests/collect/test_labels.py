"""Which class a file of a source gets."""

import pytest

from core.collect.labels import label_items, read_table
from core.collect.listing import Item, Listing, Rejected


def listing(*names: str, tables: dict[str, str] | None = None, root: str = "zoo") -> Listing:
    def load() -> bytes:
        return b""

    encoded = {name: text.encode() for name, text in (tables or {}).items()}
    return Listing(root, [Item(name, load) for name in names], [], encoded)


def classes(source: Listing, class_name: str | None = None) -> dict[str, str]:
    return dict(label_items(source, class_name=class_name).classes)


def test_the_folder_next_above_is_the_class() -> None:
    assert classes(listing("daisy/a.jpg", "train/rose/b.jpg")) == {"daisy/a.jpg": "daisy", "train/rose/b.jpg": "rose"}


def test_flat_files_take_the_name_that_repeats_else_the_source() -> None:
    found = classes(listing("abra001.jpg", "abra002.png", "mew1.jpg", "mew2.jpg", "photo.jpg", "odd7.jpg"))
    assert found == {
        "abra001.jpg": "abra",
        "abra002.png": "abra",
        "mew1.jpg": "mew",
        "mew2.jpg": "mew",
        "photo.jpg": "zoo",
        "odd7.jpg": "zoo",
    }


def test_a_given_class_wins() -> None:
    source = listing("daisy/a.jpg", "b.jpg", tables={"x.csv": "img_name,class_name\nb.jpg,rose\n"})
    assert classes(source, "Tulip") == {"daisy/a.jpg": "Tulip", "b.jpg": "Tulip"}


def test_a_table_of_two_columns_names_classes_by_the_stems_its_ids_share() -> None:
    table = "img_name,pokemon_id\nabra001.jpg,62\nabra002.jpg,62\nmew001.jpg,150\nx.jpg,7\ny.jpg,7\n"
    source = listing("abra001.jpg", "abra002.jpg", "mew001.jpg", "x.jpg", "y.jpg", tables={"annotations.csv": table})
    assert classes(source) == {
        "abra001.jpg": "abra",
        "abra002.jpg": "abra",
        "mew001.jpg": "mew",
        "x.jpg": "7",
        "y.jpg": "7",
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"img_name,class_id,class_name,split,cluster\na/1.jpg,0,Rose,train,\n", {"a/1.jpg": "Rose"}),
        (b"\xef\xbb\xbfimg_name;class_id\r\na1.jpg;3\r\na2.jpg;3\r\n", {"a1.jpg": "a", "a2.jpg": "a"}),
        ("img_name\tclass_name\nx.jpg\tÜber\n".encode("cp1252"), {"x.jpg": "Über"}),
        (b"class_name,IMG Name\nRose,sub\\x.jpg\n", {"sub/x.jpg": "Rose"}),
        (b'img_name,class_name\n"a,b.jpg","say ""hi"""\n', {"a,b.jpg": 'say "hi"'}),
        (b"img_name,class_name\nx.jpg,\n,Rose\n", {}),
        (b"img_name,kind_id\na1.jpg,1\na2.jpg,2\n", {"a1.jpg": "1", "a2.jpg": "2"}),
        (b"img_name,kind_id\na1.jpg,1\na2.jpg,2\nb.jpg,2\n", {"a1.jpg": "1", "a2.jpg": "2", "b.jpg": "2"}),
        (b"name,price\nx.jpg,3\n", {}),
        (b"img_name,price\nx.jpg,3\n", {}),
        (b"", {}),
        (b"\0\0\0\xff", {}),
    ],
)
def test_tables_of_every_shape_are_read(content: bytes, expected: dict[str, str]) -> None:
    assert read_table(content) == expected


def test_a_table_finds_files_beside_it_and_below_images() -> None:
    table = "img_name,class_name\n1.jpg,Rose\nsub/2.jpg,Daisy\n3.jpg,Tulip\ngone.jpg,Rose\n"
    source = listing("set/1.jpg", "set/images/sub/2.jpg", "set/deep/3.jpg", "else/4.jpg", tables={"set/l.csv": table})
    labels = label_items(source, class_name=None)
    assert labels.classes == {
        "set/1.jpg": "Rose",
        "set/images/sub/2.jpg": "Daisy",
        "set/deep/3.jpg": "Tulip",
        "else/4.jpg": "else",
    }
    assert labels.absent == [Rejected("gone.jpg", "listed in set/l.csv, but there is no such file")]


def test_a_table_of_other_files_is_ignored() -> None:
    labels = label_items(listing("a/1.jpg", tables={"t.csv": "img_name,class_name\nz.jpg,Rose\n"}), class_name=None)
    assert labels.classes == {"a/1.jpg": "a"}
    assert labels.absent == []


def test_names_match_in_either_unicode_form() -> None:
    table = "img_name,class_name\ne\u0301.jpg,Rose\n"
    assert classes(listing("\u00e9.jpg", tables={"t.csv": table})) == {"\u00e9.jpg": "Rose"}
