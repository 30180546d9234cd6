"""A picture cut into small square cells, each worth one tone: coarse enough to compare every frame, fine enough to see people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

BOOL = NDArray[np.bool_]
F64 = NDArray[np.float64]

ALONG: Final = 120
"""About so many cells lie along the longer side."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one size of picture; a strip narrower than a cell at the right and the bottom is not compared.

    Attributes:
        side: of a cell, pixels; even.
        rows, columns: how many there are, at least one of each.
    """

    side: int
    rows: int
    columns: int

    @classmethod
    def over(cls, width: int, height: int) -> Cells:
        """The cells of a picture of ``width`` × ``height`` pixels."""
        side = 2 * max(1, round(max(width, height) / ALONG / 2))
        side = min(side, 2 * max(1, min(width, height) // 2))
        return cls(side, max(1, height // side), max(1, width // side))

    @property
    def nowhere(self) -> BOOL:
        """``(rows, columns)`` false."""
        return np.zeros((self.rows, self.columns), np.bool_)

    def touched(self, xyxy: F64, *, margin: int) -> BOOL:
        """``(rows, columns)`` whether a cell lies in part in one of ``xyxy`` ``(N, 4)`` pixels, or ``margin`` cells from it.

        Each box adds one at its corners, and sums along both axes spread it (F. Crow's summed-area tables, 1984, turned around).
        """
        edges = np.zeros((self.rows + 1, self.columns + 1), np.int32)
        scaled = xyxy / self.side
        first = np.floor(scaled[:, :2]).astype(np.int64) - margin
        last = np.ceil(scaled[:, 2:]).astype(np.int64) + margin
        x1, x2 = np.clip(first[:, 0], 0, self.columns), np.clip(last[:, 0], 0, self.columns)
        y1, y2 = np.clip(first[:, 1], 0, self.rows), np.clip(last[:, 1], 0, self.rows)
        x2, y2 = np.maximum(x1, x2), np.maximum(y1, y2)
        np.add.at(edges, (y1, x1), 1)
        np.add.at(edges, (y2, x2), 1)
        np.add.at(edges, (y1, x2), -1)
        np.add.at(edges, (y2, x1), -1)
        inside: BOOL = edges.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0
        return inside

    def span(self, start: int, length: int, count: int) -> slice:
        """Which of ``count`` cells ``length`` pixels from ``start`` touch."""
        first = min(start // self.side, count - 1)
        return slice(first, max(first + 1, min(count, -(-(start + length) // self.side))))
