"""What became of the pictures of each stream since somebody last asked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from proxy.telemetry.status import CameraStatus


@dataclass(frozen=True, slots=True)
class _Counts:
    status: CameraStatus
    sent: int = 0
    dropped: int = 0
    covered: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Coverage:
    """Remembers the counts of each stream; another stream of the same camera has a status of its own, and counts from the start."""

    _last: dict[int, _Counts] = field(default_factory=dict)

    def since_last(self, statuses: Iterable[CameraStatus]) -> Iterator[tuple[str, dict[str, object]]]:
        """For each stream that sent or dropped anything: how many pictures, and how many of them covered whole, by reason.

        A stream that is not among ``statuses`` is forgotten: one that ended is given once more.
        """
        now = [_Counts(status, status.frames_sent, status.frames_dropped, dict(status.covered)) for status in statuses]
        before, self._last = self._last, {id(counts.status): counts for counts in now}
        for counts in now:
            old = before.get(id(counts.status), _Counts(counts.status))
            covered = {why: count - old.covered.get(why, 0) for why, count in counts.covered.items()}
            sent, dropped = counts.sent - old.sent, counts.dropped - old.dropped
            if sent or dropped:
                told = {"frames": sent, "dropped": dropped, "covered": {why: count for why, count in covered.items() if count}}
                yield counts.status.name, told
