from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.vision import boxes


def _boxes(*rows: tuple[float, float, float, float]) -> boxes.F32:
    return np.array(rows, np.float32).reshape(-1, 4)


corner = st.integers(-200, 200)
side = st.integers(1, 200)
box = st.tuples(corner, corner, side, side).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


def test_area_of_a_box_with_swapped_corners_is_nothing() -> None:
    assert boxes.area(_boxes((0, 0, 4, 5), (3, 0, 1, 5))).tolist() == [20.0, 0.0]


def test_a_size_is_the_side_of_a_square_of_the_same_area() -> None:
    assert boxes.size(_boxes((0, 0, 4, 9), (3, 0, 1, 5))).tolist() == [6.0, 0.0]


@given(st.lists(box, max_size=6), st.lists(box, max_size=6))
def test_iou_counts_the_same_pixels_as_painting_both_boxes(
    a: list[tuple[int, int, int, int]], b: list[tuple[int, int, int, int]]
) -> None:
    found = boxes.iou(_boxes(*a), _boxes(*b))
    assert found.shape == (len(a), len(b))
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            canvas = np.zeros((2, 600, 600), bool)
            for layer, (x1, y1, x2, y2) in enumerate((one, other)):
                canvas[layer, y1 + 200 : y2 + 200, x1 + 200 : x2 + 200] = True
            expected = (canvas[0] & canvas[1]).sum() / (canvas[0] | canvas[1]).sum()
            assert found[i, j] == pytest.approx(expected, abs=1e-5)


def test_two_empty_boxes_overlap_by_nothing() -> None:
    assert boxes.iou(_boxes((1, 1, 1, 1)), _boxes((1, 1, 1, 1))).tolist() == [[0.0]]


@pytest.mark.parametrize("function", [boxes.iou, boxes.intersection])
def test_no_boxes_give_an_empty_matrix(function: object) -> None:
    assert function(_boxes(), _boxes((0, 0, 1, 1))).shape == (0, 1)  # type: ignore[operator]
    assert function(_boxes((0, 0, 1, 1)), _boxes()).shape == (1, 0)  # type: ignore[operator]


@given(st.lists(box, max_size=12), st.floats(0.5, 1), st.floats(1, 2))
def test_every_box_lies_in_one_that_is_left_after_merging(
    found: list[tuple[int, int, int, int]], share: float, growth: float
) -> None:
    before = _boxes(*found)
    after, left = boxes.merged(before, share=share, growth=growth)
    kept = after[left]
    inside = (before[:, None, :2] >= kept[None, :, :2]).all(axis=2) & (before[:, None, 2:] <= kept[None, :, 2:]).all(axis=2)
    assert inside.any(axis=1).all()
    assert left.any() or not found


def test_of_equal_boxes_one_is_left() -> None:
    _, left = boxes.merged(_boxes((0, 0, 10, 10), (0, 0, 10, 10), (0, 0, 10, 10)), share=0.75, growth=1.2)
    assert left.tolist() == [True, False, False]


def test_a_box_that_sticks_out_a_little_grows_the_one_it_lies_in() -> None:
    after, left = boxes.merged(_boxes((0, 0, 100, 200), (80, 10, 104, 60)), share=0.75, growth=1.2)
    assert after[left].tolist() == [[0, 0, 104, 200]]


@pytest.mark.parametrize("other", [(60, 10, 160, 60), (90, 150, 110, 190), (300, 0, 310, 10)])
def test_a_box_that_lies_elsewhere_or_would_grow_the_other_too_much_stays(other: tuple[int, ...]) -> None:
    _, left = boxes.merged(_boxes((0, 0, 100, 200), other), share=0.75, growth=1.02)
    assert left.all()
