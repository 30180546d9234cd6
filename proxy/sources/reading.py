"""Reads one input with libav: opened, pulled and closed in one thread, which the event loop awaits.

1. Every libav call of one input happens in the thread that opened it.
2. A read gives up after ``READ_S`` and is tried again, so that a stop is heeded; the loop waits for no call longer than
   ``_STUCK_S`` beyond what it may take.
3. Packets that cannot be decoded are counted and left out; an input of which nothing could be decoded is an error.
4. A live input never ends well: its end is an error that a retry can mend.
5. Programme time is 0 at the first picture; sound keeps its distance to the pictures.
"""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Final, TypeAlias, TypeVar

import av

from proxy.errors import SourceDamaged, SourceError, SourceUnreachable
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.redact import redact
from proxy.media.time import TICK, TICKS_PER_SECOND, to_ticks
from proxy.media.timeline import USUAL_STEP, Timeline
from proxy.sources.failures import mapped
from proxy.sources.opening import READ_S, Input, Opened, opened
from proxy.sources.pictures import Pictures
from proxy.sources.protocol import Damage
from proxy.sources.sounds import Sounds

T = TypeVar("T")
Packet: TypeAlias = "av.Packet[av.stream.Stream]"

_LONGEST_JUMP: Final = 10 * TICKS_PER_SECOND
_CAPTURES_KEPT: Final = 128
_STUCK_S: Final = 20.0
_CLOSE_S: Final = 3.0
_PICTURELESS: Final = 3
"""A camera that sends something gets so many times ``silence_s`` to send a whole picture: some send keyframes that rarely."""


class Intake:
    """One input as a :class:`~proxy.sources.protocol.Source`. It may be read several times, one after the other.

    Attributes:
        live: whether frames come at the world's pace.
        name: redacted, for logs.
        damage: what could not be decoded so far.
        decoder: which decoder works, once something is open.
    """

    def __init__(self, what: Input) -> None:
        self._what = what
        self.live, self.name = what.live, what.name
        self.damage = Damage()
        self.decoder = ""

    async def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        """Everything in the input, in the order it is decoded. Closing it closes the input.

        Raises:
            SourceUnreachable, SourceRejected, SourceUnsupported, SourceDamaged: see ``errors``.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="decode")
        stop = threading.Event()
        reader = Reader(self._what, self.damage, stop)
        try:
            self.decoder = await self._answer(thread, reader.open, self._what.open_s)
            while (items := await self._answer(thread, reader.pull, READ_S)) is not None:
                for item in items:
                    yield item
        finally:
            stop.set()
            if self._what.fetch is not None:
                self._what.fetch.stop()
            closing = thread.submit(reader.close)
            thread.shutdown(wait=False)
            await asyncio.wait([asyncio.wrap_future(closing)], timeout=_CLOSE_S)

    async def _answer(self, thread: ThreadPoolExecutor, call: Callable[[], T], takes_s: float) -> T:
        answer = asyncio.get_running_loop().run_in_executor(thread, call)
        try:
            async with asyncio.timeout(takes_s + _STUCK_S):
                return await answer
        except TimeoutError:
            raise SourceUnreachable(f"{self._what.name} does not answer", hint="check the source and its network") from None


class Reader:
    """The blocking side: one container, used from one thread."""

    def __init__(self, what: Input, damage: Damage, stop: threading.Event) -> None:
        self._what = what
        self._damage = damage
        self._stop = stop
        self._opened: Opened | None = None
        self._packets: Iterator[Packet] = iter(())
        self._timeline = Timeline(jump=None)
        self._pictures, self._sounds = Pictures(), Sounds()
        self._captures: OrderedDict[int, int] = OrderedDict()
        self._pictured = False
        self._quiet_s = self._pictureless_s = 0.0

    def open(self) -> str:
        """Open the input; returns which decoder works."""
        self._opened = opened(self._what)
        rate = self._opened.video.average_rate or self._opened.video.guessed_rate
        step = round(TICKS_PER_SECOND / rate) if rate else USUAL_STEP
        self._timeline = Timeline(jump=_LONGEST_JUMP if self._what.live else None, step=step)
        self._packets = self._demuxed()
        return self._opened.decoder

    def pull(self) -> list[RawFrame | RawAudio] | None:
        """The next pictures or sounds, none when none came for a while; ``None`` at the end of the input or when told to stop."""
        until = time.monotonic() + READ_S
        while not self._stop.is_set():
            items = self._step()
            if items is None or items or time.monotonic() >= until:
                return items
        return None

    def close(self) -> None:
        """Close the container; again is harmless."""
        held, self._opened = self._opened, None
        self._packets = iter(())
        if held is not None:
            held.container.close()
        if self._what.fetch is not None:
            self._what.fetch.close()

    def _step(self) -> list[RawFrame | RawAudio] | None:
        began = time.monotonic()
        try:
            packet = self._read()
        except SourceError as error:
            if self._what.live or not self._pictured:
                raise
            self._note_damage(error.message)
            return self._drained()
        if packet is None:
            self._end()
            return None
        items = self._decode(packet) if packet is not _NOTHING else []
        self._watch(time.monotonic() - began, came=packet is not _NOTHING, pictured=any(isinstance(i, RawFrame) for i in items))
        return items

    def _read(self) -> Packet | None:
        """The next packet, ``_NOTHING`` when none came in time, ``None`` at the end."""
        with mapped(self._what.name, live=self._what.live):
            try:
                return next(self._packets, None)
            except av.error.ExitError:
                self._packets = self._demuxed()
                return _NOTHING

    def _watch(self, seconds: float, *, came: bool, pictured: bool) -> None:
        """Fail when a camera has been silent, or without a picture, for too long."""
        self._quiet_s = 0.0 if came else self._quiet_s + seconds
        self._pictureless_s = 0.0 if pictured else self._pictureless_s + seconds
        name, limit_s = self._what.name, self._what.silence_s
        if self._quiet_s > limit_s:
            raise SourceUnreachable(f"{name}: silent for {limit_s:.0f} s", hint="check the camera and its network")
        if self._pictureless_s > limit_s * _PICTURELESS:
            raise SourceUnreachable(
                f"{name}: no picture for {limit_s * _PICTURELESS:.0f} s", hint="let the camera send keyframes more often"
            )

    def _demuxed(self) -> Iterator[Packet]:
        held = self._held()
        return held.container.demux([held.video, held.audio] if held.audio else [held.video])

    def _end(self) -> None:
        name = self._what.name
        if self._what.live:
            raise SourceUnreachable(f"{name} ended the stream", hint="check the camera")
        if not self._pictured:
            raise SourceDamaged(f"nothing in {name} could be decoded", hint="try it in a player; it may be cut short")

    def _drained(self) -> list[RawFrame | RawAudio]:
        """What the decoders still hold when the input cannot be read on; then comes the end."""
        held = self._held()
        self._packets = iter(())
        try:
            frames = held.video.codec_context.decode(None)
        except av.FFmpegError:
            return []
        return [picture for frame in frames for picture in self._picture(frame)]

    def _decode(self, packet: Packet) -> list[RawFrame | RawAudio]:
        self._note_capture(packet)
        if packet.is_corrupt:
            self._note_damage("a packet arrived damaged")
        try:
            frames = packet.decode()
            for frame in frames:
                if isinstance(frame, av.AudioFrame):
                    self._sounds.put(frame)
        except (av.FFmpegError, ValueError) as error:
            self._note_damage(f"{packet.stream.type}: {error}")
            return []
        items: list[RawFrame | RawAudio] = []
        for frame in frames:
            if isinstance(frame, av.VideoFrame):
                items += self._picture(frame)
        return items + list(self._sounds.take(self._timeline.offset))

    def _picture(self, frame: av.VideoFrame) -> list[RawFrame]:
        arrived_ns = time.monotonic_ns()
        stream = self._held().video
        aspect = stream.sample_aspect_ratio
        turned = self._pictures.turn(frame, aspect=Fraction(aspect) if aspect else None)
        if turned is None:
            return []
        if frame.is_corrupt:
            self._note_damage("a picture is incomplete")
        pts = None if frame.pts is None else to_ticks(frame.pts, frame.time_base or stream.time_base or TICK)
        arrived = arrived_ns * TICKS_PER_SECOND // 1_000_000_000 if self._what.live else None
        captured_ns = None if frame.pts is None else self._captures.pop(frame.pts, None)
        self._pictured = True
        return [RawFrame(*turned, self._timeline.place(pts, arrived=arrived), captured_ns, arrived_ns)]

    def _note_capture(self, packet: Packet) -> None:
        """Remember the wall-clock time that RTCP gives a packet, until its picture comes out of the decoder."""
        if packet.pts is None or packet.stream.type != "video" or not packet.has_sidedata("prft"):
            return
        (microseconds,) = struct.unpack_from("<q", bytes(packet.get_sidedata("prft")))
        self._captures[packet.pts] = microseconds * 1000
        while len(self._captures) > _CAPTURES_KEPT:
            self._captures.popitem(last=False)

    def _note_damage(self, detail: str) -> None:
        self._damage.packets += 1
        self._damage.detail = redact(detail)

    def _held(self) -> Opened:
        if self._opened is None:
            raise AssertionError("an input is opened before it is read")
        return self._opened


_NOTHING: Final = av.Packet()
