"""Overview: one click loads the sample; pictures, figures and the next step when there are some."""

from core.api.desk import Opened
from core.jobs.queue import list_jobs, request_of
from core.jobs.status import Status, observe, write_status
from core.runs.store import new_run
from tests.support.catalogue import fill_catalogue
from tests.support.waiting import until
from tests.ui.conftest import Visit


def test_the_sample_is_loaded_with_one_click(visit: Visit, opened: Opened) -> None:
    app = visit("overview")
    app.button(key="overview.sample").click().run()

    ((folder, _),) = list_jobs(opened.workspace)
    assert (request_of(folder).kind, request_of(folder).arguments) == ("sample", {"images": 240})
    assert "Pictures are on their way." in [words.value for words in app.markdown]
    status = until(lambda: found if (found := observe(folder)).ended else None, seconds=120)
    assert (status.state, status.error) == ("finished", None)
    app.run()
    assert [words.value for words in app.subheader] == ["Newest pictures", "Classes"]
    assert app.button(key="overview.next").label.endswith("groups of copies")


def test_pictures_are_named_as_text(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=4, classes=("<img src=x onerror=alert(1)>",))

    mosaic = next(html.proto.body for html in visit("overview").get("html") if "specimen-mosaic" in html.proto.body)

    assert "onerror=alert(1)>" not in mosaic
    assert mosaic.count("<img ") == 4
    assert "/api/thumb/1/" in mosaic


def test_a_live_run_stands_there_from_its_first_moment(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=4)
    folder = new_run(opened.workspace, preset="scratch-cnn", config={"epochs": 3})
    write_status(folder, Status("queued"))

    app = visit("overview")

    assert "Under way" in [words.value for words in app.subheader]
    assert any("epoch 0 of" in bar.proto.text for bar in app.main.get("progress"))
