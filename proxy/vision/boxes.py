"""Arithmetic on boxes: ``(N, 4)`` float32 xyxy pixels, x right, y down, half-open. N may be 0 everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def area(xyxy: F32) -> F32:
    """``(N,)`` float32 square pixels; 0 for a box with swapped corners."""
    sides: F32 = np.maximum(xyxy[:, 2:] - xyxy[:, :2], 0)
    return sides[:, 0] * sides[:, 1]


def size(xyxy: F32) -> F32:
    """``(N,)`` float32 pixels: the geometric mean of each box's sides."""
    return np.sqrt(area(xyxy))


def intersection(a: F32, b: F32) -> F32:
    """``(N, M)`` float32 square pixels shared by each of ``a`` ``(N, 4)`` and each of ``b`` ``(M, 4)``."""
    width: F32 = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    height = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    np.maximum(width, 0, out=width)
    np.maximum(height, 0, out=height)
    width *= height
    return width


def outermost(xyxy: F32) -> NDArray[np.bool_]:
    """``(N,)`` which boxes lie in no other one; of equal boxes the first."""
    below = np.all(xyxy[:, None, :2] >= xyxy[None, :, :2], axis=2)
    inside = np.logical_and(below, np.all(xyxy[:, None, 2:] <= xyxy[None, :, 2:], axis=2))
    later_or_smaller = np.logical_or(np.tri(len(xyxy), k=-1, dtype=np.bool_), np.logical_not(inside.T))
    outer: NDArray[np.bool_] = np.logical_not(np.any(np.logical_and(inside, later_or_smaller), axis=1))
    return outer


def iou(a: F32, b: F32) -> F32:
    """``(N, M)`` float32 intersection over union, 0..1; 0 where both boxes are empty."""
    shared = intersection(a, b)
    union = area(a)[:, None] + area(b)[None, :] - shared
    np.divide(shared, union, out=shared, where=union > 0)
    return shared
