"""Who is who, where labels do not say: a box continues the box of the frame before that it overlaps most."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.footage import F64, I64, Labels

LEAST_IOU: Final = 0.2
GROWN: Final = 0.5
"""Boxes are grown by this share of their size on every side before they are compared: at a few frames a second a head moves by its
own width."""


def overlaps(ones: F64, others: F64) -> F64:
    """``(N, M)`` intersection over union of boxes ``(N, 4)`` and ``(M, 4)``."""
    low = np.maximum(ones[:, None, :2], others[None, :, :2])
    high = np.minimum(ones[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (ones, others)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0), np.float64)


def grown(xyxy: F64) -> F64:
    """Boxes ``(N, 4)`` with ``GROWN`` of their size added on every side."""
    more = (xyxy[:, 2:] - xyxy[:, :2]) * GROWN
    return np.hstack([xyxy[:, :2] - more, xyxy[:, 2:] + more])


def link(frames: dict[int, Labels]) -> dict[int, I64]:
    """The ids of every frame's boxes: those of the labels, or made up so that neighbouring frames agree."""
    named: dict[int, I64] = {}
    last, last_frame, following = Labels.of([]), -2, 0
    for frame in sorted(frames):
        labels = frames[frame]
        ids = labels.ids.copy()
        if len(ids) and (ids < 0).all():
            if frame == last_frame + 1 and len(last.ids):
                likeness = overlaps(grown(last.xyxy), grown(labels.xyxy))
                rows, columns = linear_sum_assignment(-likeness)
                sure = likeness[rows, columns] >= LEAST_IOU
                ids[columns[sure]] = last.ids[rows[sure]]
            fresh = ids < 0
            ids[fresh] = np.arange(following, following + fresh.sum())
            following += int(fresh.sum())
        named[frame] = ids
        last, last_frame = Labels(labels.xyxy, ids), frame
    return named
