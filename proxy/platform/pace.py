"""Pictures that were proven all at once, sent on one by one as they were taken."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from proxy.encoding.packet import EncodedPacket
from proxy.media.time import TICKS_PER_SECOND

BEHIND_S: Final = 0.05
"""So much may be left of one group when the next one comes; what is left beyond it makes the pace faster."""


@dataclass(slots=True)
class Line:
    """Packets that wait until they are due.

    A group of pictures comes when it is whole, and lasts until the next one does. Where it is not over by then, because clocks
    differ or the line was held up, the pace rises: with a second left it is doubled. So no more than about a group ever waits.

    Args:
        clock: monotonic, seconds.
    """

    clock: Callable[[], float] = time.monotonic
    _waiting: deque[EncodedPacket] = field(default_factory=deque)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _pace: float = 1.0
    _due: float = 0.0

    def add(self, packets: Iterable[EncodedPacket]) -> None:
        """Put a group behind what waits."""
        left_s = sum(packet.duration for packet in self._waiting) / TICKS_PER_SECOND
        self._pace = 1.0 + max(0.0, left_s - BEHIND_S)
        self._waiting += packets
        if self._waiting:
            self._came.set()

    def clear(self) -> None:
        """Let go what waits."""
        self._waiting.clear()
        self._came.clear()

    async def next(self) -> EncodedPacket:
        """The next packet, once it is due."""
        while True:
            await self._came.wait()
            late = self.clock() - self._due
            if late >= 0:
                break
            await asyncio.sleep(-late)
        packet = self._waiting.popleft()
        if not self._waiting:
            self._came.clear()
        lasts_s = packet.duration / TICKS_PER_SECOND / self._pace
        self._due = max(self._due, self.clock() - BEHIND_S) + lasts_s
        return packet
