"""What one WebRTC peer sends, decoded by aiortc, as raw pictures and sound.

1. aiortc decodes in a thread of its own and hands over without a bound; a pump takes everything at once and keeps the newest.
2. Pictures are placed by their own timestamps. Sound, whose timestamps have nothing to do with those, is placed by when it came.
3. Both pumps end with the connection, which owns them.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Final

import av
from aiortc import MediaStreamTrack, RTCRtpReceiver
from aiortc.mediastreams import MediaStreamError

from proxy.media.raw import RawAudio, RawFrame
from proxy.media.redact import redact
from proxy.media.time import TICK, TICKS_PER_SECOND, ms_to_ticks, to_ticks
from proxy.media.timeline import Timeline
from proxy.sources.pictures import Pictures
from proxy.sources.protocol import Damage
from proxy.sources.sounds import Sounds
from proxy.webrtc.peer import Peer, prefer, undecoded

VIDEO: Final = ("video/H264", "video/VP8")
AUDIO: Final = ("audio/opus", "audio/PCMA", "audio/PCMU", "audio/G722")

_PICTURES: Final = 4
_SOUNDS: Final = 128
_UNDECODED: Final = 200
"""Pictures that may wait for the decoder: some seconds. Leaving some out would damage those that follow."""
_PREFETCHED: Final = ms_to_ticks(80)
"""How long aiortc's jitter buffer holds sound back: four packets. Pictures it gives as soon as they are whole."""


def expect(peer: Peer, kinds: Sequence[str], *, sound: bool) -> None:
    """Add a transceiver for each of ``kinds``, the media sections in order; sound that is not wanted is declined."""
    for kind in kinds:
        wanted = kind == "video" or sound
        transceiver = peer.connection.addTransceiver(kind, direction="recvonly" if wanted else "inactive")
        prefer(transceiver, RTCRtpReceiver, VIDEO if kind == "video" else AUDIO)


class Received:
    """The newest that a peer sent.

    Args:
        peer: the connection; its tracks are heard from now on.
        timeline: places the pictures; it may go on from an earlier peer.
        damage: counts pictures that are incomplete.

    Attributes:
        peer: the connection.
        pictured_ns: when the last picture came, or when this began, on the monotonic clock.
    """

    def __init__(self, peer: Peer, timeline: Timeline, damage: Damage) -> None:
        self.peer = peer
        self.pictured_ns = time.monotonic_ns()
        self._timeline, self._damage = timeline, damage
        self._pictures, self._sounds = Pictures(), Sounds()
        self._frames: deque[tuple[av.VideoFrame, int]] = deque(maxlen=_PICTURES)
        self._blocks: deque[tuple[av.AudioFrame, int]] = deque(maxlen=_SOUNDS)
        self._changed = asyncio.Event()
        self._last: tuple[int, int] | None = None
        self._sound_offset: int | None = None
        peer.connection.on("track", self._pump)
        peer.connection.on("connectionstatechange", self._changed.set)

    @property
    def pictured(self) -> bool:
        """Whether a picture ever came out."""
        return self._last is not None

    @property
    def falls_behind(self) -> bool:
        """Whether pictures come faster than they can be decoded, so that ever more of them would wait."""
        return any(undecoded(receiver) > _UNDECODED for receiver in self.peer.connection.getReceivers())

    async def items(self, within_s: float) -> list[RawFrame | RawAudio]:
        """What came since the last call, or comes within ``within_s``; nothing when nothing came."""
        if not self._frames and not (self._blocks and self.pictured):
            self._changed.clear()
            try:
                async with asyncio.timeout(within_s):
                    await self._changed.wait()
            except TimeoutError:
                return []
        return self._taken()

    async def _pump(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self.pictured_ns = time.monotonic_ns()
                    self._frames.append((frame, self.pictured_ns))
                elif isinstance(frame, av.AudioFrame):
                    self._blocks.append((frame, time.monotonic_ns()))
                self._changed.set()
        except MediaStreamError:
            self._changed.set()

    def _taken(self) -> list[RawFrame | RawAudio]:
        items: list[RawFrame | RawAudio] = []
        while self._frames:
            items += self._picture(*self._frames.popleft())
        while self._blocks and self._last is not None:
            self._hear(*self._blocks.popleft(), self._last)
        return [*items, *self._sounds.take(self._sound_offset)]

    def _picture(self, frame: av.VideoFrame, arrived_ns: int) -> list[RawFrame]:
        turned = self._pictures.turn(frame)
        if turned is None:
            return []
        if frame.is_corrupt:
            self._note_damage("a picture is incomplete")
        pts = None if frame.pts is None else to_ticks(frame.pts, frame.time_base or TICK)
        placed = self._timeline.place(pts, arrived=_ticks(arrived_ns))
        self._last = (placed, arrived_ns)
        return [RawFrame(*turned, placed, None, arrived_ns)]

    def _hear(self, block: av.AudioFrame, arrived_ns: int, last: tuple[int, int]) -> None:
        if self._sound_offset is None and block.pts is not None:
            place = last[0] + _ticks(arrived_ns - last[1]) - _PREFETCHED
            self._sound_offset = place - to_ticks(block.pts, block.time_base or TICK)
        try:
            self._sounds.put(block)
        except (av.FFmpegError, ValueError) as error:
            self._note_damage(f"audio: {error}")

    def _note_damage(self, detail: str) -> None:
        self._damage.packets += 1
        self._damage.detail = redact(detail)


def _ticks(ns: int) -> int:
    return ns * TICKS_PER_SECOND // 1_000_000_000
