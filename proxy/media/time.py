"""Time inside the proxy is an ``int`` of 90 kHz ticks; rescaling happens on entry and on exit, nowhere else."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

TICKS_PER_SECOND: Final = 90_000
TICK: Final = Fraction(1, TICKS_PER_SECOND)


def to_ticks(pts: int, time_base: Fraction) -> int:
    """Rescale ``pts`` in ``time_base`` seconds to ticks, to the nearest tick."""
    return round(pts * time_base * TICKS_PER_SECOND)


def from_ticks(ticks: int, time_base: Fraction) -> int:
    """Rescale ticks to ``time_base`` seconds, to the nearest unit."""
    return round(Fraction(ticks, TICKS_PER_SECOND) / time_base)


def ms_to_ticks(milliseconds: float) -> int:
    """Ticks in so many milliseconds."""
    return round(milliseconds * TICKS_PER_SECOND / 1000)


def ticks_to_ms(ticks: int) -> float:
    """Milliseconds in so many ticks."""
    return ticks * 1000 / TICKS_PER_SECOND
