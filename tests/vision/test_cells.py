import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.vision.cells import Cells

even = st.integers(1, 2100).map(lambda half: 2 * half)
box = st.tuples(st.integers(-50, 700), st.integers(-50, 400), st.integers(0, 300), st.integers(0, 300))


@given(even, even)
def test_cells_are_even_lie_in_the_picture_and_leave_less_than_one_of_them_out(width: int, height: int):
    cells = Cells.over(width, height)
    assert cells.side % 2 == 0
    assert 0 <= width - cells.columns * cells.side < cells.side
    assert 0 <= height - cells.rows * cells.side < cells.side


def test_cells_of_a_full_hd_picture_are_16_pixels_wide():
    assert Cells.over(1920, 1080) == Cells(16, 67, 120)


@given(st.lists(box, max_size=6), st.integers(0, 2))
def test_a_cell_is_touched_when_a_box_or_the_margin_around_it_reaches_into_it(boxes: list[tuple[int, ...]], margin: int):
    cells = Cells.over(640, 360)
    xyxy = np.array([(x, y, x + width, y + height) for x, y, width, height in boxes], np.float64).reshape(-1, 4)
    expected = cells.nowhere
    for x1, y1, x2, y2 in xyxy:
        first_row, last_row = int(y1 // cells.side) - margin, int(-(-y2 // cells.side)) + margin
        first_column, last_column = int(x1 // cells.side) - margin, int(-(-x2 // cells.side)) + margin
        expected[max(first_row, 0) : max(last_row, 0), max(first_column, 0) : max(last_column, 0)] = True
    assert (cells.touched(xyxy, margin=margin) == expected).all()


@given(st.integers(0, 638), st.integers(1, 640))
def test_a_span_holds_every_cell_that_it_touches_and_at_least_one(start: int, length: int):
    cells = Cells.over(640, 360)
    span = cells.span(start, min(length, 640 - start), cells.columns)
    assert 0 <= span.start < span.stop <= cells.columns
    assert span.start * cells.side <= start or span.start == cells.columns - 1
    assert span.stop * cells.side >= min(start + min(length, 640 - start), cells.columns * cells.side)
