"""A programme's packets on their way to any number of peers: pictures as they are, sound turned into Opus once for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from proxy.encoding.opus import SAMPLE, OpusTranscoder
from proxy.encoding.packet import EncodedPacket, StreamSet
from proxy.media.time import TICK
from proxy.sinks._webrtc.tracks import PacketTrack
from proxy.webrtc.peer import Peer, heed_losses, send
from proxy.webrtc.reports import Timeline, report_media_time


@dataclass(frozen=True, slots=True, eq=False)
class Receiver:
    """One peer and the tracks it pulls."""

    peer: Peer
    picture: PacketTrack
    sound: PacketTrack


def receiver(peer: Peer, kinds: Sequence[str], ask_keyframe: Callable[[], None]) -> Receiver:
    """``peer`` with a transceiver for each of ``kinds``, the media sections in order; a kind that is left empty is declined.

    Args:
        peer: a new connection.
        kinds: ``"video"``, ``"audio"``, or ``""`` in the place of sound that there is none of.
        ask_keyframe: called when the peer comes in, or has lost the picture.
    """
    made, timeline = Receiver(peer, PacketTrack("video", TICK, ask_keyframe), PacketTrack("audio", SAMPLE)), Timeline()
    for kind in kinds:
        if kind == "video":
            sender = send(peer, made.picture, ["video/H264"])
            heed_losses(sender, ask_keyframe)
            report_media_time(sender, timeline)
        elif kind == "audio":
            report_media_time(send(peer, made.sound, ["audio/opus"]), timeline)
        else:
            peer.connection.addTransceiver("audio", direction="inactive")
    return made


class Feed:
    """Gives packets to peers.

    Attributes:
        streams: what the programme consists of, once there is one.
    """

    def __init__(self) -> None:
        self.streams: StreamSet | None = None
        self._opus: OpusTranscoder | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="opus")

    async def give(self, packet: EncodedPacket, peers: Sequence[Receiver]) -> None:
        """Give ``packet`` to each of ``peers``; none of them is waited for.

        Raises:
            EncoderError: the sound cannot be turned.
        """
        if packet.streams is not self.streams:
            self.streams, self._opus = packet.streams, None
        if packet.is_video:
            for peer in peers:
                peer.picture.put(packet.data, packet.pts, start=packet.keyframe)
        elif any(peer.sound.wanted for peer in peers):
            loop = asyncio.get_running_loop()
            for unit in await loop.run_in_executor(self._thread, self._transcoder(packet.streams).encode, packet):
                for peer in peers:
                    peer.sound.put(unit.data, unit.pts, start=True)

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False)

    def _transcoder(self, streams: StreamSet) -> OpusTranscoder:
        if self._opus is None:
            if streams.audio is None:
                raise AssertionError("a packet of sound belongs to a programme with sound")
            self._opus = OpusTranscoder(streams.audio)
        return self._opus
