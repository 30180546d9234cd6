"""Frame rates and bitrates, decided from numbers. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from typing import Final

from proxy.media.time import TICKS_PER_SECOND

FALLBACK_RATE: Final = Fraction(25)

_COMMON: Final = tuple(Fraction(rate) for rate in (5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120)) + tuple(
    Fraction(rate * 1000, 1001) for rate in (24, 30, 60, 120)
)
_LIMITS: Final = (Fraction(1), Fraction(240))


def nominal_rate(steps: Sequence[int]) -> Fraction:
    """The frame rate in frames/s that ``steps`` between frames (ticks, positive) stand for, a common one where one is near.

    Cameras round their timestamps, so a single step is off by up to a millisecond; the median is nearer.
    """
    if not steps:
        return FALLBACK_RATE
    measured = Fraction(TICKS_PER_SECOND) / Fraction(median(steps))
    mean = Fraction(TICKS_PER_SECOND * len(steps), sum(steps))
    near = [rate for rate in _COMMON if abs(rate - measured) <= measured / 40]
    if near:
        return min(near, key=lambda rate: abs(rate - mean))
    return min(max(measured.limit_denominator(1001), _LIMITS[0]), _LIMITS[1])


def live_bitrate_kbps(*, width: int, height: int, rate: float) -> int:
    """A bitrate that platforms recommend for H.264 at this size: 4500 kbit/s for 1080p at 30 frames/s.

    Grows less than the number of pixels does, because neighbouring pixels of larger pictures are more alike.
    """
    pixels = width * height / (1920 * 1080)
    motion = max(rate, 15.0) / 30
    return max(300, round(90 * math.pow(pixels, 0.75) * math.sqrt(motion)) * 50)
