"""A pasted list of classes: what becomes a class, and what is told of the rest."""

import pytest

from core.catalog.class_names import ReadNames, read_names, split_lines


def reasons(read: ReadNames) -> dict[int, str]:
    return {line.line: line.reason for line in read.left_out}


def test_a_list_of_151_is_read_as_it_is_pasted() -> None:
    text = "\ufeff" + "\r\n".join(f"  species {number} " for number in range(151)) + "\r\n\r\n"
    read = read_names(split_lines(text), present=[])
    assert read == ReadNames(tuple(f"species {number}" for number in range(151)), ())


def test_each_line_that_makes_no_class_is_told_with_its_reason() -> None:
    lines = ["mew", "abra", "", "abra", "\u00dcber", "U\u0308ber", "\u00fcber", "x" * 300, "a\x07b", "two\u2028lines"]
    read = read_names(lines, present=["mew"])
    assert read.names == ("abra", "\u00dcber")
    found = reasons(read)
    assert found[1] == "The same name as a class that there is."
    assert found[4] == "The same name as line 2."
    assert found[6] == "The same name as line 5, with its accents written in another way."
    assert found[7] == "Differs from line 5 ('\u00dcber') only in upper and lower case."
    assert "300 characters" in found[8]
    assert "control character" in found[9]
    assert "control character" in found[10]


def test_a_control_character_ends_no_line() -> None:
    assert split_lines("a\x0bb\rc\u2028d") == ["a\x0bb", "c\u2028d"]


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "../x", "\U0001f984", "a,b;\"c'"]
)
def test_what_is_only_odd_is_kept_exactly(name: str) -> None:
    assert read_names([name], present=[]).names == (name,)


def test_case_twins_are_let_in_when_they_are_meant() -> None:
    assert read_names(["US", "us"], present=["Us"], twins=True).names == ("US", "us")


def test_names_in_use_may_come_again_but_not_in_another_case() -> None:
    read = read_names(["mew", "Abra", "onix", "mew"], present=["mew", "abra"], again=True)

    assert read.names == ("mew", "onix")
    assert [(line.line, line.text) for line in read.left_out] == [(2, "Abra"), (4, "mew")]
