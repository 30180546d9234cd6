"""Which looks are taken on which frame.

1. A first and a last frame get every look there is.
2. While anybody is followed or anything asks for a look, the whole picture is looked at once in every ``interval_ms``. A scene in
   which nothing happens is looked at once in every look-back time.
3. A part of the picture gets a close look as soon as something in it asks for one, but no more than one in every ``detail_ms``, and
   one every ``sweep_ms`` in any case. Close looks are spread over frames, so that no frame carries all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.masking.passes import Pass
from proxy.masking.policy import MaskPolicy
from proxy.media.time import ms_to_ticks

BOOL = NDArray[np.bool_]
I64 = NDArray[np.int64]

LOAD: Final = 0.85


def relaxed(interval_ms: float, load: float, *, shortest_ms: float, longest_ms: float) -> float:
    """The interval that would bring ``load`` (time spent looking per time that passes, 1 is all of it) to about ``LOAD``.

    One step at most doubles or halves the interval, so that one slow frame does not decide; the bounds always win.
    """
    aimed = max(interval_ms, 1.0) * min(max(load / LOAD, 0.5), 2.0)
    return min(max(aimed, shortest_ms), longest_ms)


@dataclass(frozen=True, slots=True)
class Due:
    """The looks that one frame gets.

    Attributes:
        whole: at the whole picture.
        tiles: close ones, at the tiles with these numbers, increasing.
        waiting: whether a tile that should get one has to wait for a later frame.
    """

    whole: tuple[Pass, ...]
    tiles: tuple[int, ...]
    waiting: bool = False


class Cadence:
    """One camera's turn-taking.

    A look is due on the last frame that still keeps its interval, judged by the gap to the frame before; streams whose frames are
    further apart than the interval get every look on every frame that asks.
    """

    def __init__(self, policy: MaskPolicy) -> None:
        self._policy = policy
        self._whole = tuple(kind for kind in policy.passes if kind is not Pass.DETAIL)
        self._interval_ms = min(policy.interval_ms, policy.longest_interval_ms)
        self._last: dict[Pass, int] = {}
        self._tile_last: I64 = np.empty(0, np.int64)
        self._previous: int | None = None
        self._taken = Due((), ())

    @property
    def interval_ms(self) -> float:
        """The time at present between two looks at the whole picture."""
        return self._interval_ms

    def due(self, pts: int, asking: BOOL, *, active: bool) -> Due:
        """The looks to take on the frame at ``pts`` (ticks, increasing).

        Args:
            pts: of the frame.
            asking: ``(T,)`` which tiles ask for a close look.
            active: whether anybody is followed.
        """
        previous, self._previous = self._previous, pts
        if previous is None or pts <= previous or len(asking) != len(self._tile_last):
            self._taken = self._everything(pts, len(asking))
            return self._taken
        gap = pts - previous
        interval = ms_to_ticks(self._interval_ms)
        tiles, waiting = self._tiles_due(pts, asking, gap, interval)
        limit = interval if active or asking.any() else self._policy.lookback
        whole = tuple(kind for kind in self._whole if pts + gap - self._last[kind] > limit)
        self._spread(pts, whole, interval)
        self._taken = Due(whole, tiles, waiting)
        return self._taken

    def last(self) -> Due:
        """The looks that the frame of the last :meth:`due` did not get, and gets because no other comes after it."""
        whole = tuple(kind for kind in self._whole if kind not in self._taken.whole)
        tiles = tuple(number for number in range(len(self._tile_last)) if number not in self._taken.tiles)
        self.reset()
        return Due(whole, tiles)

    def relax(self, load: float) -> None:
        """Look less often when ``load`` is near or above 1, more often when there is time to spare."""
        self._interval_ms = relaxed(
            self._interval_ms,
            load,
            shortest_ms=min(self._policy.interval_ms / 2, self._policy.longest_interval_ms),
            longest_ms=self._policy.longest_interval_ms,
        )

    def reset(self) -> None:
        """Begin anew: the next frame is a first frame."""
        self._last.clear()
        self._tile_last = np.empty(0, np.int64)
        self._previous = None

    def _everything(self, pts: int, tiles: int) -> Due:
        self._last = dict.fromkeys(self._whole, pts)
        self._tile_last = pts - np.arange(tiles) * ms_to_ticks(self._policy.sweep_ms) // max(tiles, 1)
        return Due(self._whole, tuple(range(tiles)))

    def _tiles_due(self, pts: int, asking: BOOL, gap: int, interval: int) -> tuple[tuple[int, ...], bool]:
        """The tiles that have waited longest, as many as bring everyone its turn within ``interval``, and whether more wait."""
        age = pts + gap - self._tile_last
        late = np.flatnonzero(asking & (age > interval * self._policy.detail_ms / self._policy.interval_ms))
        room = max(1, math.ceil(len(asking) * gap / max(interval, 1)))
        chosen = late[np.argsort(-age[late], kind="stable")][:room]
        if not len(chosen) and (age > ms_to_ticks(self._policy.sweep_ms)).any():
            chosen = np.array([int(age.argmax())])
        self._tile_last[chosen] = pts
        return tuple(sorted(int(number) for number in chosen)), len(late) > room

    def _spread(self, pts: int, kinds: tuple[Pass, ...], interval: int) -> None:
        """Note looks that fell on one frame as if they had been taken in turn, so that the next ones do not."""
        for turn, kind in enumerate(kinds):
            self._last[kind] = pts - turn * interval // (2 * len(kinds))
