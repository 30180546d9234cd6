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


def cut(width: int, height: int, *, count: int, overlap: float) -> tuple[Tile, ...]:
    """``count`` tiles of one size along the longer side of a picture, from edge to edge.

    Neighbours share at least ``overlap`` (0..1) of a tile, so that what is no wider than that is whole in one of them.

    Args:
        width, height: the picture, even pixels.
        count: how many tiles; fewer where the picture is too small to be cut into so many.
        overlap: share of a tile's length.
    """
    long_side = max(width, height)
    length = min(long_side, 2 * int(np.ceil(long_side / (count - (count - 1) * overlap) / 2)))
    starts = np.unique(np.linspace(0, long_side - length, count).astype(int) // 2 * 2)
    if width >= height:
        return tuple(Tile(int(start), 0, length, height) for start in starts)
    return tuple(Tile(0, int(start), width, length) for start in starts)
