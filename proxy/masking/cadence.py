"""Which looks are taken on which frame.

1. A first and a last frame get every look there is.
2. While anybody is followed or anything asks for a look, the whole picture is looked at once in every ``interval_ms``. A scene in
   which nothing happens is looked at once in every look-back time.
3. What asks gets a close look within half of that, but no more than one in every ``detail_ms``; everything gets one every
   ``sweep_ms``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from proxy.masking.closely import CloseLooks, Place, Window
from proxy.masking.passes import Pass
from proxy.masking.policy import MaskPolicy
from proxy.media.time import ms_to_ticks
from proxy.vision.cells import BOOL

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
        close: where the windows of close looks begin.
        everywhere: whether the whole picture is looked at closely instead.
        waiting: whether something that should get a close look has to wait for a later frame.
    """

    whole: tuple[Pass, ...] = ()
    close: tuple[Place, ...] = ()
    everywhere: bool = False
    waiting: bool = False

    @property
    def closely(self) -> bool:
        """Whether anything is looked at closely."""
        return self.everywhere or bool(self.close)


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
        self._close: CloseLooks | None = None
        self._previous: int | None = None
        self._taken = Due()

    @property
    def interval_ms(self) -> float:
        """The time at present between two looks at the whole picture."""
        return self._interval_ms

    def due(self, pts: int, asking: BOOL, window: Window, *, active: bool) -> Due:
        """The looks to take on the frame at ``pts`` (ticks, increasing).

        Args:
            pts: of the frame.
            asking: ``(R, C)`` which cells ask for a close look.
            window: what one of those sees.
            active: whether anybody is followed.
        """
        previous, self._previous = self._previous, pts
        close = self._close
        if previous is None or pts <= previous or close is None or not close.fits(asking.shape, window):
            self._taken = self._everything(pts, asking, window)
            return self._taken
        gap = pts - previous
        interval = ms_to_ticks(self._interval_ms)
        places, waiting = close.due(
            pts,
            asking,
            next_pts=pts + gap,
            turn=interval // 2,
            again=round(interval * self._policy.detail_ms / self._policy.interval_ms),
            sweep=ms_to_ticks(self._policy.sweep_ms),
        )
        limit = interval if active or asking.any() else self._policy.lookback
        whole = tuple(kind for kind in self._whole if pts + gap - self._last[kind] > limit)
        self._spread(pts, whole, interval)
        self._taken = Due(whole, places, waiting=waiting)
        return self._taken

    def last(self) -> Due:
        """The looks that the frame of the last :meth:`due` did not get, and gets because no other comes after it."""
        whole = tuple(kind for kind in self._whole if kind not in self._taken.whole)
        everywhere = not self._taken.everywhere
        self.reset()
        return Due(whole, everywhere=everywhere)

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
        self._close = None
        self._previous = None

    def _everything(self, pts: int, asking: BOOL, window: Window) -> Due:
        self._last = dict.fromkeys(self._whole, pts)
        self._close = CloseLooks.begun(pts, asking.shape, window, sweep=ms_to_ticks(self._policy.sweep_ms))
        return Due(self._whole, everywhere=True)

    def _spread(self, pts: int, kinds: tuple[Pass, ...], interval: int) -> None:
        """Note looks that fell on one frame as if they had been taken in turn, so that the next ones do not."""
        for turn, kind in enumerate(kinds):
            self._last[kind] = pts - turn * interval // (2 * len(kinds))
