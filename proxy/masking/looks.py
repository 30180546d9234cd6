"""Which passes looked at which frames: the ledger that decides whether a frame may be shown at all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from proxy.masking.passes import Pass
from proxy.masking.plan import CoverReason

CAPACITY: Final = 4096
"""Most results remembered per pass; the oldest go first, so that what is forgotten counts as not examined."""


@dataclass(slots=True)
class Looks:
    """Results of every pass by time in ticks: a success, or the reason why there is none."""

    _frames: list[int] = field(default_factory=list)
    _done: dict[Pass, list[int]] = field(default_factory=dict)
    _failed: dict[Pass, dict[int, CoverReason]] = field(default_factory=dict)
    _failing: set[Pass] = field(default_factory=set)
    _glanced: list[int] = field(default_factory=list)
    _ended: bool = False

    def glanced(self, pts: int, unneeded: tuple[Pass, ...]) -> None:
        """The frame at ``pts`` was compared with what is known, and does not need a look of the ``unneeded`` passes.

        That stands for a look, as long as the pass's last look was one: what a failed look left unknown, no glance makes known.
        """
        _note(self._frames, pts)
        _note(self._glanced, pts)
        for kind in unneeded:
            if kind in self._done and kind not in self._failing:
                _note(self._done[kind], pts)

    def done(self, kind: Pass, pts: int) -> None:
        """The pass gave a result on the frame at ``pts``."""
        _note(self._frames, pts)
        _note(self._done.setdefault(kind, []), pts)
        self._failing.discard(kind)

    def failed(self, kind: Pass, pts: int, reason: CoverReason) -> None:
        """The pass gave no result on the frame at ``pts``."""
        _note(self._frames, pts)
        self._failing.add(kind)
        reasons = self._failed.setdefault(kind, {})
        reasons[pts] = reason or CoverReason.NOT_EXAMINED  # a reason that is none would read as "nothing is missing"
        while len(reasons) > CAPACITY:
            del reasons[min(reasons)]

    def retract(self, kind: Pass, since: int) -> None:
        """Results of the pass on frames after ``since`` do not count."""
        times = self._done.get(kind, [])
        del times[bisect_right(times, since) :]

    def ended(self) -> None:
        """No later frame will come."""
        self._ended = True

    def undone(self, reason: CoverReason) -> None:
        """Nothing that was found so far is known any more."""
        for kind, times in self._done.items():
            for pts in times:
                self.failed(kind, pts, reason)
        self._done.clear()

    def forget(self, pts: int) -> None:
        """Drop what lies before ``pts``."""
        for times in (self._frames, self._glanced, *self._done.values()):
            del times[: bisect_left(times, pts)]
        for reasons in self._failed.values():
            for old in [when for when in reasons if when < pts]:
                del reasons[old]

    def gap(self, pts: int) -> int:
        """The longer of the gaps between the frame at ``pts`` and its neighbours, in ticks."""
        before, after = bisect_left(self._frames, pts), bisect_right(self._frames, pts)
        around = [*self._frames[max(before - 1, 0) : before], pts, *self._frames[after : after + 1]]
        return max((later - earlier for earlier, later in pairwise(around)), default=0)

    def missing(self, pts: int, passes: tuple[Pass, ...], *, within: int) -> CoverReason | None:
        """Why the frame at ``pts`` may not be shown, or ``None``: every look that it needs was taken.

        It needs a glance of its own, and of each of ``passes`` a look at or before it and one at or after it, each no
        further away than ``within`` ticks. Once the end is known, the one after it is the last there is: it may be further
        away, as long as both are no further apart than two such distances.
        """
        if not _contains(self._glanced, pts):
            return CoverReason.NOT_EXAMINED
        for kind in passes:
            if not self._enclosed(kind, pts, within):
                return self._excuse(kind, pts, within)
        return None

    def age(self, pts: int, expensive: tuple[Pass, ...]) -> int:
        """Ticks from the older of the latest looks of ``expensive`` at or before ``pts`` to ``pts``, of those that there are."""
        latest = [times[bisect_right(times, pts) - 1] for kind in expensive if (times := self._done.get(kind)) and times[0] <= pts]
        return max((pts - when for when in latest), default=0)

    def _enclosed(self, kind: Pass, pts: int, within: int) -> bool:
        times = self._done.get(kind, [])
        at = bisect_left(times, pts)
        if _contains(times, pts):
            return True
        if at == 0 or at == len(times):
            return False
        since, until = pts - times[at - 1], times[at] - pts
        return since <= within and (until <= within or (self._ended and since + until <= 2 * within))

    def _excuse(self, kind: Pass, pts: int, within: int) -> CoverReason:
        near = [reason for when, reason in self._failed.get(kind, {}).items() if abs(when - pts) <= within]
        return near[-1] if near else CoverReason.NOT_EXAMINED


def _note(times: list[int], pts: int) -> None:
    at = bisect_left(times, pts)
    if at == len(times) or times[at] != pts:
        times.insert(at, pts)
    del times[:-CAPACITY]


def _contains(times: list[int], pts: int) -> bool:
    at = bisect_left(times, pts)
    return at < len(times) and times[at] == pts
