"""Playlists of HLS (RFC 8216) as they are read: variants of a stream, or segments. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

_ATTRIBUTE: Final = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')
LONGEST: Final = 10_000
"""The most lines of a playlist."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several qualities; ``height`` in pixels, 0 when it does not say; ``bandwidth`` in bit/s."""

    url: str
    bandwidth: int
    height: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of media; ``header`` is the URL of what has to come before it, for fragmented MP4."""

    url: str
    sequence: int
    header: str | None


@dataclass(frozen=True, slots=True)
class Playlist:
    """Segments in order; ``target_s`` is the longest they may be; ``ended`` says that no more will follow."""

    segments: tuple[Segment, ...]
    target_s: float
    ended: bool


class Unreadable(ValueError):
    """A playlist that is none, or that asks for what is not supported; says which."""


def parse(text: str, url: str) -> Playlist | tuple[Variant, ...]:
    """The playlist in ``text``, which was found at ``url``.

    Raises:
        Unreadable: it is none, or needs decryption or byte ranges.
    """
    lines = [line.strip() for line in text.splitlines()]
    if not lines or not lines[0].startswith("#EXTM3U") or len(lines) > LONGEST:
        raise Unreadable("it is no playlist")
    if any(line.startswith("#EXT-X-STREAM-INF:") for line in lines):
        return _variants(lines, url)
    return _segments(lines, url)


def chosen(variants: tuple[Variant, ...], *, max_height: int) -> Variant:
    """The best of ``variants`` that is not taller than ``max_height``; the smallest when all are."""
    low = [variant for variant in variants if variant.height <= max_height]
    if low:
        return max(low, key=lambda variant: (variant.height, variant.bandwidth))
    return min(variants, key=lambda variant: (variant.height, variant.bandwidth))


def _variants(lines: list[str], url: str) -> tuple[Variant, ...]:
    found = []
    attributes: dict[str, str] | None = None
    for line in lines:
        if line.startswith("#EXT-X-STREAM-INF:"):
            attributes = _attributes(line)
        elif line and not line.startswith("#") and attributes is not None:
            height = attributes.get("RESOLUTION", "").partition("x")[2]
            found.append(Variant(urljoin(url, line), _whole(attributes.get("BANDWIDTH", "")), _whole(height)))
            attributes = None
    if not found:
        raise Unreadable("it names no stream")
    return tuple(found)


def _segments(lines: list[str], url: str) -> Playlist:
    segments: list[Segment] = []
    sequence, target_s, header = 0, 0.0, None
    for line in lines:
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-MEDIA-SEQUENCE":
            sequence = _whole(value)
        elif tag == "#EXT-X-TARGETDURATION":
            target_s = float(_whole(value))
        elif tag == "#EXT-X-KEY" and _attributes(line).get("METHOD") != "NONE":
            raise Unreadable("it is encrypted, which is not supported")
        elif tag == "#EXT-X-BYTERANGE" or (tag == "#EXT-X-MAP" and "BYTERANGE" in _attributes(line)):
            raise Unreadable("it uses byte ranges, which is not supported")
        elif tag == "#EXT-X-MAP":
            header = urljoin(url, _attributes(line).get("URI", ""))
        elif line and not line.startswith("#"):
            segments.append(Segment(urljoin(url, line), sequence + len(segments), header))
    if target_s <= 0:
        raise Unreadable("it does not say how long its segments are")
    return Playlist(tuple(segments), min(target_s, 60.0), "#EXT-X-ENDLIST" in lines)


def _attributes(line: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(line.partition(":")[2])}


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,15}", text.strip()) else 0
