"""The decision about one frame, and it is total.

1. ``CoverRegions`` with zero rows means: every pass that the policy asks for looked, and found nobody.
2. Whatever else happened (nobody looked, looked too long ago, an exception, a NaN, a late result) is ``CoverFrame``.
3. There is no third case, and nothing here means "leave the frame as it is".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import final

import numpy as np
from numpy.typing import NDArray


class CoverReason(StrEnum):
    """Why a whole frame is covered."""

    NOT_EXAMINED = "not-examined"
    DETECTOR_FAILED = "detector-failed"
    LATE = "late"
    TRACKER_FAILED = "tracker-failed"
    REDACTOR_FAILED = "redactor-failed"
    SIGNS_FAILED = "signs-failed"
    INVALID_REGIONS = "invalid-regions"
    STARTING = "starting"
    OFFLINE = "offline"
    OPERATOR = "operator"
    UNPROVEN = "unproven"


@final
@dataclass(frozen=True, slots=True)
class CoverFrame:
    """Cover the whole picture."""

    reason: CoverReason


@final
@dataclass(frozen=True, slots=True)
class CoverRegions:
    """Cover these boxes, and know that the rest was looked at.

    Attributes:
        xyxy: ``(N, 4)`` float32 pixels, half-open; may reach outside the picture. The gate rounds outwards and clips.
        label: ``(N,)`` uint8, values of ``vision.detections.Label``: what the box is meant to hide.
        track: ``(N,)`` int32, the track's id, or -1 for a box without one. Redactors lock grids and noise to it.
        age: ticks since the oldest of the looks at or before this frame that the plan rests on.
    """

    xyxy: NDArray[np.float32]
    label: NDArray[np.uint8]
    track: NDArray[np.int32]
    age: int = 0

    def __post_init__(self) -> None:
        count = len(self.xyxy)
        if self.xyxy.shape != (count, 4) or self.label.shape != (count,) or self.track.shape != (count,):
            raise ValueError(
                f"expected xyxy (N, 4), label (N,), track (N,), got {self.xyxy.shape}, {self.label.shape}, {self.track.shape}"
            )

    def __len__(self) -> int:
        return len(self.xyxy)

    @classmethod
    def nobody(cls) -> CoverRegions:
        """Looked everywhere, found nobody."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.uint8), np.empty(0, np.int32))


MaskPlan = CoverFrame | CoverRegions
