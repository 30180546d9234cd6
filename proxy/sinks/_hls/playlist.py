"""The text of a live media playlist (RFC 8216). Pure."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its file, its length, and the file of the header it needs (``None`` for MPEG-TS)."""

    name: str
    duration_s: float
    header: str | None
    discontinuity: bool


class Playlist:
    """A window of segments that moves on.

    Args:
        window: how many segments are shown.
        target_s: the longest segment to expect, rounded up; a longer one raises it.
    """

    def __init__(self, *, window: int, target_s: float) -> None:
        self._window = window
        self._target = math.ceil(target_s)
        self._shown: deque[Segment] = deque()
        self._past: deque[Segment] = deque()
        self._sequence = 0
        self._discontinuities = 0

    @property
    def empty(self) -> bool:
        """Whether no segment was ever added."""
        return not self._shown

    def add(self, segment: Segment) -> list[str]:
        """Show one more segment; return the files that nobody can want any more.

        A segment stays for as long again as the window is, because a client may hold a playlist that shows it.
        """
        self._shown.append(segment)
        self._target = max(self._target, math.ceil(segment.duration_s))
        if len(self._shown) > self._window:
            leaving = self._shown.popleft()
            self._sequence += 1
            self._discontinuities += leaving.discontinuity
            self._past.append(leaving)
        return self._forgotten()

    def text(self, *, ended: bool = False) -> str:
        """The playlist as it stands; ``ended`` says that no segment will follow."""
        with_headers = any(segment.header for segment in self._shown)
        lines = [
            "#EXTM3U",
            f"#EXT-X-VERSION:{7 if with_headers else 3}",
            f"#EXT-X-TARGETDURATION:{self._target}",
            f"#EXT-X-MEDIA-SEQUENCE:{self._sequence}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{self._discontinuities}",
        ]
        lines += ["#EXT-X-INDEPENDENT-SEGMENTS"] if with_headers else []
        header: str | None = None
        for segment in self._shown:
            lines += ["#EXT-X-DISCONTINUITY"] if segment.discontinuity else []
            if segment.header != header and segment.header is not None:
                lines.append(f'#EXT-X-MAP:URI="{segment.header}"')
            header = segment.header
            lines += [f"#EXTINF:{segment.duration_s:.5f},", segment.name]
        lines += ["#EXT-X-ENDLIST"] if ended else []
        return "\n".join(lines) + "\n"

    def _forgotten(self) -> list[str]:
        names: list[str] = []
        while len(self._past) > self._window:
            gone = self._past.popleft()
            names.append(gone.name)
            if gone.header and all(gone.header != kept.header for kept in (*self._past, *self._shown)):
                names.append(gone.header)
        return names
