"""Thumbnails, originals and lists over HTTP."""

import struct
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import ImageOps, ImageStat

from core.api.desk import Desk
from core.catalog.classes import list_classes
from core.catalog.decisions import decide
from core.catalog.images import add_images, get_image
from core.catalog.records import Measured, NewImage, NewSource, Operation
from core.catalog.sources import record_source
from core.files import digest
from core.images.decode import load_rgb
from core.images.difference import difference_picture
from core.images.thumbnails import open_thumbnails
from tests.support.catalogue import draw_picture, thumbnail_of
from tests.support.client import TestClient


def test_a_thumbnail_may_be_kept_for_ever(api: TestClient, desk: Desk) -> None:
    row = get_image(desk.db, 1)
    answer = api.get(f"/thumb/1/{row.version}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content[8:12] == b"WEBP"


def test_a_thumbnail_of_another_version_is_not_kept(api: TestClient) -> None:
    assert api.get("/thumb/1/0123456789abcdef").headers["cache-control"] == "no-store"


def test_a_missing_thumbnail_is_made(api: TestClient, desk: Desk) -> None:
    row = get_image(desk.db, 2)
    with desk.opened.thumbnails._database.write() as connection:
        connection.execute("DELETE FROM thumbnail")
    answer = api.get(f"/thumb/2/{row.version}")
    assert answer.status_code == 200
    assert answer.content[8:12] == b"WEBP"
    kept = open_thumbnails(desk.workspace)
    assert row.sha256 is not None
    assert kept.get(row.sha256) == answer.content
    kept.close()


def test_a_difference_may_be_kept_for_ever_under_the_versions_of_both(api: TestClient, desk: Desk) -> None:
    versions = "-".join(get_image(desk.db, image).version for image in (1, 4))
    answer = api.get("/difference/1/4", params={"version": versions})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert "immutable" in answer.headers["cache-control"]
    assert load_rgb(answer.content).getbbox() is not None
    assert api.get("/difference/1/4").headers["cache-control"] == "no-store"
    assert load_rgb(api.get("/difference/1/1").content).getbbox() is None
    assert api.get("/difference/1/99").status_code == 404


def test_a_mirrored_copy_is_flipped_before_it_is_compared(api: TestClient, desk: Desk) -> None:
    row = get_image(desk.db, 1)
    assert row.phash is not None
    flipped = ImageOps.mirror(draw_picture(0, 96))
    content = thumbnail_of(flipped)
    desk.opened.thumbnails.put_many([(digest(content), content)])
    shared = {field.name: getattr(row, field.name) for field in fields(Measured) if hasattr(row, field.name)}
    hashes = {"sha256": digest(content), "phash": row.phash_mirror, "phash_mirror": row.phash, "inode": 0}
    measured = Measured(**(shared | hashes))
    (copy,) = add_images(desk.db, [NewImage("abra/flipped.png", "flipped", row.class_id, measured)])
    shown = load_rgb(api.get(f"/difference/1/{copy}").content)
    straight = load_rgb(difference_picture(thumbnail_of(draw_picture(0, 96)), content))
    assert sum(ImageStat.Stat(shown).mean) < 0.2 * sum(ImageStat.Stat(straight).mean)


def test_an_original_comes_as_it_is_and_may_do_nothing(api: TestClient, desk: Desk) -> None:
    row = get_image(desk.db, 3)
    answer = api.get("/image/3")
    assert answer.content == (desk.workspace.images / row.path).read_bytes()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert api.get("/image/3", headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_an_original_may_be_kept_under_its_version_while_the_file_is_that(api: TestClient, desk: Desk) -> None:
    row = get_image(desk.db, 3)
    asked = {"version": row.version}
    assert "immutable" in api.get("/image/3", params=asked).headers["cache-control"]
    assert "immutable" not in api.get("/image/3", params={"version": "0"}).headers["cache-control"]
    (desk.workspace.images / row.path).touch()
    assert "immutable" not in api.get("/image/3", params=asked).headers["cache-control"]


def test_a_file_that_is_no_picture_is_only_handed_out(api: TestClient, desk: Desk) -> None:
    (desk.workspace.images / "abra" / "page.html").write_text("<script>alert(1)</script>")
    number = add_images(desk.db, [NewImage("abra/page.html", "page.html", 0, None, "not a picture")])[0]
    answer = api.get(f"/image/{number}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert api.get(f"/thumb/{number}/0").status_code == 404


def test_links_out_of_the_folder_are_not_followed(api: TestClient, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (desk.workspace.images / "abra" / "link.png").symlink_to(tmp_path / "secret.txt")
    number = add_images(desk.db, [NewImage("abra/link.png", "link.png", 0, None)])[0]
    assert api.get(f"/image/{number}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/image/99999",
        "/image/-1",
        "/image/99999999999999999999",
        "/image/..%2f..%2fsettings.json",
        "/thumb/1%2f..",
        "/nope",
        "/image/x",
        "/thumb/99/0",
        "/runs/..%2f..",
        "/runs/%2e%2e/metrics",
        "/runs/nope/samples/..%2freal",
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(api: TestClient, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code in (404, 422)
    assert isinstance(answer.json()["error"], str)


def test_pages_of_images(api: TestClient, desk: Desk) -> None:
    first = api.get("/images", params={"limit": 5}).json()
    assert first["total"] == 12
    assert [row["id"] for row in first["images"]] == [1, 2, 3, 4, 5]
    assert {"path", "class_id", "verdict", "version", "width", "height"} <= set(first["images"][0])
    rest = api.get("/images", params={"limit": 1000, "offset": 5, "order": "-id"}).json()
    assert [row["id"] for row in rest["images"]] == [7, 6, 5, 4, 3, 2, 1]
    decide(desk.db, [Operation(4, "reject")], who="test")
    rejected = api.get("/images", params={"where": "verdict = reject"}).json()
    assert [row["id"] for row in rejected["images"]] == [4]


@pytest.mark.parametrize(
    "asked", [{"limit": 1001}, {"offset": -1}, {"where": "verdict ="}, {"order": "1; drop table image"}, {"limit": "x"}]
)
def test_what_cannot_be_asked_is_said_in_a_sentence(api: TestClient, asked: dict[str, str | int]) -> None:
    answer = api.get("/images", params=asked)
    assert answer.status_code in (400, 422)
    assert isinstance(answer.json()["error"], str)


def test_all_numbers_and_verdicts_at_once(api: TestClient, desk: Desk) -> None:
    decide(desk.db, [Operation(5, "reject"), Operation(2, "keep")], who="test")
    answer = api.get("/ids", params={"where": "class = Mew", "order": "-id"})
    assert struct.unpack("<4I4B", answer.content) == (11, 8, 5, 2, 0, 0, 2, 1)
    assert int(answer.headers["x-revision"]) > 0


def test_tiles_by_number(api: TestClient, desk: Desk) -> None:
    names = {row.class_id: row.name for row in list_classes(desk.db)}
    rows = api.get("/tiles", params={"ids": "3,1,77"}).json()
    assert [row["id"] for row in rows] == [3, 1]
    assert rows[0]["class"] == names[rows[0]["class_id"]]
    assert [row["origin"] for row in rows] == ["", ""]
    source = NewSource("http://c.example/a.jpg", "commons", "mew", 0, None, author="Ada", licence="CC BY 4.0")
    record_source(desk.db, source, outcome="added", image=3)
    rows = api.get("/tiles", params={"ids": "3,1"}).json()
    assert [row["origin"] for row in rows] == ["from c.example, by Ada, CC BY 4.0", ""]
    assert api.get("/tiles", params={"ids": "1;2"}).status_code == 422
    assert api.get("/tiles", params={"ids": ",".join(["1"] * 501)}).status_code == 400
