"""Boxes as painters need them: integer, rounded outwards to even pixels, inside the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proxy.masking.plan import CoverRegions
from proxy.vision.detections import Label


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
