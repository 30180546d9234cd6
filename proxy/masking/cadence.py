"""Which passes run on which frame."""

from __future__ import annotations

from proxy.masking.passes import Pass
from proxy.masking.policy import MaskPolicy
from proxy.media.time import ms_to_ticks


def relaxed(interval_ms: float, load: float, *, shortest_ms: float, longest_ms: float) -> float:
    """The interval that would bring ``load`` (time spent looking per time that passes, 1 is all of it) to about 0.85.

    One step at most doubles or halves the interval, so that one slow frame does not decide; the bounds always win.
    """
    aimed = max(interval_ms, 1.0) * min(max(load / 0.85, 0.5), 2.0)
    return min(max(aimed, shortest_ms), longest_ms)


class Cadence:
    """One camera's turn-taking: faces on every frame, the expensive passes at an interval, in turn where it allows.

    An expensive pass is due on the last frame that still keeps the interval, judged by the gap to the frame before; streams
    whose frames are further apart than the interval get every pass on every frame.
    """

    def __init__(self, policy: MaskPolicy) -> None:
        self._policy = policy
        self._interval_ms = min(policy.interval_ms, policy.longest_interval_ms)
        self._last: dict[Pass, int] = {}
        self._previous: int | None = None

    @property
    def interval_ms(self) -> float:
        """The longest time between two runs of an expensive pass at present."""
        return self._interval_ms

    def due(self, pts: int, *, last: bool = False) -> tuple[Pass, ...]:
        """The passes to run on the frame at ``pts`` (ticks, increasing): all on a first frame, and on the ``last``."""
        expensive = self._policy.expensive
        previous, self._previous = self._previous, pts
        if last or previous is None or pts <= previous:
            self._run_together(pts, expensive)
            if last:
                self.reset()
            return (Pass.FACES, *expensive)
        gap = pts - previous
        interval = ms_to_ticks(self._interval_ms)
        due = tuple(kind for kind in expensive if pts + gap - self._last[kind] > interval)
        self._run_together(pts, due)
        return (Pass.FACES, *due)

    def relax(self, load: float) -> None:
        """Run the expensive passes less often when ``load`` is near or above 1, more often when there is time to spare."""
        self._interval_ms = relaxed(
            self._interval_ms,
            load,
            shortest_ms=min(self._policy.interval_ms, self._policy.longest_interval_ms),
            longest_ms=self._policy.longest_interval_ms,
        )

    def reset(self) -> None:
        """Begin anew: the next frame is a first frame."""
        self._last.clear()
        self._previous = None

    def _run_together(self, pts: int, kinds: tuple[Pass, ...]) -> None:
        """Note passes that ran on one frame as if they had run in turn, so that the next round is spread over the interval."""
        interval = ms_to_ticks(self._interval_ms)
        for turn, kind in enumerate(kinds):
            self._last[kind] = pts - turn * interval // len(kinds)
