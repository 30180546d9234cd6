"""Reads one input with libav: opened, pulled and closed in one thread, which the event loop awaits.

1. Every libav call of one input happens in the thread that opened it.
2. Reads give up after ``READ_S`` at a time, so that a stop is heeded within that; silence of ``silence_s`` is an error.
3. Packets that cannot be decoded are counted and left out; an input of which nothing could be decoded is an error.
"""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.codec.hwaccel import HWAccel

from proxy.errors import SourceDamaged, SourceUnreachable, SourceUnsupported
from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.redact import redact
from proxy.media.time import TICK, TICKS_PER_SECOND, to_ticks
from proxy.media.timeline import Timeline
from proxy.sources.failures import mapped
from proxy.sources.pictures import raw_frame
from proxy.sources.protocol import Damage

READ_S: Final = 1.0
LONGEST_JUMP: Final = 10 * TICKS_PER_SECOND
_CAPTURES_KEPT: Final = 128


@dataclass(frozen=True, slots=True)
class Input:
    """What is to be read, and how.

    Attributes:
        url: as libav takes it; may hold a password.
        name: redacted, for errors.
        format: libav's demuxer, or ``None`` to find out.
        options: the demuxer's options.
        live: whether frames come at the world's pace.
        sound: whether sound is decoded at all.
        open_s: how long opening may take.
        silence_s: how long nothing may come.
        threads: decoder threads; 0 lets libav choose.
        hwaccel: ``none``, or a device type as libav names it, taken when it opens.
    """

    url: str
    name: str
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    live: bool = True
    sound: bool = False
    open_s: float = 5.0
    silence_s: float = 10.0
    threads: int = 0
    hwaccel: str = "none"


async def pulled(what: Input, damage: Damage) -> AsyncGenerator[RawFrame | RawAudio, None]:
    """Everything in the input, in the order it is decoded; ``damage`` is kept up to date.

    Raises:
        SourceUnreachable, SourceRejected, SourceUnsupported, SourceDamaged: see ``errors``.
    """
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, thread_name_prefix="decode")
    stop = threading.Event()
    reader = Reader(what, damage, stop)
    try:
        await loop.run_in_executor(thread, reader.open)
        while (items := await loop.run_in_executor(thread, reader.pull)) is not None:
            for item in items:
                yield item
    finally:
        stop.set()
        thread.submit(reader.close)
        thread.shutdown(wait=False)


class Reader:
    """The blocking side: one container, used from one thread."""

    def __init__(self, what: Input, damage: Damage, stop: threading.Event) -> None:
        self._what = what
        self._damage = damage
        self._stop = stop
        self._container: av.container.InputContainer | None = None
        self._streams: list[av.VideoStream | av.AudioStream] = []
        self._packets: Iterator[av.Packet[av.VideoStream] | av.Packet[av.AudioStream]] = iter(())
        self._timeline = Timeline(jump=LONGEST_JUMP if what.live else None)
        self._resampler: av.AudioResampler | None = None
        self._captures: OrderedDict[int, int] = OrderedDict()
        self._decoded = 0
        self._origin: int | None = None
        self._flushing: deque[av.VideoStream | av.AudioStream] = deque()

    def open(self) -> None:
        """Open the input and find its streams."""
        what = self._what
        with mapped(what.name):
            self._container = av.open(
                what.url,
                format=what.format,
                options=what.options,
                timeout=(what.open_s, READ_S),
                hwaccel=None if what.hwaccel == "none" else HWAccel(what.hwaccel, allow_software_fallback=True),
            )
        container = self._container
        pictures = [stream for stream in container.streams.video if not _is_cover_art(stream)]
        if not pictures:
            hint = "point Veilcast at the camera's video stream"
            raise SourceUnsupported(f"{what.name} has no video", hint=hint)
        video = pictures[0]
        if video.codec_context is None:
            raise SourceUnsupported(f"{what.name} has video in a codec that cannot be decoded", hint="set the camera to H.264")
        video.codec_context.thread_count = what.threads
        video.thread_type = "SLICE" if what.live else "AUTO"
        self._streams = [video]
        if what.sound and container.streams.audio and container.streams.audio[0].codec_context is not None:
            self._streams.append(container.streams.audio[0])
        self._packets = container.demux(self._streams)

    def pull(self) -> list[RawFrame | RawAudio] | None:
        """The next pictures or sounds; ``None`` at the end of the input or when told to stop."""
        quiet_since = time.monotonic()
        while not self._stop.is_set():
            try:
                with mapped(self._what.name):
                    packet = next(self._packets, None)
            except av.error.ExitError:
                if time.monotonic() - quiet_since > self._what.silence_s:
                    message = f"{self._what.name} has been silent for {self._what.silence_s:.0f} s"
                    raise SourceUnreachable(message, hint="check the camera and its network") from None
                self._packets = self._demuxed()
                continue
            if packet is None:
                return self._end()
            items = self._decode(packet)
            if items:
                return items
            if packet.size:
                quiet_since = time.monotonic()
        return None

    def close(self) -> None:
        """Close the container."""
        container, self._container = self._container, None
        self._packets = iter(())
        if container is not None:
            container.close()

    def _demuxed(self) -> Iterator[av.Packet[av.VideoStream] | av.Packet[av.AudioStream]]:
        if self._container is None:
            return iter(())
        return self._container.demux(self._streams)

    def _end(self) -> None:
        if not self._decoded:
            raise SourceDamaged(f"nothing in {self._what.name} could be decoded", hint="check that the file plays elsewhere")

    def _decode(self, packet: av.Packet[av.VideoStream] | av.Packet[av.AudioStream]) -> list[RawFrame | RawAudio]:
        self._note_capture(packet)
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            self._note_damage(packet, str(error))
            return []
        if packet.is_corrupt:
            self._note_damage(packet, "the demuxer marks it as damaged")
        items: list[RawFrame | RawAudio] = []
        for frame in frames:
            if isinstance(frame, av.VideoFrame):
                items += self._picture(frame, packet.stream)
            elif isinstance(frame, av.AudioFrame):
                items += self._sounds(frame)
        return items

    def _picture(self, frame: av.VideoFrame, stream: av.stream.Stream) -> list[RawFrame | RawAudio]:
        base = frame.time_base or stream.time_base or TICK
        pts = None if frame.pts is None else self._since_origin(to_ticks(frame.pts, base))
        captured = self._captures.pop(frame.pts, None) if frame.pts is not None else None
        aspect = getattr(stream, "sample_aspect_ratio", None)
        raw = raw_frame(
            frame,
            pts=self._timeline.place(pts),
            captured_ns=captured,
            arrived_ns=time.monotonic_ns(),
            aspect=Fraction(aspect) if aspect else None,
        )
        if raw is None:
            return []
        self._decoded += 1
        return [raw]

    def _sounds(self, frame: av.AudioFrame) -> list[RawFrame | RawAudio]:
        try:
            if self._resampler is None:
                layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
                self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=frame.sample_rate)
            blocks = self._resampler.resample(frame)
        except (av.FFmpegError, ValueError) as error:
            self._resampler = None
            self._damage.detail = redact(f"sound: {error}")
            return []
        return [self._sound(block) for block in blocks if block.pts is not None]

    def _sound(self, block: av.AudioFrame) -> RawAudio:
        pts = self._since_origin(to_ticks(block.pts or 0, block.time_base or TICK))
        samples = np.ascontiguousarray(block.to_ndarray(), np.float32)
        return RawAudio(samples, AudioFormat(block.sample_rate, len(samples)), pts)

    def _since_origin(self, ticks: int) -> int:
        if self._origin is None:
            self._origin = ticks
        return ticks - self._origin

    def _note_capture(self, packet: av.Packet[av.VideoStream] | av.Packet[av.AudioStream]) -> None:
        """Remember the wall-clock time that RTCP gives a packet, until its picture comes out of the decoder."""
        if packet.pts is None or not packet.has_sidedata("prft"):
            return
        (microseconds,) = struct.unpack_from("<q", bytes(packet.get_sidedata("prft")))
        self._captures[packet.pts] = microseconds * 1000
        while len(self._captures) > _CAPTURES_KEPT:
            self._captures.popitem(last=False)

    def _note_damage(self, packet: av.Packet[av.VideoStream] | av.Packet[av.AudioStream], detail: str) -> None:
        if packet.stream.type == "video":
            self._damage.packets += 1
        self._damage.detail = redact(detail)


def _is_cover_art(stream: av.VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
