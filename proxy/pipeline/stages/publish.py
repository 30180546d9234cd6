"""Packets out to one sink, which is kept connected and which harms only itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from proxy.encoding.packet import EncodedPacket
from proxy.errors import VeilcastError
from proxy.pipeline.backoff import Backoff
from proxy.pipeline.channel import Channel, Overflow
from proxy.pipeline.reconnect import Link
from proxy.sinks.protocol import Sink
from proxy.telemetry.events import Connection, Observer, SinkChanged


def starts(packet: EncodedPacket) -> bool:
    """Whether a stream can begin with this packet."""
    return packet.is_video and packet.keyframe


@dataclass(slots=True)
class Publish:
    """Feeds one sink until the packets end; on failure waits and tries again from the next keyframe.

    Args:
        camera: its name, for events.
        sink: the destination.
        name: its redacted name.
        essential: whether the camera is worth running for this sink alone; a preview is not.
        live: drop to the next keyframe when the sink is slow; otherwise the encoder waits for it, and a failure ends the job.
    """

    camera: str
    sink: Sink
    name: str
    live: bool
    observer: Observer
    essential: bool = True
    backoff: Backoff = field(default_factory=lambda: Backoff(first_s=2.0, limit_s=60.0))
    channel: Channel[EncodedPacket] = field(init=False)
    _link: Link = field(init=False)
    _broken: bool = False

    def __post_init__(self) -> None:
        overflow = Overflow.DROP_TO_KEYFRAME if self.live else Overflow.BLOCK
        self.channel = Channel(512 if self.live else 64, overflow, is_start=starts)
        self._link = Link(self._report, self.backoff)

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until the channel is closed and empty.

        Raises:
            SinkError: offline, whatever the sink raised; live, only what no retry can mend.
        """
        try:
            if self.live:
                await self._link.keep(self._connect, stop=stop)
            else:
                await self.sink.run(aiter(self.channel))
        finally:
            self.channel.abandon()

    async def _connect(self) -> None:
        if self._broken:
            self.channel.skip_to_start()
        self._broken = True
        await self.sink.run(self._watched())

    async def _watched(self) -> AsyncIterator[EncodedPacket]:
        taken = 0
        async for packet in self.channel:
            yield packet
            taken += packet.is_video
            if taken == 2:
                self._link.opened()

    def _report(self, state: Connection, error: VeilcastError | None, retry_s: float) -> None:
        detail, hint, code = (error.message, error.hint, error.exit_code) if error else ("", "", 0)
        self.observer(SinkChanged(self.camera, self.name, state, detail, hint, retry_s, code))
