"""Where to cut a picture so that each part can be looked at larger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from proxy.vision.boxes import F32


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
