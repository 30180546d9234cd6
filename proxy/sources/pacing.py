"""Holds pictures and sound back until their time has come, where an input gives them faster than a camera would."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Final

from proxy.media.raw import RawAudio, RawFrame
from proxy.media.time import TICKS_PER_SECOND

_NS: Final = 1_000_000_000


class Pacer:
    """Counts from the first item; what is late is not held back."""

    def __init__(self) -> None:
        self._began_ns: int | None = None

    async def at_its_time(self, item: RawFrame | RawAudio) -> RawFrame | RawAudio:
        """``item``, once its time has come; a picture is taken to arrive then."""
        now_ns = time.monotonic_ns()
        span_ns = item.pts * _NS // TICKS_PER_SECOND
        if self._began_ns is None:
            self._began_ns = now_ns - span_ns
        await asyncio.sleep(max(0, self._began_ns + span_ns - now_ns) / _NS)
        return replace(item, arrived_ns=time.monotonic_ns()) if isinstance(item, RawFrame) else item
