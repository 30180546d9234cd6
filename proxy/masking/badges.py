"""Who is left unhidden because they visibly wear a badge in this very frame. Pure.

1. A badge counts where a person wears it: in the trunk of exactly one body's box, no larger than fits there.
2. Anything unsure is hidden: bodies that overlap, a second face in the box, a face that is not at the top of it above the badge.
3. A badge in a part of the picture where nobody is detected counts for nobody: its wearer may be one of those left out.
4. Nothing is remembered: the frame in which the badge is not seen hides its wearer again.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.masking.regions import head_zone

F64 = NDArray[np.float64]
BOOL = NDArray[np.bool_]

TRUNK: Final = (0.15, 0.15, 0.85, 0.75)
"""Where in a body's box a badge's middle may be: x1, y1, x2, y2 as shares of it."""
LARGEST: Final = 0.7
"""The widest that a badge may be, as a share of the body's width."""
APART: Final = 0.05
"""Two bodies are apart when they share no more than so much of the smaller one."""
ABOVE: Final = 0.35
"""How far beside the badge the middle of its wearer's face may be, in body widths."""


def wearers(bodies: F64, faces: F64, badges: F64, known: BOOL) -> tuple[BOOL, BOOL]:
    """Which ``bodies`` ``(N, 4)`` and ``faces`` ``(M, 4)`` are of people who wear one of ``badges`` ``(K, 4)``; xyxy pixels.

    Only bodies that are ``known`` ``(N,)`` well enough may be shown. All that there are in the frame are given, also those who may
    be seen for another reason: they too may be the wearer.
    """
    if not len(badges) or not len(bodies):
        return np.zeros(len(bodies), np.bool_), np.zeros(len(faces), np.bool_)
    worn = _on_trunk(badges, bodies)
    inside = _middles_in(faces, bodies)
    own = _above(faces, badges[worn.argmax(axis=0)], bodies)
    sure = known & (worn.sum(axis=0) == 1) & _alone(bodies) & (inside.sum(axis=0) <= 1) & (own | ~inside).all(axis=0)
    return sure, (inside & sure).any(axis=1) & ~(inside & ~sure).any(axis=1)


def _on_trunk(badges: F64, bodies: F64) -> BOOL:
    """``(K, N)`` whether each badge is where a body would wear it."""
    corner, size = bodies[None, :, :2], bodies[None, :, 2:] - bodies[None, :, :2]
    middle = ((badges[:, :2] + badges[:, 2:]) / 2)[:, None]
    first, last = corner + np.array(TRUNK[:2]) * size, corner + np.array(TRUNK[2:]) * size
    width = (badges[:, 2] - badges[:, 0])[:, None]
    return np.asarray(((middle >= first) & (middle <= last)).all(axis=-1) & (width <= LARGEST * size[..., 0]), np.bool_)


def _alone(bodies: F64) -> BOOL:
    """``(N,)`` whether each body is apart from every other."""
    corner = np.maximum(bodies[:, None, :2], bodies[None, :, :2])
    shared = np.clip(np.minimum(bodies[:, None, 2:], bodies[None, :, 2:]) - corner, 0, None).prod(axis=-1)
    np.fill_diagonal(shared, 0)
    area = (bodies[:, 2:] - bodies[:, :2]).prod(axis=1)
    return np.asarray((shared <= APART * np.minimum(area[:, None], area[None, :])).all(axis=1), np.bool_)


def _middles_in(faces: F64, boxes: F64) -> BOOL:
    """``(M, N)`` whether the middle of each face is in each box."""
    middle = ((faces[:, :2] + faces[:, 2:]) / 2)[:, None]
    return np.asarray(((middle >= boxes[:, :2]) & (middle < boxes[:, 2:])).all(axis=-1), np.bool_)


def _above(faces: F64, badges: F64, bodies: F64) -> BOOL:
    """``(M, N)`` whether each face is where the head of each body is, above its badge of ``badges`` ``(N, 4)``."""
    beside = np.abs((faces[:, 0] + faces[:, 2])[:, None] - (badges[:, 0] + badges[:, 2])) / 2
    near = (faces[:, 3, None] <= badges[:, 3]) & (beside <= ABOVE * (bodies[:, 2] - bodies[:, 0]))
    return np.asarray(near & _middles_in(faces, head_zone(bodies)), np.bool_)
