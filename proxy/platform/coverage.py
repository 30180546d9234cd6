"""What became of the pictures of each stream since somebody last asked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from proxy.telemetry.status import CameraStatus


@dataclass(frozen=True, slots=True)
class _Counts:
    status: CameraStatus
    sent: int
    dropped: int
    covered: dict[str, int]


@dataclass(slots=True)
class Coverage:
    """Remembers each stream's counts."""

    _last: dict[str, _Counts] = field(default_factory=dict)

    def since_last(self, statuses: Iterable[CameraStatus]) -> Iterator[tuple[str, dict[str, object]]]:
        """For each stream that sent or dropped anything: how many pictures, and how many of them covered whole, by reason."""
        now = {status.name: _Counts(status, status.frames_sent, status.frames_dropped, dict(status.covered)) for status in statuses}
        before, self._last = self._last, now
        for name, counts in now.items():
            old = before.get(name)
            if old is None or old.status is not counts.status:  # another stream of the same camera counts from the start
                old = _Counts(counts.status, 0, 0, {})
            covered = {why: count - old.covered.get(why, 0) for why, count in counts.covered.items()}
            sent, dropped = counts.sent - old.sent, counts.dropped - old.dropped
            if sent or dropped:
                yield name, {"frames": sent, "dropped": dropped, "covered": {why: n for why, n in covered.items() if n}}
