"""FLV tags, as RTMP carries them, out of the bytes that libavformat's FLV muxer writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_FILE_HEADER: Final = 13
_TAG_HEADER: Final = 11
_SIZE_BEHIND: Final = 4
_WRAP: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: ``kind`` 8 (audio), 9 (video) or 18 (data); ``timestamp`` in ms, which does not wrap."""

    kind: int
    timestamp: int
    body: bytes


class TagWriter:
    """A target for a muxer that hands out whole tags. Timestamps never run backwards within one kind."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._tags: list[Tag] = []
        self._begun = False
        self._last: dict[int, int] = {}

    def write(self, data: bytes, /) -> int:
        """Take a piece of the file."""
        self._pending += data
        if not self._begun and len(self._pending) >= _FILE_HEADER:
            del self._pending[:_FILE_HEADER]
            self._begun = True
        while self._begun and (size := self._complete()) >= 0:
            self._tags.append(self._tag(size))
            del self._pending[: _TAG_HEADER + size + _SIZE_BEHIND]
        return len(data)

    def take(self) -> list[Tag]:
        """The tags that are complete; taken once."""
        tags, self._tags = self._tags, []
        return tags

    def _complete(self) -> int:
        """The size of the first tag's body when all of it is there, else -1."""
        if len(self._pending) < _TAG_HEADER:
            return -1
        size = int.from_bytes(self._pending[1:4], "big")
        return size if len(self._pending) >= _TAG_HEADER + size + _SIZE_BEHIND else -1

    def _tag(self, size: int) -> Tag:
        kind = self._pending[0] & 0x1F
        wrapped = int.from_bytes(self._pending[4:7], "big") | (self._pending[7] & 0x7F) << 24
        return Tag(kind, self._unwrapped(kind, wrapped), bytes(self._pending[_TAG_HEADER : _TAG_HEADER + size]))

    def _unwrapped(self, kind: int, timestamp: int) -> int:
        """FLV's timestamps have 31 bits: 24 days. The one nearest to what came before is meant."""
        last = self._last.get(kind, 0)
        step = (timestamp - last + _WRAP // 2) % _WRAP - _WRAP // 2
        self._last[kind] = last + max(step, 0)
        return self._last[kind]
