"""One name for each licence, however an origin states it."""

import pytest

from core.catalog.licences import Licence, plain_address, plain_text, recognise_licence, state_licence

BY_SA = Licence("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/")
CC0 = Licence("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("https://creativecommons.org/licenses/by-sa/4.0/", BY_SA),
        ("http://creativecommons.org/licenses/by-sa/4.0/deed.de", BY_SA),
        ("CC BY-SA 4.0", BY_SA),
        ("cc-by-sa-4.0", BY_SA),
        ("© Ada, Creative Commons Attribution-ShareAlike 4.0 International", BY_SA),
        ("Creative Commons Attribution Share Alike 4.0", BY_SA),
        ("This work is licensed under CC BY-NC-ND 2.0.", Licence("CC BY-NC-ND 2.0", "https://creativecommons.org/licenses/by-nc-nd/2.0/")),
        ("CC BY", Licence("CC BY")),
        ("CC0", CC0),
        ("Creative Commons Zero", CC0),
        ("https://creativecommons.org/publicdomain/zero/1.0/", CC0),
        ("https://creativecommons.org/publicdomain/mark/1.0/", Licence("Public domain", "https://creativecommons.org/publicdomain/mark/1.0/")),
        ("In the public domain since 1923", Licence("Public domain")),
        ("© 2024 Ada Lovelace. All rights reserved.", None),
        ("© 2024 Ada Lovelace", None),
        ("accbyte", None),
        ("https://creativecommons.org/", None),
        ("", None),
    ],
)  # fmt: skip
def test_well_known_licences_are_recognised(words: str, expected: Licence | None) -> None:
    assert recognise_licence(words) == expected


@pytest.mark.parametrize(
    ("words", "address", "expected"),
    [
        ("by-sa", "https://creativecommons.org/licenses/by-sa/4.0/", BY_SA),
        ("GFDL", "http://www.gnu.org/copyleft/fdl.html", Licence("GFDL", "http://www.gnu.org/copyleft/fdl.html")),
        ("Unsplash License", "javascript:alert(1)", Licence("Unsplash License")),
        ("https://unsplash.com/license", None, Licence("https://unsplash.com/license", "https://unsplash.com/license")),
        ("all rights reserved", None, None),
        ("unknown", None, None),
        ("N/A", None, None),
        ("", "https://example.org/terms", None),
        (None, None, None),
    ],
)
def test_a_licence_in_a_place_of_its_own_keeps_its_words(
    words: str | None, address: str | None, expected: Licence | None
) -> None:
    assert state_licence(words, address) == expected


def test_what_origins_say_is_kept_in_one_short_line() -> None:
    assert plain_text(" Ada\n\x00 Lovelace\u202e ") == "Ada Lovelace"
    assert plain_text("x" * 5000) == "x" * 199 + "…"
    assert plain_text("\x00 ") is None
    assert plain_text(5) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("//commons.wikimedia.org/a", "https://commons.wikimedia.org/a"),
        (" http://a/b ", "http://a/b"),
        ("javascript:alert(1)", None),
        ("http://[", None),
        ("https://a/\n<script>", None),
        (7, None),
    ],
)
def test_only_web_addresses_are_addresses(value: object, expected: str | None) -> None:
    assert plain_address(value) == expected
