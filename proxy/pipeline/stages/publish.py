"""Packets out to one sink, which is kept connected and which harms only itself.

What an operator covers is taken back: packets that wait are dropped, a sink that has one and cannot get rid of it loses its
connection, so that nothing is sent late, and one that keeps what it was given for later forgets it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from proxy.encoding.packet import EncodedPacket
from proxy.errors import SinkUnreachable, VeilcastError
from proxy.pipeline.backoff import Backoff
from proxy.pipeline.channel import Channel, Overflow
from proxy.pipeline.reconnect import Link
from proxy.sinks.protocol import Keeping, Sink
from proxy.telemetry.events import Connection, Observer, SinkChanged

WITHDRAWN_S: Final = 0.2
"""How long a sink may still be busy with a packet that was taken back."""


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
    _busy: bool = False
    _limit: asyncio.Timeout | None = None

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

    def withdraw(self) -> None:
        """Let nothing of what was handed over leave any more; the sink goes on from the next keyframe."""
        self.channel.skip_to_start()
        if isinstance(self.sink, Keeping):
            self.sink.withdraw()
        if self._busy and self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + WITHDRAWN_S)

    def hurry(self) -> None:
        """Try again now, where a delay is being waited for."""
        self._link.hurry()

    async def _connect(self) -> None:
        if self._broken:
            self.channel.skip_to_start()
        self._broken = True
        try:
            async with asyncio.timeout(None) as self._limit:
                await self.sink.run(self._watched())
        except TimeoutError as error:
            hint = "the connection is slower than the stream; choose a lower bitrate"
            raise SinkUnreachable(f"{self.name} was given up: it had not taken what is now covered", hint=hint) from error
        finally:
            self._busy, self._limit = False, None

    async def _watched(self) -> AsyncIterator[EncodedPacket]:
        taken = 0
        async for packet in self.channel:
            self._busy = True
            yield packet
            self._busy = False
            if self._limit is not None and not self._limit.expired():
                self._limit.reschedule(None)
            taken += packet.is_video
            if taken == 2:
                self._link.opened()

    def _report(self, state: Connection, error: VeilcastError | None, retry_s: float) -> None:
        detail, hint, code = (error.message, error.hint, error.exit_code) if error else ("", "", 0)
        self.observer(SinkChanged(self.camera, self.name, state, detail, hint, retry_s, code))
