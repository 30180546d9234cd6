"""The segments of an HLS stream, one after another, as one file that is read from its live edge. Blocking."""

from __future__ import annotations

import http.client
import time
from collections import deque
from typing import Final

from proxy.errors import SourceRejected, SourceUnreachable, SourceUnsupported
from proxy.sources._http.fetching import Fetcher
from proxy.sources._http.playlist import Playlist, Segment, Unreadable, chosen, parse

EDGE: Final = 3
"""Segments before the end at which a live stream is entered (RFC 8216, section 6.3.3)."""

_LIMIT: Final = 1 << 20
_MISSED: Final = 3


class Segments:
    """A file-like object over a playlist's segments.

    Args:
        fetcher: fetches the playlist and the segments.
        max_height: the tallest variant to take.
    """

    def __init__(self, fetcher: Fetcher, *, max_height: int) -> None:
        self._fetcher = fetcher
        self._max_height = max_height
        self._url = fetcher.place.url
        self._waiting: deque[str] = deque()
        self._answer: http.client.HTTPResponse | None = None
        self._last: Segment | None = None
        self._loaded_at = 0.0
        self._target_s = 1.0
        self._ended = False
        self._missed = 0
        self._refusal: SourceRejected | None = None

    def read(self, size: int) -> bytes:
        """The next bytes, at most ``size``; waits for the next segment; nothing at the end of the stream.

        Raises:
            SourceUnreachable, SourceRejected, SourceUnsupported: see ``errors``.
        """
        while not self._fetcher.stopped.is_set():
            if self._answer is not None:
                data = self._fetcher.read(self._answer, size)
                if data:
                    return data
                self._answer.close()
                self._answer = None
            if not self._waiting and not self._look():
                return self._end()
            self._answer = self._opened(self._waiting.popleft())
        return b""

    def close(self) -> None:
        """Let the segment go that is being read."""
        if self._answer is not None:
            self._answer.close()
            self._answer = None

    def _end(self) -> bytes:
        """Nothing more; an error where every segment was refused."""
        if self._refusal is not None:
            raise self._refusal
        return b""

    def _opened(self, url: str) -> http.client.HTTPResponse | None:
        """One segment; a live one that is gone already is left out."""
        try:
            answer = self._fetcher.get(url)
        except SourceRejected as error:
            self._missed, self._refusal = self._missed + 1, error
            if self._missed > _MISSED:
                raise
            return None
        self._missed, self._refusal = 0, None
        return answer

    def _look(self) -> bool:
        """Find the segments that follow, and wait for them; false when none will."""
        place = self._fetcher.place
        since = time.monotonic()
        while not self._waiting and not self._ended:
            pause = self._loaded_at + self._target_s / 2 - time.monotonic()
            if self._fetcher.stopped.wait(max(0.0, pause)):
                return False
            self._take(self._load())
            if not self._waiting and not self._ended and time.monotonic() - since > place.silence_s + self._target_s:
                raise SourceUnreachable(f"{place.name}: no new segment for {place.silence_s:.0f} s", hint="check the other side")
        return bool(self._waiting)

    def _take(self, playlist: Playlist) -> None:
        self._target_s, self._ended = max(0.5, playlist.target_s), playlist.ended
        last = self._last
        if last is None:
            fresh = playlist.segments if playlist.ended else playlist.segments[-EDGE:]
        else:
            fresh = tuple(segment for segment in playlist.segments if segment.sequence > last.sequence)
            if playlist.segments and playlist.segments[-1].sequence < last.sequence:
                raise SourceUnreachable(f"{self._fetcher.place.name} began anew", hint="the other side has restarted")
        for segment in fresh:
            if self._last is not None and segment.header != self._last.header:
                raise SourceUnreachable(f"{self._fetcher.place.name} began another programme", hint="it is opened again")
            if self._last is None and segment.header:
                self._waiting.append(segment.header)
            self._waiting.append(segment.url)
            self._last = segment

    def _load(self) -> Playlist:
        place = self._fetcher.place
        self._loaded_at = time.monotonic()
        try:
            found = parse(self._text(self._url), self._url)
            if isinstance(found, tuple):
                self._url = chosen(found, max_height=self._max_height).url
                found = parse(self._text(self._url), self._url)
        except Unreadable as error:
            raise SourceUnsupported(f"{place.name}: {error}", hint="name an HLS playlist (.m3u8) without encryption") from None
        if isinstance(found, tuple):
            raise SourceUnsupported(f"{place.name}: its variants are variants again", hint="name one of them")
        return found

    def _text(self, url: str) -> str:
        answer = self._fetcher.get(url)
        self._url = answer.geturl()
        try:
            with self._fetcher.mapped():
                return answer.read(_LIMIT).decode("utf-8", errors="replace")
        finally:
            answer.close()
