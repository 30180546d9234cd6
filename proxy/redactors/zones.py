"""Covered zones: a fixed part of the picture under one flat tone, whatever is in it.

A pixel is painted if the polygon contains its middle or a corner of it, and a chroma sample if any of its four pixels is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proxy.masking.zones import Zone, ZoneKind, contains
from proxy.media.planes import Planes

BOOL = NDArray[np.bool_]
LUMA: Final = 48
CHROMA: Final = (131, 126)
_FRACTION: Final = 8
"""Bits after the point in the coordinates that OpenCV fills between."""


@dataclass(frozen=True, slots=True)
class _Stencil:
    """What is painted in pictures of one size: rows and columns, and which pixels in them."""

    shape: tuple[int, int]
    rows: slice
    columns: slice
    luma: BOOL
    chroma: BOOL


@dataclass(slots=True)
class CoveredZones:
    """Paints the covered ones of ``zones`` into every picture."""

    zones: Sequence[Zone]
    _stencil: _Stencil | None = field(default=None)

    def paint(self, planes: Planes) -> None:
        """Cover the zones in ``planes``, writable I420, in place."""
        polygons = [zone.points for zone in self.zones if zone.kind is ZoneKind.COVERED]
        if not polygons:
            return
        if self._stencil is None or self._stencil.shape != planes.y.shape:
            self._stencil = _cut(polygons, planes.y.shape[0], planes.y.shape[1])
        cut = self._stencil
        half = slice(cut.rows.start // 2, cut.rows.stop // 2), slice(cut.columns.start // 2, cut.columns.stop // 2)
        np.copyto(planes.y[cut.rows, cut.columns], np.uint8(LUMA), where=cut.luma)
        np.copyto(planes.u[half], np.uint8(CHROMA[0]), where=cut.chroma)
        np.copyto(planes.v[half], np.uint8(CHROMA[1]), where=cut.chroma)


def _cut(polygons: Sequence[tuple[tuple[float, float], ...]], height: int, width: int) -> _Stencil:
    filled = np.zeros((height, width), np.uint8)
    for points in polygons:
        filled |= _filled(points, height, width)
    rows, columns = (_span(filled.max(axis=axis) > 0) for axis in (1, 0))
    luma = filled[rows, columns].astype(np.bool_)
    chroma = np.asarray(luma.reshape(luma.shape[0] // 2, 2, luma.shape[1] // 2, 2).any(axis=(1, 3)), np.bool_)
    return _Stencil((height, width), rows, columns, luma, chroma)


def _filled(points: tuple[tuple[float, float], ...], height: int, width: int) -> NDArray[np.uint8]:
    """``(height, width)`` 1 where the polygon is: OpenCV's filling, and along its edge, where that rounds, each pixel by itself."""
    filled = np.zeros((height, width), np.uint8)
    # pixel i reaches from i to i + 1, and OpenCV means its middle by i
    corners = np.asarray(points, np.float64) * (width, height) - 0.5
    outline = [np.rint(corners * (1 << _FRACTION)).astype(np.int32)]
    cv2.fillPoly(filled, outline, 1, shift=_FRACTION)
    edge = cv2.polylines(np.zeros_like(filled), outline, True, 1, thickness=7, shift=_FRACTION)
    rows, columns = np.nonzero(edge)
    within = np.zeros(len(rows), np.bool_)
    for right, down in ((0.5, 0.5), (0, 0), (1, 0), (0, 1), (1, 1)):
        within |= contains(points, np.stack([(columns + right) / width, (rows + down) / height], axis=-1))
    filled[rows, columns] = within
    return filled


def _span(touched: BOOL) -> slice:
    """From the first that is touched to the last, even-aligned."""
    where = np.flatnonzero(touched)
    if not len(where):
        return slice(0, 0)
    return slice(int(where[0]) // 2 * 2, (int(where[-1]) + 2) // 2 * 2)
