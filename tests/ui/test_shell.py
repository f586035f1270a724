"""The shell: every room opens on an empty and on a filled workspace, the sidebar counts, errors become sentences."""

from pathlib import Path

import pytest

from core.api.desk import Opened, desk
from core.duplicates.clusters import update_clusters
from core.errors import InputError
from core.workspace import read_settings
from tests.support.catalogue import fill_catalogue
from tests.ui.conftest import Visit
from tests.ui.copies import plant_copy
from ui.rooms import ROOMS
from ui.settings import save_settings
from ui.workspaces import open_other

DATA_ROOMS = [room.name for room in ROOMS if room.section == "Data"]


@pytest.mark.parametrize("name", DATA_ROOMS)
def test_a_room_of_an_empty_workspace_says_what_to_do_next(visit: Visit, name: str) -> None:
    app = visit(name)

    assert app.title[0].value == name.capitalize()
    assert [button.label for button in app.main.button] != []


@pytest.mark.parametrize("name", DATA_ROOMS)
def test_a_room_of_a_filled_workspace_draws(visit: Visit, opened: Opened, name: str) -> None:
    fill_catalogue(opened.workspace, opened.db, images=12)

    assert visit(name).title[0].value == name.capitalize()


def test_the_sidebar_counts_where_work_waits(visit: Visit, opened: Opened) -> None:
    images = fill_catalogue(opened.workspace, opened.db, images=9)
    plant_copy(opened.db, images[0])
    update_clusters(opened.db, distance=6)

    links = [link.proto.label for link in visit("overview").sidebar.get("page_link")]

    assert links == ["Overview", "Collect", "Duplicates :gray[1]", "Clean :gray[10]", "Dataset", "Train", "Runs", "Try"]


def test_the_settings_dialog_shows_what_is_set(visit: Visit, opened: Opened) -> None:
    save_settings(opened, minimum=40, target=90, distance=3, hosts=["nas.local:8080"], mode="fast")

    app = visit("overview")
    app.button(key="settings.open").click().run()

    assert [field.value for field in app.number_input] == [40, 90]
    assert (app.slider[0].value, app.text_area[0].value) == (3, "nas.local:8080")


@pytest.mark.parametrize("host", ["nas.local", "nas.local:", ":80", "nas.local:http"])
def test_a_host_without_a_port_is_refused_in_a_sentence(opened: Opened, host: str) -> None:
    with pytest.raises(InputError, match="is not HOST:PORT"):
        save_settings(opened, minimum=40, target=90, distance=3, hosts=[host], mode="fast")

    assert read_settings(opened.workspace).minimum_per_class == 15


def test_another_workspace_is_made_and_both_remember_each_other(visit: Visit, opened: Opened, tmp_path: Path) -> None:
    fill_catalogue(opened.workspace, opened.db, images=3)
    app = visit("overview")

    open_other(desk(), str(tmp_path / "other"))
    app.run()

    assert app.button(key="overview.sample").label == "Load the sample"
    assert read_settings(desk().workspace).recent == [str(opened.workspace.home)]
    assert read_settings(opened.workspace).recent == [str(tmp_path / "other")]
    app.button(key="workspace.open").click().run()
    assert f"workspace.open.{opened.workspace.home}" in {button.key for button in app.button}


def test_a_file_cannot_be_a_workspace(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")

    with pytest.raises(InputError, match="is a file"):
        open_other(desk(), str(tmp_path / "file"))

    assert desk().workspace == opened.workspace


def test_a_lost_catalogue_is_a_sentence_and_no_traceback(visit: Visit, opened: Opened) -> None:
    app = visit("overview")
    opened.workspace.catalog.rename(opened.workspace.catalog.with_suffix(".moved"))

    app.run()

    assert "was moved or deleted while Specimen had it open" in app.error[0].value
    assert [error.value for error in app.exception] == []
