"""Zips that lie, and plain ones."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from core.catalog.images import list_images
from core.collect.archive import MAX_ENTRIES
from core.collect.importer import Imported, Rejected, import_source
from core.database import Database
from core.errors import InputError
from core.workspace import Workspace
from tests.support.pictures import jpeg, png


def pack(path: Path, entries: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def originals(db: Database) -> dict[str, str]:
    """Class by original."""
    return {image.original: image.class_name for image in list_images(db, limit=1000)[1]}


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_zip_of_class_folders(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    path = pack(tmp_path / "set.zip", {"rose/1.jpg": jpeg(1), "deep/daisy/2.png": png(2), "LICENSE.txt": b"free"})
    before = path.read_bytes()
    assert import_source(workspace, db, str(path)) == Imported(2, 0, [])
    assert originals(db) == {"set/rose/1.jpg": "rose", "set/deep/daisy/2.png": "daisy"}
    assert path.read_bytes() == before
    assert list((workspace.cache / "intake").iterdir()) == []
    assert import_source(workspace, db, str(path)) == Imported(0, 2, [])


@pytest.mark.parametrize("top", ["", "zoo/"])
def test_a_zip_of_a_flat_folder(workspace: Workspace, db: Database, tmp_path: Path, top: str) -> None:
    names = {f"{top}abra001.jpg": jpeg(1), f"{top}abra002.jpg": jpeg(2), f"{top}x.jpg": jpeg(3)}
    assert import_source(workspace, db, str(pack(tmp_path / "zoo.zip", names))).added == 3
    assert originals(db) == {"zoo/abra001.jpg": "abra", "zoo/abra002.jpg": "abra", "zoo/x.jpg": "zoo"}


def test_a_zip_with_a_table(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    entries = {"d/1.jpg": jpeg(1), "d/2.jpg": jpeg(2), "d/annotations.csv": b"img_name,x_id\n1.jpg,5\n2.jpg,6\n"}
    import_source(workspace, db, str(pack(tmp_path / "set.zip", entries)))
    assert originals(db) == {"set/d/1.jpg": "5", "set/d/2.jpg": "6"}


def test_entries_that_lead_elsewhere_are_refused_and_listed(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    path = tmp_path / "inner" / "evil.zip"
    path.parent.mkdir()
    linked, device = zipfile.ZipInfo("a/link.jpg"), zipfile.ZipInfo("a/device.jpg")
    linked.external_attr = (stat.S_IFLNK | 0o777) << 16
    device.external_attr = (stat.S_IFCHR | 0o666) << 16
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../out.jpg", "a/../../out.jpg", "/etc/out.jpg", "C:\\out.jpg", "a\\..\\..\\out.jpg "):
            archive.writestr(name, jpeg(1))
        archive.writestr(linked, b"/etc/passwd")
        archive.writestr(device, b"")
        archive.writestr("a/1.jpg", jpeg(2))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a/1.jpg", jpeg(3))
        archive.writestr("A/1.JPG", jpeg(4))
    before = tree(tmp_path)
    imported = import_source(workspace, db, str(path))
    assert imported.added == 1
    assert {item.path: item.reason for item in imported.rejected} == {
        "../out.jpg": "a path that leads outside of the zip",
        "a/../../out.jpg": "a path that leads outside of the zip",
        "a/../../out.jpg ": "a path that leads outside of the zip",
        "/etc/out.jpg": "an absolute path",
        "C:/out.jpg": "an absolute path",
        "a/link.jpg": "a link, not a file",
        "a/device.jpg": "a device, not a file",
        "a/1.jpg": "a second entry of this name",
        "A/1.JPG": "a second entry of this name",
    }
    new = tree(tmp_path) - before
    assert all(name.startswith("home") for name in new)
    assert not any(path.name == "out.jpg" for path in tmp_path.rglob("*"))


def test_a_bomb_is_stopped_by_counted_bytes(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    bomb = jpeg(1) + bytes(30_000_000)
    imported = import_source(workspace, db, str(pack(tmp_path / "b.zip", {"a/1.jpg": bomb, "a/2.jpg": jpeg(2)})))
    assert imported == Imported(1, 0, [Rejected("a/1.jpg", "unpacks to more than 200 times its size")])


def test_a_header_that_lies_about_sizes_changes_nothing(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    path = pack(tmp_path / "l.zip", {"a/1.jpg": jpeg(1) + bytes(30_000_000)})
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\1\2")
    struct.pack_into("<L", content, at + 24, 10)  # the index says: ten bytes unpacked
    path.write_bytes(content)
    imported = import_source(workspace, db, str(path))
    assert imported.added == 0
    assert [item.path for item in imported.rejected] == ["a/1.jpg"]


def test_encrypted_and_oddly_packed_entries_are_named(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    path = pack(tmp_path / "e.zip", {"a/1.jpg": jpeg(1), "a/2.jpg": jpeg(2)})
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\1\2")
    content[at + 8] |= 1
    path.write_bytes(content)
    assert import_source(workspace, db, str(path)) == Imported(1, 0, [Rejected("a/1.jpg", "encrypted")])
    odd = pack(tmp_path / "o.zip", {"a/3.jpg": jpeg(3)}, method=zipfile.ZIP_LZMA)
    assert import_source(workspace, db, str(odd)).rejected[0].reason == "packed by a method that is not supported"


def test_a_damaged_entry_is_named_and_the_rest_taken(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    path = pack(tmp_path / "d.zip", {"a/1.jpg": jpeg(1), "a/2.jpg": jpeg(2)}, method=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(content)
    imported = import_source(workspace, db, str(path))
    assert imported.added == 1
    assert imported.rejected[0].path == "a/1.jpg"
    assert imported.rejected[0].reason.startswith("damaged within the zip")


def test_a_zip_within_a_zip_stays_closed(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.jpg", jpeg(1))
    imported = import_source(
        workspace, db, str(pack(tmp_path / "n.zip", {"a/x.zip": inner.getvalue(), "a/1.jpg": jpeg(2)}))
    )
    assert imported == Imported(1, 0, [])


def test_too_many_entries_are_refused_before_they_are_read(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    count = MAX_ENTRIES + 1
    index = entry * count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(index), 0, 0)
    path = tmp_path / "m.zip"
    path.write_bytes(index + end)
    with pytest.raises(InputError, match="more than 200,000 files"):
        import_source(workspace, db, str(path))


@pytest.mark.parametrize(
    "content", [b"", b"PK\3\4", b"not a zip at all", b"PK\5\6" + bytes(17), b"PK\5\6" + b"\xff" * 18]
)
def test_what_is_no_zip_is_named(workspace: Workspace, db: Database, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.zip"):
        import_source(workspace, db, str(path))


def test_a_zip_without_its_extension_is_known_by_its_content(
    workspace: Workspace, db: Database, tmp_path: Path
) -> None:
    path = pack(tmp_path / "set.zip", {"rose/1.jpg": jpeg(1)}).rename(tmp_path / "upload")
    assert import_source(workspace, db, str(path)).added == 1
