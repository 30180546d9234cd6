"""The programme's own time line: one for all the sessions of a camera, whatever each session's clock says. Pure.

1. Within a session the source's time steps are kept exactly.
2. A new session, and a slate, begin where the wall clock says the programme is, never before what already went out.
3. What went out is never followed by something earlier.
"""

from __future__ import annotations

from proxy.media.time import TICKS_PER_SECOND

_NS_PER_SECOND = 1_000_000_000


class ProgrammeClock:
    """Maps the pts of a live camera's sessions onto one line that starts at 0 and strictly increases.

    Args:
        delay: ticks between a frame's arrival and its leaving, so that a slate made now gets the time at which a frame that
            leaves now arrived.
    """

    def __init__(self, *, delay: int = 0) -> None:
        self._delay = delay
        self._began_ns: int | None = None
        self._offset: int | None = None
        self._sent = -1

    def begin(self, *, now_ns: int) -> None:
        """The programme begins now, if it has not begun: slates may come before the first session's first frame."""
        if self._began_ns is None:
            self._began_ns = now_ns

    def begin_session(self) -> None:
        """The coming frame is the first of a session with a clock of its own."""
        self._offset = None

    def arrived(self, pts: int, *, now_ns: int) -> int:
        """The programme time of a frame or sound whose source says ``pts``."""
        self.begin(now_ns=now_ns)
        if self._offset is None:
            self._offset = max(self._elapsed(now_ns), self._sent + 1) - pts
        return pts + self._offset

    def slate(self, *, now_ns: int) -> int | None:
        """The programme time of a slate made now, or ``None`` when it would not be later than what already went out."""
        if self._began_ns is None:
            return None
        pts = self._elapsed(now_ns) - self._delay
        return pts if pts > self._sent else None

    def leaves(self, pts: int) -> bool:
        """Note that a picture at ``pts`` goes out now; false when something as late already did, so that it must not."""
        if pts <= self._sent:
            return False
        self._sent = pts
        return True

    def _elapsed(self, now_ns: int) -> int:
        began_ns = now_ns if self._began_ns is None else self._began_ns
        return (now_ns - began_ns) * TICKS_PER_SECOND // _NS_PER_SECOND
