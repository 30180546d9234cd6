"""Greedy non-maximum suppression, for all boxes at once."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.vision.boxes import F32, iou
from proxy.vision.detections import Detections

MAX_PER_LABEL: Final = 2000
"""Boxes of one label that several detectors' answers are cut to before NMS: bounds its memory, N² numbers."""


def nms(xyxy: F32, score: F32, *, max_iou: float) -> NDArray[np.intp]:
    """Indices of the boxes that greedy NMS keeps, best score first; among equal scores the earlier box wins.

    Greedy NMS is the one solution of "a box is kept when no better kept box overlaps it by more than ``max_iou``". Starting
    with every box kept and applying that rule again settles the best box in the first round, the boxes that depend on it alone
    in the second, and so on: as many rounds as the longest chain of overlaps, a handful in practice, never more than N.

    Args:
        xyxy: ``(N, 4)`` float32 pixels.
        score: ``(N,)`` float32.
        max_iou: boxes that overlap a better one by more than this are dropped.
    """
    order = np.argsort(-score, kind="stable")
    ordered = xyxy[order]
    suppresses = np.triu(iou(ordered, ordered) > max_iou, k=1)
    kept: NDArray[np.bool_] = np.ones(len(order), np.bool_)
    while True:
        settled = np.logical_not(np.any(suppresses[kept], axis=0))
        if np.array_equal(settled, kept):
            return order[kept]
        kept = settled


def best(score: F32, limit: int) -> NDArray[np.intp]:
    """Indices of the ``limit`` highest of ``score`` ``(N,)``, in no particular order; all of them where N is smaller."""
    if len(score) <= limit:
        return np.arange(len(score))
    return np.argpartition(score, len(score) - limit)[len(score) - limit :]


def nms_per_label(found: Detections, *, max_iou: float) -> Detections:
    """The best :data:`MAX_PER_LABEL` of each label after :func:`nms`; labels never suppress one another."""
    kept = [_kept(found, np.flatnonzero(found.label == label), max_iou) for label in np.unique(found.label)]
    return found.where(np.concatenate(kept)) if kept else found


def _kept(found: Detections, rows: NDArray[np.intp], max_iou: float) -> NDArray[np.intp]:
    rows = rows[np.sort(best(found.score[rows], MAX_PER_LABEL))]
    return rows[nms(found.xyxy[rows], found.score[rows], max_iou=max_iou)]
