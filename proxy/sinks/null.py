"""Nowhere: packets are counted and forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

from proxy import options
from proxy.encoding.packet import EncodedPacket


class Options(options.Options):
    """A sink for measuring and trying out."""

    type: Literal["null"] = "null"

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``null:``; there is nothing in it to read."""
        return cls()


class NullSink:
    """Counts packets.

    Attributes:
        packets: how many there were.
        size: bytes in them.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.packets = 0
        self.size = 0

    @property
    def name(self) -> str:
        """The sink's name for logs."""
        return "null"

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Take every packet."""
        async for packet in packets:
            self.packets += 1
            self.size += len(packet.data)
