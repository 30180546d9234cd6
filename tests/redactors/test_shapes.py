"""Shapes enclose their boxes, and what is kept of them is bounded."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.redactors.shapes import ShapeStore, Style, margin_of

EVEN = st.integers(1, 200).map(lambda half: 2 * half)
STYLE = Style(power=4, luma=86, chroma=(130, 126), light=20, shade=10, rim=8)


@settings(max_examples=60)
@given(EVEN, EVEN, st.sampled_from([2.0, 2.6, 4.0, 8.0]))
def test_the_box_is_opaque_and_the_outermost_pixels_are_clear(width: int, height: int, power: float) -> None:
    style = Style(power=power, luma=86, chroma=(130, 126), light=20, shade=10, rim=8)
    shape = ShapeStore(style).shape(width, height)
    m = shape.margin
    assert shape.y.keep.shape == (height + 2 * m, width + 2 * m)
    assert shape.u.keep.shape == shape.v.keep.shape == (height // 2 + m, width // 2 + m)
    assert not shape.y.keep[m:-m, m:-m].any()
    assert not shape.u.keep[m // 2 : -m // 2, m // 2 : -m // 2].any()
    assert shape.y.keep[0, 0] == shape.y.keep[-1, -1] == 255
    assert shape.y.add[0, 0] == 0


def test_left_and_right_mirror_each_other() -> None:
    keep = ShapeStore(STYLE).shape(60, 140).y.keep
    assert (keep == keep[:, ::-1]).all()
    assert (keep == keep[::-1]).all()


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
    assert store.shape(200, 200).y.keep.shape[0] > 200
    assert store.held_bytes == 0


@pytest.mark.parametrize(("short", "margin"), [(2, 4), (8, 4), (100, 16), (2000, 36)])
def test_the_margin_grows_with_the_box_up_to_a_bound(short: int, margin: int) -> None:
    assert margin_of(short, 4) == margin
