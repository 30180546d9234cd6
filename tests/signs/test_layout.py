"""Signs stand in their corners, never over one another, never outside."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from proxy.signs.layout import Layout
from proxy.signs.options import Corner

SIZES = st.integers(1, 60).map(lambda half: 2 * half)


@given(st.integers(8, 200), st.integers(8, 200), st.lists(st.tuples(st.sampled_from(Corner), SIZES, SIZES), max_size=6))
def test_every_sign_lies_inside_at_even_places_and_beside_those_of_its_corner(
    width: int, height: int, asked: list[tuple[Corner, int, int]]
) -> None:
    layout, rows = Layout(2 * width, 2 * height), dict[Corner, list[tuple[int, int]]]()
    for corner, wide, high in asked:
        spot = layout.place(corner, width=wide, height=high)
        if spot is None:
            continue
        left, top = spot
        assert left % 2 == top % 2 == 0
        assert 0 <= left <= 2 * width - wide
        assert 0 <= top <= 2 * height - high
        assert all(top >= end or top + high <= begin for begin, end in rows.get(corner, []))
        rows.setdefault(corner, []).append((top, top + high))


def test_each_corner_is_where_its_name_says() -> None:
    layout = Layout(200, 100)
    spots = [layout.place(corner, width=20, height=10) for corner in Corner]
    assert spots == [(2, 2), (178, 2), (2, 88), (178, 88)]


def test_what_does_not_fit_has_no_place() -> None:
    assert Layout(40, 40).place(Corner.TOP_LEFT, width=40, height=10) is None
    assert Layout(40, 40).place(Corner.TOP_LEFT, width=10, height=40) is None


def test_a_copy_takes_no_room_from_its_original() -> None:
    layout = Layout(200, 100)
    layout.place(Corner.TOP_LEFT, width=20, height=10)
    copy = layout.copy()
    assert copy.place(Corner.TOP_LEFT, width=20, height=10) == (2, 14)
    assert layout.place(Corner.TOP_LEFT, width=20, height=10) == (2, 14)
