"""What pictures tell of their maker and licence, in every format and however damaged."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.catalog.licences import Licence
from core.images.credit import Credit, read_credit, read_xmp

BY = Licence("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")
SHELL = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" {attributes}>{inside}</rdf:Description>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def packet(inside: str = "", attributes: str = "") -> bytes:
    return SHELL.format(inside=inside, attributes=attributes).encode()


FULL = packet(
    "<dc:creator><rdf:Seq><rdf:li>Ada Lovelace</rdf:li><rdf:li>Bo</rdf:li></rdf:Seq></dc:creator>"
    '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>'
)


def picture(format: str, *, artist: str = "", copyright: str = "", **options: object) -> bytes:
    buffer, exif = io.BytesIO(), Image.Exif()
    if artist:
        exif[0x013B] = artist.encode().decode("latin-1")
    if copyright:
        exif[0x8298] = copyright
    Image.new("RGB", (16, 16), (9, 99, 200)).save(buffer, format, exif=exif, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_exif_names_maker_and_licence(format: str) -> None:
    content = picture(format, artist="Ada Lovelace", copyright="(c) Ada Lovelace, CC BY 4.0")
    assert read_credit(content, format) == Credit("Ada Lovelace", BY)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "AVIF"])
def test_xmp_goes_before_exif(format: str) -> None:
    content = picture(format, artist="A camera", copyright="CC0", xmp=FULL)
    assert read_credit(content, format) == Credit("Ada Lovelace, Bo", BY)


def test_xmp_of_png_and_tiff() -> None:
    notes = PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", FULL.decode())
    assert read_credit(picture("PNG", pnginfo=notes), "PNG") == Credit("Ada Lovelace, Bo", BY)
    assert read_credit(picture("TIFF", tiffinfo={700: FULL}), "TIFF") == Credit("Ada Lovelace, Bo", BY)


def test_texts_of_png() -> None:
    notes = PngInfo()
    notes.add_text("Author", "Ada Lovelace")
    notes.add_text("Copyright", "public domain")
    assert read_credit(picture("PNG", pnginfo=notes), "PNG") == Credit("Ada Lovelace", Licence("Public domain"))


def test_iptc_of_a_jpeg() -> None:
    def dataset(number: int, text: str) -> bytes:
        raw = text.encode()
        return b"\x1c\x02" + bytes([number]) + len(raw).to_bytes(2) + raw

    records = dataset(80, "Ada Löve") + dataset(80, "Bo") + dataset(116, "CC BY-SA 4.0")
    block = b"8BIM\x04\x04\x00\x00" + len(records).to_bytes(4) + records + b"\0" * (len(records) % 2)
    segment = b"Photoshop 3.0\0" + block
    plain = picture("JPEG")
    content = plain[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2) + segment + plain[2:]
    expected = Licence("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/")
    assert read_credit(content, "JPEG") == Credit("Ada Löve, Bo", expected)


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (packet(attributes='xmpRights:WebStatement="https://creativecommons.org/licenses/by/4.0/"'), Credit(None, BY)),
        (
            packet(
                "<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang='x-default'>Ask me first</rdf:li></rdf:Alt>"
                "</xmpRights:UsageTerms>",
                'xmpRights:WebStatement="https://ada.example/terms"',
            ),
            Credit(None, Licence("Ask me first", "https://ada.example/terms")),
        ),
        (packet("<dc:rights><rdf:Alt><rdf:li>(c) Ada. All rights reserved.</rdf:li></rdf:Alt></dc:rights>"),
         Credit("(c) Ada. All rights reserved.", None)),
        (packet(attributes='xmpRights:WebStatement="https://ada.example/terms"'), Credit()),
        (packet("<dc:creator>Ada</dc:creator>"), Credit("Ada")),
    ],
)  # fmt: skip
def test_xmp_in_its_other_forms(packet: bytes, expected: Credit) -> None:
    assert read_xmp(packet) == expected


def test_a_notice_is_no_licence() -> None:
    content = picture("JPEG", copyright="(c) 2024 Ada. All rights reserved.")
    assert read_credit(content, "JPEG") == Credit("(c) 2024 Ada. All rights reserved.", None)
    assert read_credit(picture("JPEG"), "JPEG") == Credit()
    assert read_credit(picture("JPEG", artist="Picasa 3.0", copyright="Copyright 2014"), "JPEG") == Credit()


def test_hostile_xmp_tells_nothing() -> None:
    lol = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "lol">{lol}]>'.encode() + FULL.replace(b"Ada", b"&a9;")
    outside = b'<!DOCTYPE x [<!ENTITY a0 SYSTEM "file:///etc/passwd">]>' + FULL.replace(b"Ada", b"&a0;")
    deep = b"<a>" * 30_000 + b"</a>" * 30_000
    wide = packet("<dc:creator><rdf:Seq>" + "<rdf:li>Ada</rdf:li>" * 100_000 + "</rdf:Seq></dc:creator>")
    for hostile in (bomb, outside, deep, wide, FULL[:-40], FULL.decode().encode("utf-16"), b"\0" * 100):
        assert read_xmp(hostile) == Credit()


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 10_000), junk=st.binary(min_size=1, max_size=12))
def test_damage_is_no_error(at: int, junk: bytes) -> None:
    content = bytearray(picture("JPEG", artist="Ada", copyright="CC0", xmp=FULL))
    start = at % len(content)
    content[start : start + len(junk)] = junk
    assert isinstance(read_credit(bytes(content), "JPEG"), Credit)
