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


def merged(xyxy: F32, *, share: float, growth: float) -> tuple[F32, NDArray[np.bool_]]:
    """The boxes with those that lie in a larger one taken into it, and ``(N,)`` which are left.

    A box of which at least ``share`` lies in a larger one is left out, and the larger one grown to hold all of it, where that makes
    it no more than ``growth`` times as large. Every box lies in one that is left.

    Returns:
        ``(N, 4)`` float32, of which only the rows left mean anything, and the mask of those.
    """
    if not len(xyxy):
        return xyxy, np.empty(0, np.bool_)
    size, shared = area(xyxy), intersection(xyxy, xyxy)
    np.divide(shared, size[:, None], out=shared, where=size[:, None] > 0)
    corner = np.minimum(xyxy[:, None, :2], xyxy[None, :, :2])
    sides = np.maximum(xyxy[:, None, 2:], xyxy[None, :, 2:]) - corner
    order = np.argsort(np.argsort(-size, kind="stable"), kind="stable")
    fits = (shared >= share) & (sides[..., 0] * sides[..., 1] <= growth * size[None, :]) & (order[None, :] < order[:, None])
    fits &= np.logical_not(fits.any(axis=1))[None, :]
    left: NDArray[np.bool_] = np.logical_not(fits.any(axis=1))
    taken = np.flatnonzero(~left)
    into = fits[taken].argmax(axis=1)
    boxes = xyxy.copy()
    np.minimum.at(boxes[:, :2], into, xyxy[taken, :2])
    np.maximum.at(boxes[:, 2:], into, xyxy[taken, 2:])
    return boxes, left


def iou(a: F32, b: F32) -> F32:
    """``(N, M)`` float32 intersection over union, 0..1; 0 where both boxes are empty."""
    shared = intersection(a, b)
    union = area(a)[:, None] + area(b)[None, :] - shared
    np.divide(shared, union, out=shared, where=union > 0)
    return shared
