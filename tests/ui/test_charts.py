"""Figures of the dataset: every class has its bar, names are text, the minimum is drawn."""

from typing import Any

from core.catalog.records import ClassCounts
from ui.charts import MOST_CLASSES, class_bars, class_bars_words, split_bar


def _classes(*usable: int) -> list[ClassCounts]:
    return [
        ClassCounts(class_id, f"class {class_id}", kept=number, unreviewed=1, rejected=2, train=0, val=0, test=0)
        for class_id, number in enumerate(usable)
    ]


def test_each_class_has_its_three_parts_in_order() -> None:
    figure: Any = class_bars(_classes(3, 20), minimum=15, theme="light")

    assert [(trace["name"], trace["x"]) for trace in figure["data"]] == [
        ("✓ kept", [3, 20]),
        ("unreviewed", [1, 1]),
        ("✕ rejected", [2, 2]),
    ]
    assert figure["layout"]["yaxis"]["ticktext"] == ["class 0", "class 1"]
    assert figure["layout"]["shapes"][0]["x0"] == 15


def test_a_class_name_is_text_in_the_chart() -> None:
    row = ClassCounts(0, '<a href="x">b</a>', kept=1, unreviewed=0, rejected=0, train=0, val=0, test=0)

    figure: Any = class_bars([row], minimum=1, theme="dark")

    assert figure["layout"]["yaxis"]["ticktext"] == ["&lt;a href=&quot;x&quot;&gt;b&lt;/a&gt;"]


def test_of_very_many_classes_the_smallest_are_drawn() -> None:
    figure: Any = class_bars(_classes(*range(100, 0, -1)), minimum=15, theme="light")

    assert figure["data"][0]["x"] == list(range(1, MOST_CLASSES + 1))


def test_the_chart_is_said_in_words() -> None:
    assert class_bars_words(_classes(3, 20), minimum=15) == "Pictures in each of 2 classes; 1 below 15."


def test_empty_parts_of_the_split_are_left_out() -> None:
    figure: Any = split_bar(7, 0, 2, none=1, theme="light")

    assert [(trace["name"], trace["x"], trace["text"]) for trace in figure["data"]] == [
        ("training", [7], ["training 7 (70%)"]),
        ("test", [2], ["test 2 (20%)"]),
        ("in no part", [1], ["in no part 1 (10%)"]),
    ]
