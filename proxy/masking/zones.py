"""Parts of the picture that somebody drew: always covered, never detected, or of people who agreed to be seen. Pure.

1. Points are shares of the picture's width and height, so that a zone means the same at any size.
2. What is never detected is what lies in an ignored zone as a whole; whatever reaches out of it is hidden as ever.
3. A consent zone needs a name and an end, and from that end on it shows nobody. ``consent.py`` tells whom it shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.vision.detections import Detections

F64 = NDArray[np.float64]
SAMPLES: Final = 5
"""So many points across a box, and as many down it, tell whether it lies in a zone as a whole."""
SLACK: Final = 0.04
"""The share of a box on each side that may stick out: detectors draw boxes a little too large."""


LINGERS_S: Final = 12.0
"""What was found is decided about for so long at most: somebody who was left out until then is still not known."""


class ZoneKind(StrEnum):
    """What a zone is for."""

    COVERED = "covered"
    IGNORED = "ignored"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Zone:
    """One polygon.

    Attributes:
        kind: what it is for.
        points: ``(x, y)`` shares of the picture, 0..1, at least three; even-odd where it crosses itself.
        until_s: Unix time from which on it shows nobody, ``None`` for never.
    """

    kind: ZoneKind
    points: tuple[tuple[float, float], ...]
    until_s: float | None = None

    def shows(self, kind: ZoneKind, now_s: float) -> bool:
        """Whether it is of ``kind``, and not over at ``now_s``."""
        return self.kind is kind and (self.until_s is None or now_s < self.until_s)


def agreed(zones: Iterable[Zone], *, now_s: float) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The polygons in which people agreed to be seen, at ``now_s``."""
    return tuple(zone.points for zone in zones if zone.shows(ZoneKind.CONSENT, now_s))


def exempted(zones: Iterable[Zone], found: Detections, *, width: int, height: int, now_s: float) -> Detections:
    """``found`` in a picture of ``width`` × ``height`` pixels, without what lies in an ignored zone."""
    hidden = np.ones(len(found), np.bool_)
    for zone in zones:
        if zone.shows(ZoneKind.IGNORED, now_s):
            hidden &= ~_within(found.xyxy.astype(np.float64), zone, width=width, height=height)
    return found.where(hidden)


def clear(zones: Iterable[Zone], xyxy: F64, *, width: int, height: int, now_s: float) -> NDArray[np.bool_]:
    """``(N,)`` which of ``xyxy`` lie nowhere near anybody whom :func:`exempted` leaves out, or left out until lately."""
    apart = np.ones(len(xyxy), np.bool_)
    grid = _grid(xyxy / np.array([width, height, width, height], np.float64), slack=0.0)
    for zone in zones:
        if zone.shows(ZoneKind.IGNORED, now_s - LINGERS_S):
            apart &= ~contains(zone.points, grid).any(axis=(1, 2))
    return apart


def _within(xyxy: F64, zone: Zone, *, width: int, height: int) -> NDArray[np.bool_]:
    """``(N,)`` whether each box lies in ``zone`` as a whole; what lies outside of the picture does not count."""
    size = np.array([width, height, width, height], np.float64)
    boxes = np.clip(xyxy, 0, size) / size
    return np.asarray(contains(zone.points, _grid(boxes, slack=SLACK)).all(axis=(1, 2)), np.bool_)


def _grid(boxes: F64, *, slack: float) -> F64:
    """``(N, SAMPLES, SAMPLES, 2)`` points across each box."""
    steps = np.linspace(slack, 1 - slack, SAMPLES)
    x = boxes[:, 0, None] + (boxes[:, 2] - boxes[:, 0])[:, None] * steps
    y = boxes[:, 1, None] + (boxes[:, 3] - boxes[:, 1])[:, None] * steps
    return np.stack(np.broadcast_arrays(x[:, None, :], y[:, :, None]), axis=-1)


def contains(points: tuple[tuple[float, float], ...], where: F64) -> NDArray[np.bool_]:
    """``(...)`` whether the polygon ``points`` contains each of ``where`` ``(..., 2)``, by the even-odd rule."""
    x, y = where[..., 0], where[..., 1]
    inside = np.zeros(where.shape[:-1], np.bool_)
    corners = np.asarray(points, np.float64)
    for one, other in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        (x1, y1), (x2, y2) = (one, other) if one[1] <= other[1] else (other, one)
        # multiplied, not divided: an edge may be as good as level
        inside ^= (y1 <= y) & (y < y2) & ((x - x1) * (y2 - y1) < (y - y1) * (x2 - x1))
    return inside
