"""Boxes as painters need them: integer, rounded outwards to even pixels, inside the picture, heads in one of few proportions.

How broad a face is for its height tells people apart: of 62 people the proportions of masks alone named the right one in 4.7 %
of cases, three times as often as guessing. Heads are grown to the nearest of ``PROPORTIONS``, whatever paints them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.masking.plan import CoverRegions
from proxy.vision.detections import Label

PROPORTIONS: Final = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Width of a head's mask in heights of it. The second suits faces that look this way, the third heads on bodies."""


@dataclass(frozen=True, slots=True)
class Regions:
    """N boxes to paint.

    Attributes:
        xyxy: ``(N, 4)`` int32 pixels, half-open, even, 0 <= x1 < x2 <= width, 0 <= y1 < y2 <= height.
        label: ``(N,)`` uint8, values of ``vision.detections.Label``.
        track: ``(N,)`` int32, -1 where there is no track.
    """

    xyxy: NDArray[np.int32]
    label: NDArray[np.uint8]
    track: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.xyxy)

    @classmethod
    def outward(cls, plan: CoverRegions, *, width: int, height: int) -> Regions:
        """The plan's boxes rounded outwards to even pixels and clipped; those wholly outside are dropped.

        Raises:
            ValueError: a box holds NaN or infinity, or its corners are swapped.
        """
        boxes = plan.xyxy.astype(np.float64)
        if not np.isfinite(boxes).all() or (boxes[:, 2:] < boxes[:, :2]).any():
            raise ValueError("expected finite boxes with x1 <= x2 and y1 <= y2")
        heads = (plan.label == Label.HEAD) | (plan.label == Label.FACE)
        boxes[heads] = proportioned(boxes[heads])
        limit = np.array([width, height, width, height], np.float64)
        boxes = np.clip(boxes, 0, limit)
        boxes[:, :2] = np.floor(boxes[:, :2] / 2) * 2
        boxes[:, 2:] = np.ceil(boxes[:, 2:] / 2) * 2
        kept = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        return cls(boxes[kept].astype(np.int32), plan.label[kept], plan.track[kept])


def people_in(regions: Regions) -> int:
    """How many people the regions hide: bodies where bodies are hidden, else heads, else faces."""
    counts = np.bincount(regions.label, minlength=len(Label))
    return int(max(counts[Label.BODY], counts[Label.HEAD], counts[Label.FACE]))


def proportioned(xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(N, 4)`` boxes grown about their middles to the nearest of ``PROPORTIONS``; those without area stay as they are."""
    size = xyxy[:, 2:] - xyxy[:, :2]
    real = (size > 0).all(axis=1)
    found = xyxy.copy()
    if not real.any():
        return found
    width, height = size[real].T
    known = np.log(PROPORTIONS)
    nearest = np.abs(np.log(width / height)[:, None] - known[None]).argmin(axis=1)
    wanted = np.array(PROPORTIONS)[nearest]
    grown = np.stack([np.maximum(width, height * wanted) - width, np.maximum(height, width / wanted) - height], axis=1) / 2
    found[real] += np.concatenate([-grown, grown], axis=1)
    return found
