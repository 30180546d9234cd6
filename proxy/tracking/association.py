"""Which detection is which track."""

from __future__ import annotations

from dataclasses import dataclass

import lap
import numpy as np
from numpy.typing import NDArray

from proxy.vision.boxes import iou

F64 = NDArray[np.float64]
INDEX = NDArray[np.intp]

FORBIDDEN = 1e4
LARGEST_RATIO = 2.5


@dataclass(frozen=True, slots=True)
class Match:
    """K pairs: ``rows`` ``(K,)`` of the tracks and ``columns`` ``(K,)`` of the detections, each index at most once."""

    rows: INDEX
    columns: INDEX


def distance(first: F64, second: F64) -> F64:
    """``(N, M)`` distance of the centres of ``(N, 4)`` and ``(M, 4)`` boxes, in sizes (the geometric mean of both boxes' sides)."""
    apart = (first[:, None, :2] + first[:, None, 2:] - second[None, :, :2] - second[None, :, 2:]) / 2
    size = (_area(first)[:, None] * _area(second)[None, :]) ** 0.25
    sizes: F64 = np.divide(np.hypot(apart[..., 0], apart[..., 1]), size, out=np.full(size.shape, np.inf), where=size > 0)
    return sizes


def associate(tracks: F64, detections: F64, *, least_overlap: float, reach: F64, penalty: F64) -> Match:
    """The pairing of predicted ``tracks`` ``(N, 4)`` and ``detections`` ``(M, 4)`` with the least total cost.

    A pair is possible when the boxes overlap by ``least_overlap``, or when their centres are within ``reach`` ``(N,)`` sizes
    and their sizes within a factor; among the possible ones the pairing is optimal (R. Jonker and A. Volgenant, 1987).
    ``penalty`` ``(N,)`` is added to a track's costs: of two tracks that fit alike, the one with the smaller penalty wins.

    Raises:
        ValueError: a box is no number.
    """
    if not len(tracks) or not len(detections):
        return Match(np.empty(0, np.intp), np.empty(0, np.intp))
    shared, apart = iou(tracks.astype(np.float32), detections.astype(np.float32)), distance(tracks, detections)
    ratio = np.abs(np.log(np.maximum(_area(tracks), 1.0))[:, None] - np.log(np.maximum(_area(detections), 1.0))[None, :]) / 2
    near = (apart <= reach[:, None]) & (ratio <= np.log(LARGEST_RATIO))
    possible = (shared >= least_overlap) | near
    cost = np.where(
        possible, 1 - shared + 0.5 * np.minimum(apart, 2.0) + 0.3 * np.minimum(ratio, 2.0) + penalty[:, None], FORBIDDEN
    )
    if not np.isfinite(cost).all():
        raise ValueError("expected boxes that are numbers")
    chosen: INDEX = lap.lapjv(cost, extend_cost=True, return_cost=False)[0].astype(np.intp)
    rows = np.flatnonzero(chosen >= 0)
    rows = rows[possible[rows, chosen[rows]]]
    return Match(rows, chosen[rows])


def _area(boxes: F64) -> F64:
    area: F64 = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1)
    return area
