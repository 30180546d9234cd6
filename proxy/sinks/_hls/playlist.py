"""The text of a live media playlist (RFC 8216), with parts for low latency (draft-pantos-hls-rfc8216bis). Pure."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

SHOWN_WITH_PARTS: Final = 3
"""Segments at the end that are shown with their parts; earlier ones nobody reads in parts any more."""

HOLD_BACK: Final = 3
"""Parts that a player stays behind the newest, at least."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a segment; ``independent`` says that it begins with a keyframe."""

    name: str
    duration_s: float
    independent: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its file, its length, the file of the header it needs (``None`` for MPEG-TS), and its parts."""

    name: str
    duration_s: float
    header: str | None
    discontinuity: bool
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Coming:
    """The segment that is being made: its parts so far, what it begins with, and the file of its next part."""

    parts: tuple[Part, ...]
    header: str | None
    discontinuity: bool
    hint: str


class Playlist:
    """A window of segments that moves on.

    Args:
        window: how many segments are shown.
        target_s: the longest segment to expect, rounded up; a longer one raises it.
        part_s: the longest part to expect, where there are any; a longer one raises it.
    """

    def __init__(self, *, window: int, target_s: float, part_s: float | None = None) -> None:
        self._part_s = part_s
        self._window = window
        self._target = math.ceil(target_s)
        self._shown: deque[Segment] = deque()
        self._past: deque[Segment] = deque()
        self._sequence = 0
        self._discontinuities = 0

    @property
    def untouched(self) -> bool:
        """Whether no segment was ever added."""
        return not self._shown and not self._sequence

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

    def take_back(self) -> None:
        """Show none of the segments any more; those to come follow in the same count."""
        self._sequence += len(self._shown)
        self._discontinuities += sum(segment.discontinuity for segment in self._shown)
        self._shown.clear()
        self._past.clear()

    def text(self, coming: Coming | None = None, *, ended: bool = False) -> str:
        """The playlist as it stands; ``coming`` is the segment that is being made, ``ended`` says that none will follow."""
        with_headers = any(segment.header for segment in self._shown) or coming is not None
        lines = [
            "#EXTM3U",
            f"#EXT-X-VERSION:{9 if self._part_s else 7 if with_headers else 3}",
            f"#EXT-X-TARGETDURATION:{self._target}",
            f"#EXT-X-MEDIA-SEQUENCE:{self._sequence}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{self._discontinuities}",
        ]
        lines += ["#EXT-X-INDEPENDENT-SEGMENTS"] if with_headers else []
        lines += self._low_latency(coming)
        header: str | None = None
        for number, segment in enumerate(self._shown, SHOWN_WITH_PARTS - len(self._shown)):
            lines += _beginning(segment, header)
            lines += [_part(part) for part in segment.parts if number >= 0]
            lines += [f"#EXTINF:{segment.duration_s:.5f},", segment.name]
            header = segment.header
        if coming is not None and not ended:
            lines += [*_beginning(coming, header), *map(_part, coming.parts), f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{coming.hint}"']
        lines += ["#EXT-X-ENDLIST"] if ended else []
        return "\n".join(lines) + "\n"

    def _low_latency(self, coming: Coming | None) -> list[str]:
        if self._part_s is None:
            return []
        parts = [part for segment in self._shown for part in segment.parts] + list(coming.parts if coming else ())
        self._part_s = max([self._part_s, *(part.duration_s for part in parts)])
        held = f"PART-HOLD-BACK={HOLD_BACK * self._part_s:.5f}"
        return [f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,{held}", f"#EXT-X-PART-INF:PART-TARGET={self._part_s:.5f}"]

    def _forgotten(self) -> list[str]:
        names: list[str] = []
        while len(self._past) > self._window:
            gone = self._past.popleft()
            names += [gone.name, *(part.name for part in gone.parts)]
            if gone.header and all(gone.header != kept.header for kept in (*self._past, *self._shown)):
                names.append(gone.header)
        return names


def _beginning(segment: Segment | Coming, header: str | None) -> list[str]:
    """What has to be said before a segment, or a part of it, that follows something with ``header``."""
    lines = ["#EXT-X-DISCONTINUITY"] if segment.discontinuity else []
    if segment.header != header and segment.header is not None:
        lines.append(f'#EXT-X-MAP:URI="{segment.header}"')
    return lines


def _part(part: Part) -> str:
    independent = ",INDEPENDENT=YES" if part.independent else ""
    return f'#EXT-X-PART:DURATION={part.duration_s:.5f},URI="{part.name}"{independent}'
