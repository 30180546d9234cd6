"""An address at which viewers meet the anonymised picture over WebRTC (WHEP): H.264 as it was encoded, and sound as Opus.

1. Nothing is encoded twice: every viewer gets the packets that every other sink gets.
2. Each viewer has a line of its own; one who does not keep up loses pictures, and harms nobody else.
3. Who comes in, or reports a loss, asks the encoder for a keyframe.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr

from proxy.door import opened
from proxy.encoding.opus import SAMPLE, OpusTranscoder
from proxy.encoding.packet import EncodedPacket, StreamSet, VideoCodec
from proxy.errors import EncoderError, SinkUnreachable, SinkUnwritable
from proxy.media.time import TICK
from proxy.sinks._webrtc.tracks import PacketTrack
from proxy.webrtc.endpoint import Endpoint, NotNow
from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer, Refused, heed_losses, sections, send

SWEEP_S: Final = 1.0


class Options(PeerOptions):
    """Viewers over WebRTC, at `/whep/CAMERA` of the proxy's own HTTP."""

    type: Literal["whep"] = "whep"
    viewers: int = Field(default=8, ge=1, le=100, description="the most viewers at a time")
    token: SecretStr | None = Field(default=None, description="asked of viewers as Bearer token; unset: the token of `[control]`")
    door: Path | None = Field(default=None, description="local socket on which to answer; unset: where the proxy's own HTTP asks")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``whep:``; the address is that of the proxy's own HTTP."""
        return cls()


@dataclass(frozen=True, slots=True, eq=False)
class _Viewer:
    peer: Peer
    picture: PacketTrack
    sound: PacketTrack


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
        self._streams: StreamSet | None = None
        self._opus: OpusTranscoder | None = None

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
        thread = ThreadPoolExecutor(1, thread_name_prefix="opus")
        try:
            async with asyncio.TaskGroup() as group:
                sweeping = group.create_task(self._sweep())
                try:
                    await self._give(packets, thread)
                finally:
                    sweeping.cancel()
                    await self._endpoint.close()
        except* EncoderError as failures:
            self._opus = None
            error = failures.exceptions[0]
            raise SinkUnreachable(f"whep: {error}", hint="set audio = drop to go on without sound") from error
        finally:
            thread.shutdown(wait=False)

    async def _give(self, packets: AsyncIterator[EncodedPacket], thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        async for packet in packets:
            if packet.streams is not self._streams:
                self._streams, self._opus = packet.streams, None
            viewers = self._endpoint.sessions
            if packet.is_video:
                for viewer in viewers:
                    viewer.picture.put(packet.data, packet.pts, start=packet.keyframe)
            elif any(viewer.sound.wanted for viewer in viewers):
                units = await loop.run_in_executor(thread, self._transcoder(packet.streams).encode, packet)
                for viewer in viewers:
                    for unit in units:
                        viewer.sound.put(unit.data, unit.pts, start=True)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await self._endpoint.sweep()

    def _transcoder(self, streams: StreamSet) -> OpusTranscoder:
        if self._opus is None:
            if streams.audio is None:
                raise AssertionError("a packet of sound belongs to a programme with sound")
            self._opus = OpusTranscoder(streams.audio)
        return self._opus

    def _begin(self, offer: str) -> _Viewer:
        if self._streams is None:
            raise NotNow("there is no picture yet", retry_s=1)
        if self._streams.video.codec is not VideoCodec.H264:
            raise Refused("viewers need H.264: set encoding.codec")
        kinds = sections(offer)
        viewer = _Viewer(Peer(self._options), PacketTrack("video", TICK, self._ask_keyframe), PacketTrack("audio", SAMPLE))
        for kind in kinds:
            if kind == "video":
                heed_losses(send(viewer.peer, viewer.picture, ["video/H264"]), self._ask_keyframe)
            elif self._streams.audio is not None:
                send(viewer.peer, viewer.sound, ["audio/opus"])
            else:
                viewer.peer.connection.addTransceiver(kind, direction="inactive")
        return viewer
