"""Where to cut a picture so that each part can be looked at larger: all of it, or what matters now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proxy.vision.boxes import F32

BOOL = NDArray[np.bool_]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, pixels; all four are even, so that chroma can be cut with luma."""

    x: int
    y: int
    width: int
    height: int

    def to_picture(self, xyxy: F32) -> F32:
        """``(N, 4)`` boxes in this tile's pixels as boxes in the picture's."""
        return xyxy + np.array([self.x, self.y, self.x, self.y], np.float32)


def grid(width: int, height: int, *, side: float, overlap: float) -> tuple[Tile, ...]:
    """Tiles of one size that cover a picture, row after row, none larger than ``side`` pixels unless ``overlap`` asks for it.

    Neighbours share at least ``overlap`` pixels, so that what is no larger is whole in one of them.

    Args:
        width, height: the picture, even pixels.
        side: the most pixels of a tile's width and height.
        overlap: pixels.
    """
    columns, across = _steps(width, side, overlap)
    rows, down = _steps(height, side, overlap)
    return tuple(Tile(column, row, across, down) for row in rows for column in columns)


def _steps(length: int, side: float, overlap: float) -> tuple[list[int], int]:
    """Where tiles along ``length`` begin, and how long each is; all even."""
    side = max(side, 2 * overlap)
    count = 1 if length <= side else int(np.ceil((length - overlap) / max(side - overlap, 2.0)))
    part = min(length, 2 * int(np.ceil((length + (count - 1) * overlap) / count / 2)))
    return [int(start) // 2 * 2 for start in np.linspace(0, length - part, count)], part


def windows(cells: BOOL, *, rows: int, columns: int, most: int, least: int = 1) -> list[tuple[int, int]]:
    """Where windows of ``rows`` × ``columns`` cells lie, as (row, column) of their first, so that they hold ``cells``.

    The window that holds most of what is left comes next; what it holds lies in its middle, unless the picture ends there.

    Args:
        cells: ``(R, C)``, what should lie in a window.
        most: how many windows there may be; what they do not hold is left out.
        least: a window that would hold fewer is not worth it.
    """
    left = cells.copy()
    rows, columns = min(rows, left.shape[0]), min(columns, left.shape[1])
    places: list[tuple[int, int]] = []
    while len(places) < most and left.any():
        counts = _held(left, rows, columns)
        if counts.max() < least:
            break
        first, along = divmod(int(counts.argmax()), counts.shape[1])
        down, across = np.nonzero(left[first : first + rows, along : along + columns])
        row, column = _centred(first + down, rows, left.shape[0]), _centred(along + across, columns, left.shape[1])
        left[row : row + rows, column : column + columns] = False
        places.append((row, column))
    return places


def _held(cells: BOOL, rows: int, columns: int) -> I64:
    """``(R - rows + 1, C - columns + 1)`` how many of ``cells`` the window at each place holds (F. Crow, 1984)."""
    sums = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), np.int64)
    np.cumsum(cells, axis=0, out=sums[1:, 1:])
    np.cumsum(sums[1:, 1:], axis=1, out=sums[1:, 1:])
    held: I64 = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
    return held


def _centred(held: I64, length: int, count: int) -> int:
    """Where a window of ``length`` begins that has ``held`` in its middle and lies within ``count``."""
    return int(np.clip((held.min() + held.max() + 1 - length) // 2, 0, count - length))
