"""The grids over which single-shot detectors answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from proxy.detectors.openvino_runtime import F32
from proxy.errors import DetectorError


@dataclass(frozen=True, slots=True)
class Anchors:
    """Every cell of every level, level after level, row after row.

    Attributes:
        cell: ``(A, 2)`` float32, column and row within its level.
        stride: ``(A,)`` float32, the level's cell size in input pixels.
        counts: cells in each level.
    """

    cell: F32
    stride: F32
    counts: tuple[int, ...]

    @classmethod
    def over(cls, width: int, height: int, strides: Sequence[int]) -> Anchors:
        """The grids over an input of ``width`` × ``height`` pixels, both multiples of the coarsest stride."""
        cells, sizes = [], []
        for stride in strides:
            rows, columns = np.mgrid[: height // stride, : width // stride]
            cells.append(np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32))
            sizes.append(np.full(columns.size, stride, np.float32))
        return cls(np.concatenate(cells), np.concatenate(sizes), tuple(map(len, cells)))

    def join(self, levels: Sequence[F32], channels: int, *, name: str) -> F32:
        """The levels' outputs as one ``(A, channels)`` float32 array.

        Raises:
            DetectorError: a level's shape is not what the grid has.
        """
        expected = [(count, channels) for count in self.counts]
        found = [level.shape for level in levels]
        if found != expected:
            raise DetectorError(f"{name} answered with arrays of {found}, expected {expected}")
        return np.concatenate(levels)
