"""Who is left unhidden because they visibly wear a badge in this very frame. Pure.

1. A badge counts where a person wears it: in the trunk of exactly one body's box, no larger than fits there.
2. Anything unsure is hidden: bodies that overlap, a second face in the box, a face that is not above the badge.
3. Nothing is remembered: the frame in which the badge is not seen hides its wearer again.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

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


def wearers(bodies: F64, faces: F64, badges: F64) -> tuple[BOOL, BOOL]:
    """Which ``bodies`` ``(N, 4)`` and ``faces`` ``(M, 4)`` are of people who wear one of ``badges`` ``(K, 4)``; xyxy pixels."""
    worn = _on_trunk(badges, bodies)
    sure = (worn.sum(axis=0) == 1) & _alone(bodies)
    shown = np.zeros(len(faces), np.bool_)
    for number in np.flatnonzero(sure):
        own = _middles_in(faces, bodies[number])
        if own.sum() > 1 or not _above(faces[own], badges[worn[:, number]][0], bodies[number]):
            sure[number] = False
        else:
            shown |= own
    return sure, shown


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


def _middles_in(faces: F64, body: F64) -> BOOL:
    middle = (faces[:, :2] + faces[:, 2:]) / 2
    return np.asarray(((middle >= body[:2]) & (middle < body[2:])).all(axis=1), np.bool_)


def _above(faces: F64, badge: F64, body: F64) -> bool:
    beside = np.abs((faces[:, 0] + faces[:, 2]) - (badge[0] + badge[2])) / 2
    return bool(((faces[:, 3] <= badge[3]) & (beside <= ABOVE * (body[2] - body[0]))).all())
