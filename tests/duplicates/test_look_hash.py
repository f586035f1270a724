"""What the hashes of hypothetical edits are worth: they are those of the edited looks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.duplicates.laid_over import fit, likeness, sample
from core.duplicates.look_hash import CELLS, CROPS, TURNS, crop_frequencies, frequencies, pack, turn, turn_frequencies
from core.duplicates.probing import MOST_BITS, Table
from tests.duplicates.test_second_look import look, scene


def luma(count: int = 8) -> NDArray[np.float32]:
    cells = np.concatenate([look(scene(seed=seed)) for seed in range(count)])
    return cells[:, : CELLS * CELLS].reshape(-1, CELLS, CELLS).astype(np.float32)


@pytest.mark.parametrize("how", range(len(TURNS)), ids=TURNS)
def test_turned_frequencies_are_those_of_the_turned_look(how: int) -> None:
    looks = luma()
    turned = frequencies(np.ascontiguousarray(turn(looks, how)))
    assert np.allclose(turn_frequencies(frequencies(looks))[:, how], turned, atol=1e-2)


def test_turns_are_what_they_are_called() -> None:
    look_of_one = luma(1)
    assert np.array_equal(turn(look_of_one, TURNS.index("quarter"))[0], np.rot90(look_of_one[0]))
    assert np.array_equal(turn(look_of_one, TURNS.index("half"))[0], np.rot90(look_of_one[0], 2))
    assert np.array_equal(turn(look_of_one, TURNS.index("other diagonal"))[0], np.rot90(look_of_one[0], 2).T)


def test_cropped_frequencies_are_those_of_the_part() -> None:
    looks = luma()
    crops = crop_frequencies(looks)
    assert np.allclose(crops[:, 0], frequencies(looks))
    for place in (1, 7, len(CROPS) - 1):
        boxes = np.tile(np.array(CROPS[place], np.float32), (len(looks), 1))
        assert np.allclose(crops[:, place], frequencies(sample(looks, boxes)), atol=1e-2)


def test_brightness_and_contrast_do_not_change_the_hash() -> None:
    looks = luma()
    assert np.array_equal(pack(frequencies(looks * 0.6 + 20)), pack(frequencies(looks)))


def test_the_table_finds_what_differs_in_weak_frequencies_and_nothing_far() -> None:
    found = frequencies(luma(40))
    table = Table(np.unique(pack(found)))
    weak = found.copy()
    weakest = np.argsort(np.abs(weak[:, 1:23]), axis=1)[:, :2] + 1
    weak[np.arange(40)[:, None], weakest] *= -1
    rows, hits, bits = table.near(weak)
    values = np.unique(pack(found))
    assert {(row, int(values[hit])) for row, hit in zip(rows.tolist(), hits.tolist(), strict=True)} >= {
        (row, int(value)) for row, value in enumerate(pack(found))
    }
    assert np.array_equal(bits, np.bitwise_count(pack(weak)[rows] ^ values[hits]))
    assert bits.max() <= MOST_BITS
    assert [len(column) for column in table.near(found[:0])] == [0, 0, 0]


def test_the_edges_of_a_part_are_found() -> None:
    whole = np.asarray(scene().convert("L").resize((320, 320)), np.float32)
    top, bottom, left, right = 0.07, 0.95, 0.03, 0.91
    part = whole[round(top * 320) : round(bottom * 320), round(left * 320) : round(right * 320)]
    ours, theirs = (_cells(plane, CELLS) for plane in (whole, part))
    start = np.array([[0.05, 0.9, 0.05, 0.9]], np.float32)
    boxes = fit(ours, theirs * 0.8 + 12, start)
    assert np.abs(boxes[0] - (top, bottom, left, right)).max() < 0.015
    laid = likeness(_cells(whole, 32), _cells(part, 32), boxes)
    assert laid.alike[0] > 0.98
    assert laid.alike_in_detail[0] > 0.9
    other = likeness(_cells(whole[:, ::-1], 32), _cells(part, 32), boxes)
    assert other.alike_in_detail[0] < 0.6


def test_plain_surfaces_have_no_detail_to_agree_in() -> None:
    plain = np.full((1, 32, 32), 90, np.float32)
    slope = (plain + np.arange(32, dtype=np.float32)).astype(np.float32)
    whole = np.array([[0, 1, 0, 1]], np.float32)
    assert likeness(plain, plain, whole).alike_in_detail[0] == 0
    assert likeness(slope, slope, whole).alike_in_detail[0] == 0


def _cells(plane: NDArray[np.float32], cells: int) -> NDArray[np.float32]:
    """[1, cells, cells]: means of blocks, of a plane of any size."""
    rows = np.array_split(np.arange(plane.shape[0]), cells)
    columns = np.array_split(np.arange(plane.shape[1]), cells)
    return np.array([[[plane[np.ix_(row, column)].mean() for column in columns] for row in rows]], np.float32)
