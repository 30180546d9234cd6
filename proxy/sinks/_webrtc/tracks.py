"""A track of packets that are encoded already, for one peer.

1. Nothing waits before the peer asks for the first packet: it gets what is live then.
2. Pictures begin with a keyframe, which is asked for. So they do after the line was full, which empties it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Final, TypeAlias

import av
from aiortc import MediaStreamTrack

Packet: TypeAlias = "av.Packet[av.stream.Stream]"

WAITING: Final = 256
"""The most packets that wait for a peer: some seconds."""


class PacketTrack(MediaStreamTrack):
    """What one peer gets of one stream.

    Args:
        kind: ``"video"`` or ``"audio"``.
        time_base: the unit of the packets' times.
        ask: called when a packet is needed with which a peer can start.
    """

    def __init__(self, kind: str, time_base: Fraction, ask: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.kind = kind
        self.dropped = 0
        self._time_base = time_base
        self._ask = ask
        self._line: deque[Packet] = deque()
        self._changed = asyncio.Event()
        self._wanted = False
        self._waits_for_start = True

    @property
    def wanted(self) -> bool:
        """Whether the peer takes packets by now."""
        return self._wanted and self.readyState == "live"

    def put(self, data: bytes, pts: int, *, start: bool) -> None:
        """The next packet; ``start`` says that a peer can begin with it."""
        if not self.wanted:
            return
        if len(self._line) >= WAITING:
            self.dropped += len(self._line)
            self._line.clear()
            self._waits_for_start = True
            self._ask()
        if self._waits_for_start and not start:
            return
        self._waits_for_start = False
        packet: Packet = av.Packet(data)
        packet.pts, packet.time_base = pts, self._time_base
        self._line.append(packet)
        self._changed.set()

    async def recv(self) -> Packet:
        """The next packet for the peer, which aiortc calls for once the peer is connected."""
        if not self._wanted:
            self._wanted = True
            self._ask()
        while not self._line:
            self._changed.clear()
            await self._changed.wait()
        return self._line.popleft()
