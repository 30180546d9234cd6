"""Shapes enclose their boxes, and what is kept of them is bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.redactors.shapes import ShapeStore, Style, margin_of, roomy

EVEN = st.integers(1, 200).map(lambda half: 2 * half)
STYLE = Style(power=4, luma=86, light=20, shade=10, rim=8)


@settings(max_examples=60)
@given(EVEN, EVEN, st.sampled_from([2.0, 2.6, 4.0, 8.0]))
def test_the_box_is_opaque_and_the_outermost_pixels_are_clear(width: int, height: int, power: float) -> None:
    style = Style(power=power, luma=86, light=20, shade=10, rim=8)
    shape = ShapeStore(style).shape(width, height)
    m = shape.margin
    assert shape.lower.shape == shape.upper.shape == (height + 2 * m, width + 2 * m)
    assert shape.free.shape == (height // 2 + m, width // 2 + m)
    assert (shape.lower <= shape.upper).all()
    assert (shape.lower[m:-m, m:-m] == shape.upper[m:-m, m:-m]).all()
    assert not shape.free[m // 2 : -m // 2, m // 2 : -m // 2].any()
    for corner in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        assert (shape.lower[corner], shape.upper[corner], shape.free[corner]) == (0, 255, 255)


def test_left_and_right_mirror_each_other() -> None:
    shape = ShapeStore(STYLE).shape(60, 140)
    assert (shape.lower == shape.lower[:, ::-1]).all()
    assert (shape.free == shape.free[:, ::-1]).all()
    assert (shape.free == shape.free[::-1]).all()


@given(EVEN)
def test_few_lengths_are_drawn_and_none_is_much_too_long(side: int) -> None:
    assert side <= roomy(side) < side + max(2, min(8, side / 10 + 1))
    assert roomy(roomy(side)) == roomy(side)
    assert roomy(side) % 2 == 0


@given(st.integers(-19, 79).map(lambda half: 2 * half), st.integers(-39, 59).map(lambda half: 2 * half))
def test_what_lies_outside_the_picture_is_left_out(x: int, y: int) -> None:
    shape = ShapeStore(STYLE).shape(40, 80)
    large, free = np.full((400, 600), 200, np.uint8), np.full((200, 300), 255, np.uint8)
    shape.clamp(large, free, x + 200, y + 140)
    cut, cut_free = np.full((120, 160), 200, np.uint8), np.full((60, 80), 255, np.uint8)
    shape.clamp(cut, cut_free, x, y)
    assert (cut == large[140:260, 200:360]).all()
    assert (cut_free == free[70:130, 100:180]).all()


def test_a_size_is_drawn_once() -> None:
    store = ShapeStore(STYLE)
    assert store.shape(40, 80) is store.shape(40, 80)


def test_what_is_kept_is_bounded_whatever_sizes_come() -> None:
    store = ShapeStore(STYLE, most_bytes=100_000)
    for width in range(2, 120, 2):
        for height in (40, 90, 160):
            store.shape(width, height)
            assert store.held_bytes <= 200_000


def test_a_shape_larger_than_what_may_be_kept_is_drawn_and_not_kept() -> None:
    store = ShapeStore(STYLE, most_bytes=1000)
    assert store.shape(200, 200).lower.shape[0] > 200
    assert store.held_bytes == 0


@pytest.mark.parametrize(("short", "margin"), [(2, 4), (8, 4), (100, 16), (2000, 36)])
def test_the_margin_grows_with_the_box_up_to_a_bound(short: int, margin: int) -> None:
    assert margin_of(short, 4) == margin
