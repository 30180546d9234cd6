"""Packets, programme by programme, for sinks whose connection holds one programme."""

from __future__ import annotations

from collections.abc import AsyncIterator

from proxy.encoding.packet import EncodedPacket, StreamSet


class Upcoming:
    """Packets with a look at the next one, so that a connection can end where the programme does.

    Attributes:
        ended: whether there is nothing more.
    """

    def __init__(self, packets: AsyncIterator[EncodedPacket]) -> None:
        self._packets = packets
        self._next: EncodedPacket | None = None
        self.ended = False

    async def peek(self) -> EncodedPacket | None:
        """The next packet, which is not taken; ``None`` at the end."""
        if self._next is None:
            self._next = await anext(self._packets, None)
            self.ended = self._next is None
        return self._next

    async def programme(self) -> AsyncIterator[EncodedPacket]:
        """The packets up to the end of the programme that the next packet belongs to."""
        streams: StreamSet | None = None
        while (packet := await self.peek()) is not None:
            if streams is not None and packet.streams is not streams:
                return
            streams, self._next = packet.streams, None
            yield packet
