"""An address at which viewers meet the anonymised picture over WebRTC (WHEP): H.264 as it was encoded, and sound as Opus.

1. Nothing is encoded twice: every viewer gets the packets that every other sink gets.
2. Each viewer has a line of its own; one who does not keep up loses pictures, and harms nobody else.
3. Who comes in, or reports a loss, asks the encoder for a keyframe.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr

from proxy.door import opened
from proxy.encoding.packet import EncodedPacket, VideoCodec
from proxy.errors import EncoderError, SinkUnreachable, SinkUnwritable
from proxy.sinks._webrtc.feed import Feed, Receiver, receiver
from proxy.webrtc.endpoint import Endpoint, NotNow
from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer, Refused, sections

SWEEP_S: Final = 1.0


class Options(PeerOptions):
    """Viewers over WebRTC, at `/whep/CAMERA` of the proxy's own HTTP."""

    type: Literal["whep"] = "whep"
    viewers: int = Field(default=8, ge=1, le=100, description="the most viewers at a time")
    token: SecretStr | None = Field(default=None, description="asked of viewers as Bearer token; unset: the token of `[control]`")
    essential: bool = Field(default=True, description="whether the camera is worth running for it alone; for a preview it is not")
    door: Path | None = Field(default=None, description="local socket on which to answer; unset: where the proxy's own HTTP asks")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``whep:``; the address is that of the proxy's own HTTP."""
        return cls()


class WhepSink:
    """Gives one programme to everybody who asks for it.

    Args:
        options: how.
        ask_keyframe: asks the encoder for one; it may be called as often as one likes.
    """

    def __init__(self, options: Options, ask_keyframe: Callable[[], None] = lambda: None) -> None:
        self._options = options
        self._ask_keyframe = ask_keyframe
        self._endpoint = Endpoint(self._begin, options, options.viewers)
        self._feed = Feed()

    @property
    def name(self) -> str:
        """The sink's name for logs."""
        return "whep"

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Answer viewers, and give them every packet from then on.

        Raises:
            SinkUnwritable: there is no local socket to answer on.
            SinkUnreachable: the sound cannot be turned into what viewers hear.
        """
        door = self._options.door
        if door is None:
            raise SinkUnwritable("whep: nobody passes viewers on", hint="it is a sink of veilcast run, with control.enabled")
        try:
            async with opened(door, self._endpoint.application()):
                await self._serve(packets)
        except OSError as error:
            raise SinkUnwritable(f"whep: no socket at {door}: {error.strerror or error}", hint="check the folder") from error

    async def _serve(self, packets: AsyncIterator[EncodedPacket]) -> None:
        self._feed = Feed()
        try:
            async with asyncio.TaskGroup() as group:
                sweeping = group.create_task(self._sweep())
                try:
                    async for packet in packets:
                        await self._feed.give(packet, self._endpoint.sessions)
                finally:
                    sweeping.cancel()
                    await self._endpoint.close()
        except* EncoderError as failures:
            error = failures.exceptions[0]
            raise SinkUnreachable(f"whep: {error}", hint="set audio = drop to go on without sound") from error
        finally:
            self._feed.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await self._endpoint.sweep()

    def _begin(self, offer: str) -> Receiver:
        streams = self._feed.streams
        if streams is None:
            raise NotNow("there is no picture yet", retry_s=1)
        if streams.video.codec is not VideoCodec.H264:
            raise Refused("viewers need H.264: set encoding.codec")
        heard = "audio" if streams.audio is not None else ""
        kinds = [kind if kind == "video" else heard for kind in sections(offer, "recvonly")]
        return receiver(Peer(self._options), kinds, self._ask_keyframe)
