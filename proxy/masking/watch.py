"""Where the picture is not what was last looked at, and nothing hides it: the glance that every frame gets.

1. A cell is *known* by the tone that it had when a close look found nobody in it who has to be hidden. At first no cell is known.
2. A cell that is hidden needs no look, and keeps its known tone: when what hid it goes, it must look as it did before. Of a cell
   that never was known bare the last tone is kept, since whoever moves is followed by some background.
3. Every other cell whose tone is not the known one asks for a look, frame after frame, until one answers. A change that most bare
   cells share is the camera's exposure, not somebody.
4. Where look after look found nobody though the tone had changed (a tree, an edge in a picture that shakes), it takes more of a
   change to ask: as much more as was usual there.

So somebody who appears asks for a look at once, wherever that is; so does somebody who stands still and whom the detectors lose.
Who walks on leaves known background behind, a scene in which nothing happens asks for nothing, and a camera that moves asks for
looks everywhere.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.vision.cells import BOOL

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

LEAST_CHANGE: Final = 5
"""Levels of luma. Averaged over a cell, noise and the pumping of a camera's encoder stay below; a person of half a cell's width who
differs from the background by 20 levels does not."""
USUAL: Final = 2.0
"""How many times its usual change a bare cell may change more before it asks."""
MOST_USUAL: Final = 16.0
"""Levels; a greater change, as of somebody whom a look missed, is not learned as usual."""
LEARNING: Final = 0.3
"""The weight of the latest look in what is usual."""
LEAST_GATHERED: Final = 3
LEAST_COMPARED: Final = 0.25
"""The share of cells from which a common change can be told."""
UNKNOWN: Final = -1e6
MOST_AWAITED: Final = 64
"""Looks whose answer is awaited; of more the oldest teach nothing."""


@dataclass(frozen=True, slots=True)
class _Look:
    tones: F32
    part: BOOL


class Watch:
    """One camera's memory of cells: a :meth:`glance` for every frame, :meth:`looks_at` and :meth:`saw` for every close look."""

    def __init__(self) -> None:
        self._now: F32 = np.empty((0, 0), np.float32)
        self._known: F32 = np.empty((0, 0), np.float32)
        self._bare: BOOL = np.empty((0, 0), np.bool_)
        self._usual: F32 = np.empty((0, 0), np.float32)
        self._awaited: OrderedDict[int, _Look] = OrderedDict()

    def glance(self, tones: U8, hidden: BOOL) -> BOOL:
        """``(R, C)`` which cells ask for a look.

        Args:
            tones: ``(R, C)`` uint8, mean luma of each cell; another shape than before begins anew.
            hidden: ``(R, C)``, the cells that are hidden in this frame.
        """
        self._now = tones.astype(np.float32)
        if self._known.shape != self._now.shape:
            self._known = np.full(self._now.shape, UNKNOWN, np.float32)
            self._bare = np.zeros(self._now.shape, np.bool_)
            self._usual = np.zeros(self._now.shape, np.float32)
            self._awaited.clear()
        np.copyto(self._known, self._now, where=hidden & ~self._bare)
        compared = self._bare & ~hidden
        if compared.mean() >= LEAST_COMPARED:
            self._known += np.median((self._now - self._known)[compared])
        return gathered((np.abs(self._now - self._known) >= LEAST_CHANGE + USUAL * self._usual) & ~hidden)

    def looks_at(self, pts: int, part: BOOL) -> None:
        """The frame of the last glance, at ``pts`` ticks, is being looked at closely in ``part`` ``(R, C)``."""
        self._awaited[pts] = _Look(self._now, part)
        if len(self._awaited) > MOST_AWAITED:
            self._awaited.popitem(last=False)

    def saw(self, pts: int, hidden: BOOL) -> None:
        """The look at the frame at ``pts`` answered; ``hidden`` ``(R, C)`` is what has to be hidden in it now."""
        look = self._awaited.pop(pts, None)
        if look is not None and look.part.shape == self._known.shape == hidden.shape:
            bare = look.part & ~hidden
            change = np.minimum(np.abs(look.tones - self._known), MOST_USUAL)
            np.copyto(self._usual, self._usual + LEARNING * (change - self._usual), where=bare & self._bare)
            np.copyto(self._known, look.tones, where=bare)
            self._bare |= bare

    def reset(self) -> None:
        """Nothing is known any more: the next frame asks for looks everywhere."""
        self._known.fill(UNKNOWN)
        self._bare.fill(False)
        self._usual.fill(0.0)
        self._awaited.clear()


def gathered(cells: BOOL) -> BOOL:
    """``(R, C)`` those of ``cells`` that have ``LEAST_GATHERED - 1`` neighbours or more among them, corners included.

    Fewer are noise, or smaller than anybody of whom more than a few pixels are seen.
    """
    padded = np.pad(cells, 1).astype(np.uint8)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    found: BOOL = cells & (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] >= LEAST_GATHERED)
    return found
