"""Low-latency HLS: a player asks for a playlist, or for a part, that is not there yet, and is answered as soon as it is.

A camera's process writes the files, so that all that can be done is to look; who waits costs one look in ``LOOK_S``.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOOK_S: Final = 0.02
WAIT_S: Final = 6.0
"""A little more than the longest part, and than three short segments."""

_AHEAD: Final = 2
_NUMBER: Final = re.compile(r"\d{1,12}")
_SEQUENCE: Final = re.compile(r"^#EXT-X-MEDIA-SEQUENCE:(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The state of a playlist that a player waits for: segment ``sequence``, or part ``part`` of it, from 0."""

    sequence: int
    part: int | None


def wanted(query: Mapping[str, str]) -> Wanted | None:
    """What a request asks for in its query (``_HLS_msn``, ``_HLS_part``); ``None`` for the playlist as it is.

    Raises:
        ValueError: it asks for nonsense.
    """
    sequence, part = query.get("_HLS_msn"), query.get("_HLS_part")
    if sequence is None and part is None:
        return None
    if sequence is None or not all(_NUMBER.fullmatch(text) for text in (sequence, part or "0")):
        raise ValueError("_HLS_msn and _HLS_part: expected whole numbers")
    return Wanted(int(sequence), None if part is None else int(part))


def reached(playlist: str, what: Wanted) -> bool:
    """Whether ``playlist`` has what is waited for, or has ended.

    Raises:
        ValueError: that is so far ahead that nobody should wait for it.
    """
    lines = playlist.splitlines()
    first = _SEQUENCE.search(playlist)
    coming = (int(first[1]) if first else 0) + sum(bool(line) and not line.startswith("#") for line in lines)
    if what.sequence > coming + _AHEAD:
        raise ValueError("_HLS_msn is too far ahead")
    if "#EXT-X-ENDLIST" in lines or what.sequence < coming:
        return True
    return what.sequence == coming and what.part is not None and what.part < _parts_at_end(lines)


def _parts_at_end(lines: list[str]) -> int:
    """How many parts of the segment that is being made are there."""
    parts = 0
    for line in lines:
        if line.startswith("#EXT-X-PART:"):
            parts += 1
        elif line and not line.startswith("#"):
            parts = 0
    return parts


async def awaited(path: Path, ready: Callable[[bytes], bool], *, within_s: float = WAIT_S) -> bytes | None:
    """What is in the file at ``path`` once it is ``ready``; ``None`` when that takes too long."""
    deadline = time.monotonic() + within_s
    while True:
        body = content(path)
        if body is not None and ready(body):
            return body
        if time.monotonic() >= deadline:
            return None
        await asyncio.sleep(LOOK_S)


def content(path: Path) -> bytes | None:
    """What is in the file at ``path``, if it is there."""
    try:
        return path.read_bytes()
    except OSError:
        return None
