"""Where a track was between its sightings, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.media.time import TICKS_PER_SECOND
from proxy.tracking.history import History
from proxy.tracking.kalman import to_place, to_xyxy
from proxy.tracking.rules import Movement

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

MEMORY_S: Final = 0.5
"""People keep their velocity for about so long: what is carried on fades with this time constant."""


@dataclass(frozen=True, slots=True)
class Sides:
    """T tracks around one moment: the sighting before it and the one after it.

    Attributes:
        track_id: ``(T,)`` int64.
        earlier: ``(T, 4)`` float64 pixels, the last sighting at or before the moment; NaN where there is none.
        later: ``(T, 4)`` float64 pixels, the first sighting at or after the moment; NaN where there is none.
        since: ``(T,)`` float64 seconds from ``earlier``, infinite where there is none.
        until: ``(T,)`` float64 seconds to ``later``, infinite where there is none.
        around: ``(T, 4)`` float64 pixels, holds every sighting close in time, each moved to the moment; NaN where there is none.
        rate: ``(T, 4)`` float64, change of cx, cy (pixels), ln w, ln h per second.
        lived: ``(T,)`` float64 seconds from the first to the last sighting.
        seen: ``(T,)`` int64, how often the track was seen in all.
        sure: ``(T,)`` int64, how often of those it was sure.
    """

    track_id: I64
    earlier: F64
    later: F64
    since: F64
    until: F64
    around: F64
    rate: F64
    lived: F64
    seen: I64
    sure: I64

    def __len__(self) -> int:
        return len(self.track_id)

    @classmethod
    def of(cls, history: History, pts: int, *, track_id: I64, rate: F64, lived: F64, seen: I64, sure: I64, close: int) -> Sides:
        """What ``history`` holds around ``pts`` about all its tracks; ``close`` in time is so many ticks."""
        earlier, since = _sightings(history, history.before(pts, len(track_id)), pts)
        later, until = _sightings(history, history.after(pts, len(track_id)), pts)
        return cls(track_id, earlier, later, since, until, _gathered(history, pts, rate, close), rate, lived, seen, sure)

    def where(self, rows: NDArray[np.bool_]) -> Sides:
        """The tracks that ``rows`` marks."""
        return Sides(
            self.track_id[rows],
            self.earlier[rows],
            self.later[rows],
            self.since[rows],
            self.until[rows],
            self.around[rows],
            self.rate[rows],
            self.lived[rows],
            self.seen[rows],
            self.sure[rows],
        )

    @property
    def nearest(self) -> F64:
        """``(T,)`` seconds to the nearest sighting."""
        return np.minimum(self.since, self.until)


def place_between(sides: Sides) -> F64:
    """``(T, 4)`` pixels: the most likely boxes at the moment, interpolated, or carried on where there is only one side."""
    return to_xyxy(_middle(sides))


def extent_between(sides: Sides, movement: Movement) -> F64:
    """``(T, 4)`` pixels: boxes that hold the track at the moment though its velocity may have changed.

    Between two sightings s seconds after one and u before the other, a body that accelerates by a is off the straight line
    by at most a·s·u/2; s seconds after the last one by a·s²/2, and by v·s if it was the only one, since nobody knows yet which
    way it goes. ``movement`` gives a and v in sizes. A box that is carried on is joined with where it was last seen, so that a
    wrong velocity uncovers nothing; two sightings at the very moment are joined too, and so are two that lie further than
    ``FAR`` apart, for they may be of two people.
    """
    both = np.isfinite(sides.since) & np.isfinite(sides.until)
    alone = np.where(both, 0.0, sides.nearest)
    apart = np.where(both, np.where(both, sides.since, 0.0) * np.where(both, sides.until, 0.0), alone**2)
    likely = place_between(sides)
    size = np.sqrt(np.prod(likely[:, 2:] - likely[:, :2], axis=1))
    astray = np.where(sides.lived > 0, movement.acceleration * apart / 2, np.minimum(movement.speed * alone, FRESH_MARGIN))
    margin = (np.minimum(astray, LARGEST_MARGIN) * size)[:, None]
    grown = np.concatenate([likely[:, :2] - margin, likely[:, 2:] + margin], axis=1)
    static = np.where(np.isfinite(sides.since)[:, None], sides.earlier, sides.later)
    joined = hull(grown, static)
    joint = both & (sides.since == 0) & (sides.until == 0)
    apart_px = np.hypot(*(_centre(sides.later) - _centre(sides.earlier)).T)
    joint |= both & (apart_px > FAR * size)
    extent = np.where(joint[:, None], hull(sides.earlier, sides.later), np.where(both[:, None], grown, joined))
    return np.concatenate([np.fmin(extent[:, :2], sides.around[:, :2]), np.fmax(extent[:, 2:], sides.around[:, 2:])], axis=1)


def lower_ends(sides: Sides, extent: F64) -> F64:
    """``(T, 4)`` pixels: boxes that hold the lower edges of ``extent`` ``(T, 4)`` and of the sightings before and after."""
    boxes = np.stack([extent, sides.earlier, sides.later])
    return np.concatenate([np.fmin.reduce(boxes[:, :, [0, 3]]), np.fmax.reduce(boxes[:, :, [2, 3]])], axis=1)


FAR: Final = 1.25
"""Sizes; somebody who runs past comes so far between two looks, and hardly anybody else."""
FRESH_MARGIN: Final = 0.2
"""Sizes; room for who was seen once. More covers hardly anybody else, and costs a crowd a hundredth of the picture."""
LARGEST_MARGIN: Final = 0.4
"""Sizes; who is out of sight for so long that more is needed is somewhere else."""


def left(sides: Sides, width: float, height: float) -> NDArray[np.bool_]:
    """``(T,)`` whether a track walked out of a picture of ``width`` × ``height`` pixels: where it was going lies outside.

    A velocity known from fewer than three sightings does not count.
    """
    box = place_between(sides)
    outside = (box[:, 2:] <= 0).any(axis=1) | (box[:, 0] >= width) | (box[:, 1] >= height)
    return outside & (sides.seen >= 3) & ~np.isfinite(sides.until)


def hull(first: F64, second: F64) -> F64:
    """``(N, 4)`` the smallest boxes that hold both."""
    return np.concatenate([np.minimum(first[:, :2], second[:, :2]), np.maximum(first[:, 2:], second[:, 2:])], axis=1)


def _centre(xyxy: F64) -> F64:
    return (xyxy[:, :2] + xyxy[:, 2:]) / 2


def _middle(sides: Sides) -> F64:
    earlier, later = to_place(sides.earlier), to_place(sides.later)
    both = np.isfinite(sides.since) & np.isfinite(sides.until)
    span = np.where(both, np.where(both, sides.since, 0.0) + np.where(both, sides.until, 0.0), 0.0)
    share = np.divide(sides.since, span, out=np.zeros_like(span), where=both & (span > 0))[:, None]
    between = earlier + share * (later - earlier)
    onward = earlier + sides.rate * _faded(sides.since)[:, None]
    backward = later - sides.rate * _faded(sides.until)[:, None]
    return np.where(both[:, None], between, np.where(np.isfinite(sides.since)[:, None], onward, backward))


def _faded(seconds: F64) -> F64:
    """``(N,)`` the time for which a velocity still counts: τ(1 - e^(-t/τ)); 0 for infinity."""
    finite = np.where(np.isfinite(seconds), seconds, 0.0)
    return MEMORY_S * (1 - np.exp(-finite / MEMORY_S))


def _gathered(history: History, pts: int, rate: F64, close: int) -> F64:
    start, end = np.searchsorted(history.pts, [pts - close, pts + close + 1])
    slot = history.slot[start:end]
    seconds = (pts - history.pts[start:end]) / TICKS_PER_SECOND
    moved = history.xyxy[start:end] + np.tile(rate[slot, :2] * seconds[:, None], 2)
    extent = np.tile([np.inf, np.inf, -np.inf, -np.inf], (len(rate), 1))
    np.minimum.at(extent[:, :2], slot, moved[:, :2])
    np.maximum.at(extent[:, 2:], slot, moved[:, 2:])
    return np.where(np.isfinite(extent), extent, np.nan)


def _sightings(history: History, rows: I64, pts: int) -> tuple[F64, F64]:
    known = rows >= 0
    boxes = np.full((len(rows), 4), np.nan)
    boxes[known] = history.xyxy[rows[known]]
    seconds = np.full(len(rows), np.inf)
    seconds[known] = np.abs(history.pts[rows[known]] - pts) / TICKS_PER_SECOND
    return boxes, seconds
