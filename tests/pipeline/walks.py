"""Sources, detectors and sinks that are made up, for walks whose gate, tracking and encoding are real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from proxy.anonymiser import Anonymiser
from proxy.encoding.options import Options as EncodingOptions
from proxy.encoding.packet import EncodedPacket
from proxy.encoding.programme import Programme, SoundTrack
from proxy.masking.cadence import Cadence
from proxy.masking.lookback import LookBack
from proxy.masking.passes import Pass
from proxy.masking.policy import MaskPolicy
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawAudio, RawFrame
from proxy.pipeline.camera import Camera
from proxy.pipeline.clock import ProgrammeClock
from proxy.pipeline.examine import Examiner
from proxy.pipeline.stages.anonymise import Anonymise
from proxy.pipeline.stages.encode import Encode
from proxy.pipeline.stages.ingest import SoundLine
from proxy.pipeline.stages.publish import Publish
from proxy.redactors.solid import Solid
from proxy.sinks.protocol import Sink
from proxy.sources.protocol import Damage, Source
from proxy.telemetry.events import Event
from proxy.vision.detections import Detections
from proxy.vision.tiles import Tile

STEP = 3600
SHAPE = VideoFormat(160, 96)


def picture(index: int, shape: VideoFormat = SHAPE) -> RawFrame:
    """A grey picture whose first pixel is its number, so that a detector knows which one it looks at."""
    buffer = np.full(shape.buffer_shape, 128, np.uint8)
    buffer[0, 0] = index
    return RawFrame(Planes.of_buffer(buffer, shape), shape, index * STEP, None, 0)


class Looking:
    """A detector that answers with ``answer(number of the picture)``."""

    name = "made-up"

    def __init__(self, answer: Callable[[int], Detections] = lambda _: Detections.empty()) -> None:
        self.answer = answer

    def detect(self, planes: Planes) -> Detections:
        return self.answer(int(planes.y[0, 0]))


class Closely:
    """A close look that sees the whole picture as its only part, with ``detector``."""

    def __init__(self, detector: Looking) -> None:
        self.detector = detector

    def tiles(self, width: int, height: int) -> tuple[Tile, ...]:
        return (Tile(0, 0, width, height),)

    def detect_in(self, planes: Planes, tiles: Sequence[Tile]) -> Detections:
        return self.detector.detect(planes)


class Given:
    """A source that gives ``items``, then ends, fails with ``failure`` or, where that is ``...``, stays silent."""

    name = "given"
    decoder = "none"

    def __init__(self, items: Iterable[RawFrame | RawAudio], failure: object = None, *, live: bool = False) -> None:
        self.items, self.failure, self.live = list(items), failure, live
        self.damage = Damage()
        self.closed = False
        self.pause_s = 0.0

    async def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        try:
            for item in self.items:
                yield item
                await asyncio.sleep(self.pause_s)
            if isinstance(self.failure, Exception):
                raise self.failure
            if self.failure is ...:
                await asyncio.Event().wait()
        finally:
            self.closed = True


class Kept:
    """A sink that keeps what it gets, or fails with ``failure`` at the first packet."""

    name = "kept"

    def __init__(self, failure: Exception | None = None) -> None:
        self.packets: list[EncodedPacket] = []
        self.failure = failure
        self.ended = False

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        async for packet in packets:
            if self.failure:
                raise self.failure
            self.packets.append(packet)
        self.ended = True

    @property
    def times(self) -> list[int]:
        return [packet.pts for packet in self.packets if packet.is_video]


@dataclass
class Walk:
    """A camera made of these, changed by ``change``, and the events it told of."""

    sources: list[Source]
    sinks: list[Sink]
    live: bool = False
    detector: Looking = field(default_factory=Looking)
    give_up_at_first: bool = False
    starting: VideoFormat | None = None
    events: list[Event] = field(default_factory=list)
    change: Callable[[Camera], None] = lambda _: None

    def camera(self) -> Camera:
        policy, waiting = MaskPolicy(), iter(self.sources)
        detectors = dict.fromkeys(Pass, self.detector)
        publishers = tuple(Publish("door", sink, sink.name, self.live, self.events.append) for sink in self.sinks)
        anonymise = Anonymise(
            "door",
            Examiner("door", detectors, Closely(self.detector), self.events.append),
            LookBack(policy),
            Cadence(policy),
            Anonymiser(Solid()),
            SoundLine(),
            self.events.append,
            lookback_ms=policy.lookback_ms,
            live=self.live,
        )
        programme = Programme(EncodingOptions(), live=self.live, sound=SoundTrack.AS_INPUT)
        encode = Encode("door", programme, [publisher.channel for publisher in publishers], self.events.append)
        clock = ProgrammeClock(delay=policy.lookback) if self.live else None
        camera = Camera(
            "door",
            lambda: next(waiting),
            clock,
            anonymise,
            encode,
            publishers,
            self.events.append,
            self.give_up_at_first,
            self.starting,
        )
        self.change(camera)
        return camera
