"""Timestamps as inputs give them become ticks that strictly increase. Pure.

1. Steps between good timestamps are kept exactly.
2. A missing timestamp follows its predecessor by the usual step.
3. One that repeats or runs back a little is moved just behind its predecessor; what comes after it is not shifted.
4. One that jumps (on a live input, by more than ``jump`` ahead or back; on a file, only back) begins a new count: it follows
   its predecessor by the usual step, and those after it keep their distance to it.
"""

from __future__ import annotations

from typing import Final

from proxy.media.time import TICKS_PER_SECOND

USUAL: Final = TICKS_PER_SECOND // 25
_PATIENCE: Final = 3


class Timeline:
    """Places the timestamps of one stream.

    Args:
        jump: ticks ahead that a live input never skips by itself; ``None`` for files, whose gaps are kept.
        slip: ticks back that are a slip and not a new count.
    """

    def __init__(self, *, jump: int | None, slip: int = TICKS_PER_SECOND) -> None:
        self._jump = jump
        self._slip = slip
        self._offset = 0
        self._last: int | None = None
        self._step = USUAL
        self._slips = 0

    def place(self, pts: int | None) -> int:
        """The place of a picture whose input says ``pts`` (ticks), or nothing."""
        last = self._last
        if last is None:
            placed = pts or 0
        elif pts is None:
            placed = last + self._step
        else:
            placed = self._after(last, pts)
        self._last = placed
        return placed

    def _after(self, last: int, pts: int) -> int:
        placed = pts + self._offset
        if last < placed and (self._jump is None or placed - last <= self._jump):
            if self._slips == 0:
                self._step = min(placed - last, TICKS_PER_SECOND)
            self._slips = 0
            return placed
        self._slips += 1
        if placed <= last and last - placed <= self._slip and self._slips < _PATIENCE:
            return last + 1
        self._slips = 0
        self._offset += last + self._step - placed
        return last + self._step
