"""A platform's ingest over WebRTC (WHIP, RFC 9725): H.264 as it was encoded, and sound as Opus.

1. Nothing is encoded twice, so the platform has to take H.264.
2. What waited while the platform was called is not sent: it would arrive too late and all at once.
3. A programme of another size goes on in the same session; the picture's parameters are in the stream.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Final, Literal

from pydantic import Field, SecretStr

from proxy.encoding.packet import EncodedPacket, StreamSet, VideoCodec
from proxy.errors import EncoderError, SinkRejected, SinkUnreachable, SinkUnwritable
from proxy.sinks._webrtc.feed import Feed, Receiver, receiver
from proxy.webrtc.peer import Peer
from proxy.webrtc.signalling import CallerOptions, Declined, Unanswered, agreed, reaching

STALE_S: Final = 0.1
"""Packets that are there within so short a time of the connection have waited for it."""


class Options(CallerOptions):
    """A platform that is published to over WebRTC."""

    type: Literal["whip"] = "whip"
    url: SecretStr = Field(description="`whips://host/path`, or `whip://…` without TLS")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``whip[s]://host[:port]/path``.

        Raises:
            ConfigError: it names no host, or a port that is none.
        """
        chosen = cls(url=SecretStr(url))
        chosen.address()
        return chosen


class WhipSink:
    """Publishes to one platform.

    Args:
        options: where to, and how.
        ask_keyframe: asks the encoder for one; it may be called as often as one likes.
    """

    def __init__(self, options: Options, ask_keyframe: Callable[[], None] = lambda: None) -> None:
        address = options.address()
        self._options = reaching(options, address.host)
        self._name = address.name
        self._ask_keyframe = ask_keyframe

    @property
    def name(self) -> str:
        """The sink's name for logs: the address without query and key."""
        return self._name

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Call the platform, and send every packet from then on.

        Raises:
            SinkUnreachable: no such host, refused, silent, no way for media, or cut in the middle.
            SinkRejected: the platform does not take the stream, or its certificate is not to be trusted.
            SinkUnwritable: the programme is not H.264.
        """
        first = await anext(packets, None)
        if first is None:
            return
        platform = self._called(first.streams)
        try:
            async with asyncio.TaskGroup() as group:
                await self._publish(packets, platform, group)
        except* Declined as failures:
            raise _as(SinkRejected, failures) from failures
        except* Unanswered as failures:
            raise _as(SinkUnreachable, failures) from failures
        except* EncoderError as failures:
            raise _as(SinkUnreachable, failures) from failures

    def _called(self, streams: StreamSet) -> Receiver:
        if streams.video.codec is not VideoCodec.H264:
            raise SinkUnwritable(f"{self._name}: WHIP carries H.264 only", hint="set encoding.codec = h264")
        kinds = ["video", "audio"] if streams.audio is not None else ["video"]
        return receiver(Peer(self._options), kinds, self._ask_keyframe)

    async def _publish(self, packets: AsyncIterator[EncodedPacket], platform: Receiver, group: asyncio.TaskGroup) -> None:
        async with agreed(platform.peer, self._options):
            sending = group.create_task(self._send(packets, platform))
            leaving = group.create_task(platform.peer.until_gone())
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise Unanswered(f"{self._name} ended the session", hint="the platform ended the stream, or is restarting")
            leaving.cancel()

    async def _send(self, packets: AsyncIterator[EncodedPacket], platform: Receiver) -> None:
        feed = Feed()
        fresh_at = time.monotonic() + STALE_S
        stale = True
        try:
            async for packet in packets:
                if stale and time.monotonic() >= fresh_at:
                    stale = False
                    self._ask_keyframe()
                if not stale:
                    await feed.give(packet, [platform])
        finally:
            feed.close()


def _as(kind: type[SinkRejected | SinkUnreachable], failures: BaseExceptionGroup[BaseException]) -> SinkRejected | SinkUnreachable:
    """The first of ``failures`` as an error of a sink."""
    first = failures.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        return _as(kind, first)
    return kind(str(first), hint=getattr(first, "hint", ""))
