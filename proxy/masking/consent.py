"""Who is left unhidden because their feet stand in a part of the picture whose people agreed to be seen. Pure.

1. What counts is where the feet may be: the bottom of a body's box, wherever it was seen before the moment and after it. All of
   that lies in one zone, or the person is hidden.
2. Anything unsure is hidden: a face without a body, a body that the picture cuts or that is as broad as tall, one that was seen
   less than a few times or not on both sides of the moment, one with a face that is not where its own would be, or with two.
3. Others' masks are painted as ever, over whoever is shown as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from proxy.masking.regions import Covered
from proxy.masking.zones import contains

F64 = NDArray[np.float64]
BOOL = NDArray[np.bool_]
Polygon: TypeAlias = tuple[tuple[float, float], ...]
"""Corners as shares of the picture's width and height."""

UPRIGHT: Final = 1.2
"""The least height of a body's box in widths: what is broader is somebody of whom the legs are not seen."""
CUT: Final = 0.04
"""The share of its height by which a body must end above the bottom of the picture, so that it is not cut there."""
SIGHTINGS: Final = 3
"""So often a body must have been seen for sure."""
HEAD: Final = (0.15, 0.0, 0.85, 0.3)
"""Where in a body's box the middle of its own face is: x1, y1, x2, y2 as shares of it."""


def standing(bodies: Covered, agreed: Sequence[Polygon], picture: F64) -> BOOL:
    """``(N,)`` which ``bodies`` surely have their feet in one of the polygons ``agreed``; ``picture`` is its width and height."""
    within = np.zeros(len(bodies.xyxy), np.bool_)
    for polygon in agreed:
        within |= _wholly_in(polygon, bodies.feet / np.tile(picture, 2))
    width, height = (bodies.xyxy[:, 2:] - bodies.xyxy[:, :2]).T
    whole = (bodies.feet[:, 3] <= picture[1] - CUT * height) & (height >= UPRIGHT * width)
    return np.asarray(within & whole, np.bool_)


def settled(bodies: Covered) -> BOOL:
    """``(N,)`` which ``bodies`` are known well enough at the moment for anybody to be shown."""
    return np.asarray(bodies.between & (bodies.sure >= SIGHTINGS), np.bool_)


def _wholly_in(polygon: Polygon, boxes: F64) -> BOOL:
    """``(N,)`` which of ``boxes`` ``(N, 4)`` no edge of ``polygon`` touches, while a corner lies in it: then all of it does."""
    begin = np.asarray(polygon, np.float64)
    end = np.roll(begin, -1, axis=0)
    beside = (np.maximum(begin, end) < boxes[:, None, :2]) | (np.minimum(begin, end) > boxes[:, None, 2:])
    corners = boxes[:, None, [[0, 1], [2, 1], [2, 3], [0, 3]]] - begin[None, :, None]
    along = (end - begin)[None, :, None]
    side = along[..., 0] * corners[..., 1] - along[..., 1] * corners[..., 0]
    apart = np.asarray(beside.any(axis=-1) | (side > 0).all(axis=-1) | (side < 0).all(axis=-1), np.bool_)
    return np.asarray(apart.all(axis=1) & contains(polygon, boxes[:, :2]), np.bool_)


def shown(bodies: F64, faces: F64, stands: BOOL) -> tuple[BOOL, BOOL]:
    """Which ``bodies`` ``(N, 4)`` and ``faces`` ``(M, 4)`` are of people who may be seen; ``stands`` ``(N,)``, as told above."""
    middle = (faces[:, :2] + faces[:, 2:]) / 2
    inside = _in_part(middle, bodies, (0.0, 0.0, 1.0, 1.0))
    own = _in_part(middle, bodies, HEAD) & stands
    strange = inside & ~own.any(axis=1, keepdims=True)
    sure = np.asarray(stands & (own.sum(axis=0) <= 1) & ~strange.any(axis=0), np.bool_)
    return sure, np.asarray((own & sure).any(axis=1) & ~(inside & ~sure).any(axis=1), np.bool_)


def _in_part(middle: F64, bodies: F64, part: tuple[float, float, float, float]) -> BOOL:
    """``(M, N)`` whether each point ``(M, 2)`` lies in ``part`` of each body's box."""
    corner, size = bodies[None, :, :2], bodies[None, :, 2:] - bodies[None, :, :2]
    first, last = corner + np.array(part[:2]) * size, corner + np.array(part[2:]) * size
    return np.asarray(((middle[:, None] >= first) & (middle[:, None] <= last)).all(axis=-1), np.bool_)
