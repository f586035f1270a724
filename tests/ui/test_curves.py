"""Records become curves: grouped, thinned without losing peaks, smoothed, gaps kept."""

import json
import math

from ui.curves import Curves, panels, smoothed, sparkline, thinned


def records(steps: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {"t": 0.0, "kind": "step", "step": step, "epoch": step // 10, "loss/train": 1 / (1 + step), "lr": 0.1}
        for step in range(steps)
    ]
    for epoch in range(steps // 10):
        figures = {"loss/val": 1.5, "accuracy/train": 0.9, "accuracy/val": 0.5}
        rows.append({"t": 0.0, "kind": "epoch", "step": epoch * 10, "epoch": epoch + 1, **figures})
    return rows


def curves(rows: list[dict[str, object]]) -> Curves:
    found = Curves()
    found.extend(rows)
    return found


def test_no_records_give_no_panels() -> None:
    assert panels(Curves(), revision="r") == []
    assert sparkline([]) == []


def test_a_classifiers_panels() -> None:
    drawn = panels(curves(records(30)), revision="r")
    assert [(panel.name, panel.main) for panel in drawn] == [("loss", True), ("accuracy", True), ("lr", False)]
    traces = drawn[1].figure["data"]
    assert isinstance(traces, list)
    assert [(trace["name"], trace["line"]["dash"], trace["x"]) for trace in traces] == [
        ("training", "solid", [1.0, 2.0, 3.0]),
        ("held-out", "dash", [1.0, 2.0, 3.0]),
    ]


def test_a_generators_panels_hold_both_losses() -> None:
    rows: list[dict[str, object]] = [
        {"kind": "step", "step": step, "epoch": 1, "loss/g": 2.0, "loss/d": None, "d/real": 0.7, "d/fake": 0.2}
        for step in range(3)
    ]
    rows[1]["loss/d"] = 1.0
    drawn = panels(curves(rows), revision="r")
    assert [panel.name for panel in drawn] == ["loss", "judgement"]
    assert drawn[0].alt == "Loss per step: generator, discriminator"
    traces = drawn[0].figure["data"]
    assert isinstance(traces, list)
    assert traces[1]["y"] == [None, 1.0, None]


def test_a_figure_is_json_that_keeps_its_revision() -> None:
    for panel in panels(curves(records(500)), revision="20261121-101112-dcgan"):
        again = json.loads(json.dumps(panel.figure, allow_nan=False))
        assert again["layout"]["uirevision"] == "20261121-101112-dcgan"


def test_a_long_series_is_drawn_raw_and_smoothed_within_a_budget() -> None:
    loss = panels(curves(records(50_000)), revision="r")[0]
    traces = loss.figure["data"]
    assert isinstance(traces, list)
    raw, mean = traces[0], traces[1]
    assert (raw["showlegend"], mean["name"]) == (False, "training")
    assert max(len(trace["x"]) for trace in traces) <= 5_000 + 2
    assert len(raw["x"]) <= 802


def test_thinning_keeps_peaks_ends_and_order() -> None:
    values: list[float | None] = [0.0] * 10_000
    values[3_333], values[7_777] = 9.0, -9.0
    chosen = thinned(values, 100)
    assert {0, 3_333, 7_777, 9_999} <= set(chosen)
    assert chosen == sorted(chosen)
    assert len(chosen) <= 102


def test_thinning_marks_a_stretch_without_figures() -> None:
    values: list[float | None] = [1.0] * 50 + [None] * 50 + [1.0] * 50
    assert any(values[index] is None for index in thinned(values, 10))


def test_smoothing_a_constant_gives_the_constant_and_keeps_gaps() -> None:
    means = smoothed([2.0, None, 2.0, 2.0], 10)
    assert means[1] is None
    assert all(math.isclose(value, 2.0) for value in means if value is not None)


def test_a_sparkline_is_short_and_ends_with_the_newest() -> None:
    line = sparkline(records(1_000))
    assert 20 <= len(line) <= 40
    assert line == sorted(line, reverse=True)


def test_steps_done_again_after_a_resume_replace_the_earlier_ones() -> None:
    rows: list[dict[str, object]] = [
        {"kind": "step", "step": step, "epoch": 1, "loss/train": loss}
        for step, loss in ((1, 1.0), (2, 2.0), (3, 3.0), (2, 2.5), (3, 3.5))
    ]
    series = curves(rows).by_step["loss/train"]
    assert (series.step, series.value) == ([1, 2, 3], [1.0, 2.5, 3.5])
