"""Boxes around several people at once."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.vision.boxes import area, intersection

F32 = NDArray[np.float32]
BOOL = NDArray[np.bool_]

MEMBERS: Final = 2
MEMBER_INSIDE: Final = 0.75
MEMBER_AREA: Final = 0.7
CERTAIN: Final = 0.5


def groups(xyxy: F32, score: F32) -> BOOL:
    """``(N,)`` which of ``(N, 4)`` boxes are a group rather than a person: they enclose two or more smaller, better ones.

    In a crowd detectors answer with boxes around two or three people, weaker than the people's own and mostly background. A
    box that scores ``CERTAIN`` is a person whatever it encloses.
    """
    size = area(xyxy)
    held = intersection(xyxy, xyxy) >= MEMBER_INSIDE * size[None, :]
    smaller = size[None, :] < MEMBER_AREA * size[:, None]
    better = score[None, :] > score[:, None]
    members = (held & smaller & better).sum(axis=1)
    return np.asarray((members >= MEMBERS) & (score < CERTAIN), bool)
