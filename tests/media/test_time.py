"""Ticks go in and come out."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.media.time import TICK, from_ticks, ms_to_ticks, ticks_to_ms, to_ticks

BASES = [Fraction(1, 25), Fraction(1001, 30000), Fraction(1, 1000), Fraction(1, 12800), TICK]


@pytest.mark.parametrize("base", BASES)
@given(pts=st.integers(-(10**12), 10**12))
def test_a_timestamp_comes_back_from_ticks_unchanged(pts: int, base: Fraction) -> None:
    assert from_ticks(to_ticks(pts, base), base) == pts


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_a_finer_clock_is_never_off_by_more_than_half_a_tick(pts: int, rate: int) -> None:
    base = Fraction(1, rate)
    assert abs(to_ticks(pts, base) * TICK - pts * base) <= TICK / 2


def test_milliseconds_and_ticks_are_ninety_to_one() -> None:
    assert ms_to_ticks(400) == 36_000
    assert ticks_to_ms(36_000) == 400.0
