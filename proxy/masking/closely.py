"""Where close looks are taken: windows of one size, put over what asks.

1. There is a turn every ``turn`` ticks, so that what asks shortly after another is looked at with it. What was looked at less
   than ``again`` ticks ago is not looked at again, and a cell or two at its edge wait for more.
2. What has not been looked at for ``sweep`` ticks is looked at when nothing else is: a window of it at a time, and what is left
   over between windows after twice as long.
3. No turn carries more than its share of looks: what is left waits for the next one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.vision.cells import BOOL
from proxy.vision.tiles import windows

I64 = NDArray[np.int64]

Place = tuple[int, int]
"""The row and column of a window's first cell."""


LEAST: Final = 3
"""Cells that ask, in one window; as many as must lie together for any to ask at all."""


@dataclass(frozen=True, slots=True)
class Window:
    """What one close look sees well, in cells."""

    rows: int
    columns: int

    def over(self, shape: tuple[int, int]) -> int:
        """How many windows cover ``shape`` cells."""
        return math.ceil(shape[0] / self.rows) * math.ceil(shape[1] / self.columns)

    def part(self, place: Place) -> tuple[slice, slice]:
        """The cells of the window at ``place``."""
        return slice(place[0], place[0] + self.rows), slice(place[1], place[1] + self.columns)


@dataclass(slots=True)
class CloseLooks:
    """When each cell was last looked at closely."""

    window: Window
    _last: I64
    _turn: int

    @classmethod
    def begun(cls, pts: int, shape: tuple[int, int], window: Window, *, sweep: int) -> CloseLooks:
        """Every cell of ``shape`` is looked at at ``pts``; of what follows each window has its turn within ``sweep`` ticks."""
        rows, columns = np.arange(shape[0])[:, None] // window.rows, np.arange(shape[1])[None] // window.columns
        turn = rows * math.ceil(shape[1] / window.columns) + columns
        return cls(window, pts - turn * sweep // window.over(shape), pts)

    def fits(self, shape: tuple[int, int], window: Window) -> bool:
        """Whether these are the looks at a picture of ``shape`` cells through ``window``."""
        return self._last.shape == shape and self.window == window

    def due(self, pts: int, asking: BOOL, *, next_pts: int, turn: int, again: int, sweep: int) -> tuple[tuple[Place, ...], bool]:
        """The looks to take on the frame at ``pts``, and whether something that asks has to wait.

        Args:
            asking: ``(R, C)`` which cells ask.
            next_pts: of the frame after it: what falls due before that is due.
            turn: ticks between two frames that are looked at closely.
            again: ticks between two looks at what keeps asking.
            sweep: ticks between two looks at what does not.
        """
        age = next_pts - self._last
        late = asking & (age > again)
        if next_pts - self._turn <= turn:
            return (), bool(late.any())
        self._turn = pts
        most = math.ceil(self.window.over(asking.shape) * max(turn, next_pts - pts) / max(again, 1))
        places = self._over(late, least=LEAST, most=most)
        waiting = len(places) == most
        if not places:
            places = self._over(age > 2 * sweep, least=1, most=1) or self._over(
                age > sweep,
                least=self.window.rows * self.window.columns // 2,
                most=math.ceil(self.window.over(asking.shape) * max(turn, next_pts - pts) / max(sweep, 1)),
            )
        for place in places:
            self._last[self.window.part(place)] = pts
            late[self.window.part(place)] = False
        return tuple(places), waiting and bool(late.any())

    def _over(self, cells: BOOL, *, least: int, most: int) -> list[Place]:
        return windows(cells, rows=self.window.rows, columns=self.window.columns, least=least, most=most)
