"""Help for tests that read a source."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import aclosing

from proxy.media.raw import RawAudio, RawFrame
from proxy.sources.protocol import Source


async def read(source: Source, *, pictures: int | None = None, limit_s: float = 15.0) -> list[RawFrame | RawAudio]:
    """What ``source`` gives until its end, or until it gave so many ``pictures``."""
    got: list[RawFrame | RawAudio] = []
    async with asyncio.timeout(limit_s), aclosing(source.frames()) as items:
        async for item in items:
            got.append(item)
            if pictures is not None and len(frames(got)) >= pictures:
                break
    return got


def frames(items: list[RawFrame | RawAudio]) -> list[RawFrame]:
    """The pictures among ``items``."""
    return [item for item in items if isinstance(item, RawFrame)]


def sounds(items: list[RawFrame | RawAudio]) -> list[RawAudio]:
    """The sounds among ``items``."""
    return [item for item in items if isinstance(item, RawAudio)]


def decoding_threads(*, within_s: float = 3.0) -> int:
    """How many decoder threads of sources still live after ``within_s`` at most."""
    deadline = time.monotonic() + within_s
    while True:
        alive = sum(thread.name.startswith("decode") for thread in threading.enumerate())
        if not alive or time.monotonic() > deadline:
            return alive
        time.sleep(0.02)
