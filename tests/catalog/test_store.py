"""Opening a catalogue: new, lost, damaged, newer, foreign."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from core.catalog.store import open_catalog, set_aside, set_meta
from core.errors import DamagedError, InputError, RefusedError, SpecimenError, StorageError
from core.workspace import Workspace, open_workspace, read_settings
from tests.catalog.rows import fill


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = open_workspace(tmp_path / "work", environ={})
    database = open_catalog(made)
    fill(database, {"abra": 300})
    database.close()
    return made


def overwrite(workspace: Workspace, statement: str) -> None:
    with sqlite3.connect(workspace.catalog) as connection:
        connection.execute(statement)
    connection.close()


def test_a_workspace_that_lost_its_catalogue_is_refused(workspace: Workspace) -> None:
    workspace.catalog.unlink()
    with pytest.raises(RefusedError, match="was here before and is gone"):
        open_catalog(workspace)
    assert not workspace.catalog.exists()


@pytest.mark.parametrize("damage", ["noise", "header", "empty"])
def test_a_damaged_catalogue_is_named_and_can_be_set_aside(workspace: Workspace, damage: str) -> None:
    content = bytearray(workspace.catalog.read_bytes())
    if damage == "noise":
        content[8192:12288] = bytes(range(256)) * 16
    content[0:16] = b"0123456789abcdef" if damage == "header" else content[0:16]
    workspace.catalog.write_bytes(b"" if damage == "empty" else bytes(content))
    with pytest.raises(DamagedError, match=r"^[^\n]*catalog\.db is [^\n]*core scan` sets it aside[^\n]*$"):
        open_catalog(workspace)
    moved = set_aside(workspace)
    assert moved.exists()
    assert open_catalog(workspace).path == workspace.catalog


def test_sound_pages_are_looked_through_once_for_each_state_of_the_file(workspace: Workspace) -> None:
    note = workspace.cache / "catalog.checked"

    def opened() -> tuple[int, bytes]:
        open_catalog(workspace).close()
        return note.stat().st_mtime_ns, note.read_bytes()

    first = opened()
    assert opened() == first
    database = open_catalog(workspace)
    set_meta(database, "colour", "red")
    database.close()
    assert opened() != first
    note.unlink()
    assert opened()[0] != first[0]


def test_damage_is_found_where_size_and_time_stay(workspace: Workspace) -> None:
    open_catalog(workspace).close()
    before = workspace.catalog.stat()
    with workspace.catalog.open("r+b") as handle:
        handle.seek(8192)
        handle.write(bytes(range(256)) * 16)
    os.utime(workspace.catalog, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(DamagedError, match="is damaged"):
        open_catalog(workspace)


def test_pages_are_looked_through_anew_after_a_start_of_the_machine(workspace: Workspace) -> None:
    open_catalog(workspace).close()
    note = workspace.cache / "catalog.checked"
    boot, files = json.loads(note.read_bytes())
    note.write_text(json.dumps([f"not {boot}", files]), encoding="utf-8")
    open_catalog(workspace).close()
    assert json.loads(note.read_bytes()) == [boot, files]


def test_a_newer_schema_is_refused_untouched(workspace: Workspace) -> None:
    overwrite(workspace, "PRAGMA user_version = 999")
    before = workspace.catalog.read_bytes()
    with pytest.raises(RefusedError, match="newer version"):
        open_catalog(workspace)
    assert workspace.catalog.read_bytes() == before


def test_another_programs_database_is_refused(workspace: Workspace) -> None:
    overwrite(workspace, "PRAGMA application_id = 7")
    with pytest.raises(RefusedError, match="another program"):
        open_catalog(workspace)


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="is a file"):
        open_workspace(tmp_path / "file", environ={})
    with pytest.raises(SpecimenError):
        open_workspace(tmp_path / "file" / "below", environ={})


@pytest.mark.parametrize("home", ["x" * 300, "a\0b", "~nobody-of-this-name/work"])
def test_a_text_that_is_no_path_is_refused_in_words(home: str) -> None:
    with pytest.raises(InputError, match="cannot be a path"):
        open_workspace(Path(home), environ={})


def test_the_home_comes_from_the_environment(tmp_path: Path) -> None:
    made = open_workspace(environ={"SPECIMEN_HOME": str(tmp_path / "there")})
    assert made.home == (tmp_path / "there").resolve()
    assert made.images.is_dir()


def test_settings_that_cannot_be_name_the_field(workspace: Workspace) -> None:
    workspace.settings.write_text('{"minimum_per_class": -1}', encoding="utf-8")
    with pytest.raises(StorageError, match="minimum_per_class"):
        read_settings(workspace)
