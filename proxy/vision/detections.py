"""What detectors find, as columns in one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]


class Label(IntEnum):
    """What a box encloses."""

    FACE = 0
    HEAD = 1
    BODY = 2
    MOTION = 3
    ZONE = 4


@dataclass(frozen=True, slots=True)
class Detections:
    """N boxes found in one picture, checked at construction.

    Attributes:
        xyxy: ``(N, 4)`` float32, pixels of the full picture, x right, y down, half-open, x1 < x2 and y1 < y2, may reach outside.
        score: ``(N,)`` float32, 0..1.
        label: ``(N,)`` uint8, values of :class:`Label`.
    """

    xyxy: F32
    score: F32
    label: U8

    def __post_init__(self) -> None:
        count = len(self.xyxy)
        if self.xyxy.shape != (count, 4) or self.score.shape != (count,) or self.label.shape != (count,):
            raise ValueError(
                f"expected xyxy (N, 4), score (N,), label (N,), got {self.xyxy.shape}, {self.score.shape}, {self.label.shape}"
            )
        if not (np.isfinite(self.xyxy).all() and np.isfinite(self.score).all()):
            raise ValueError("expected finite boxes and scores, got NaN or infinity")

    def __len__(self) -> int:
        return len(self.xyxy)

    @classmethod
    def empty(cls) -> Detections:
        """No boxes: somebody looked and found nothing."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.uint8))

    @classmethod
    def of(cls, xyxy: F32, score: F32, label: Label) -> Detections:
        """Boxes that all enclose the same kind of thing."""
        return cls(
            np.asarray(xyxy, np.float32).reshape(-1, 4),
            np.asarray(score, np.float32).reshape(-1),
            np.full(len(score), label, np.uint8),
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Detections]) -> Detections:
        """All boxes of ``parts``, in order."""
        if not parts:
            return cls.empty()
        return cls(
            np.concatenate([part.xyxy for part in parts]),
            np.concatenate([part.score for part in parts]),
            np.concatenate([part.label for part in parts]),
        )

    def where(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        """The rows that a boolean mask or an index array selects."""
        return Detections(self.xyxy[keep], self.score[keep], self.label[keep])

    def labelled(self, label: Label) -> Detections:
        """The rows of one label."""
        return self.where(self.label == label)
