"""Timestamps as inputs give them become ticks that start at 0 and strictly increase. Pure.

1. The first picture is at 0; steps between good timestamps are kept exactly, so a variable frame rate stays what it is.
2. One that repeats or runs back a little is moved just behind its predecessor; what comes after it is not shifted. Several of
   these in a row are a new count.
3. A new count, which is also what a jump begins (on a live input, by more than ``jump`` ahead or ``slip`` back; on a file, only
   back), follows its predecessor as in rule 4, and the timestamps after it keep their distance to it. A wrapped counter is one.
4. A missing timestamp follows its predecessor by the time that passed between their arrivals, or by the usual step where
   arrivals say nothing.
"""

from __future__ import annotations

from typing import Final

from proxy.media.time import TICKS_PER_SECOND

USUAL_STEP: Final = TICKS_PER_SECOND // 25
_SLIPS: Final = 3


class Timeline:
    """Places the timestamps of one stream of pictures.

    Args:
        jump: ticks ahead that a live input never skips by itself; ``None`` for files, whose gaps are kept.
        step: ticks between two pictures until the input shows its own.
        slip: ticks back that are a slip and not a new count.
    """

    def __init__(self, *, jump: int | None, step: int = USUAL_STEP, slip: int = TICKS_PER_SECOND) -> None:
        self._jump = jump
        self._slip = slip
        self._step = max(1, step)
        self._slips = 0
        self._last: int | None = None
        self._arrived: int | None = None
        self._offset: int | None = None

    @property
    def offset(self) -> int | None:
        """What is added to the input's timestamps now; ``None`` until a picture had one. Sound is moved by as much."""
        return self._offset

    def place(self, pts: int | None, *, arrived: int | None = None) -> int:
        """The place of a picture whose input says ``pts``, or nothing; ``arrived`` is when it came on a clock of ours, in ticks."""
        following = self._following(arrived)
        if pts is None:
            placed = following
        elif self._last is None or self._offset is None:
            placed = following
            self._offset = placed - pts
        else:
            placed = self._after(self._last, pts, following)
        self._last, self._arrived = placed, arrived
        return placed

    def _following(self, arrived: int | None) -> int:
        if self._last is None:
            return 0
        if arrived is None or self._arrived is None:
            return self._last + self._step
        return self._last + max(1, arrived - self._arrived)

    def _after(self, last: int, pts: int, following: int) -> int:
        offset = self._offset or 0
        placed = pts + offset
        if placed > last and (self._jump is None or placed - last <= self._jump):
            if not self._slips:
                self._step = min(placed - last, TICKS_PER_SECOND)
            self._slips = 0
            return placed
        self._slips += 1
        if last - self._slip <= placed <= last and self._slips < _SLIPS:
            return last + 1
        self._slips = 0
        self._offset = following - pts
        return following
