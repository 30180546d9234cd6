"""Pictures and sound through the real gate, and the packets that the real encoders make of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from fractions import Fraction

import numpy as np

from proxy.anonymiser import AnonymisedFrame, Anonymiser, ReleasedAudio
from proxy.encoding.options import Options
from proxy.encoding.packet import EncodedPacket
from proxy.encoding.programme import Programme, SoundTrack
from proxy.masking.plan import CoverRegions
from proxy.media.formats import AudioFormat, VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.time import TICKS_PER_SECOND
from proxy.voices.policy import AudioPolicy

SHAPE = VideoFormat(160, 96)
STEP = TICKS_PER_SECOND // 25


class NothingToHide:
    """A redactor for pictures in which nobody is."""

    reversible = False

    def paint(self, planes: Planes, regions: object, *, pts: int) -> None:
        """Leave the picture as it is."""


def pictures(times: Iterable[int], shape: VideoFormat = SHAPE, *, gate: Anonymiser | None = None) -> Iterator[AnonymisedFrame]:
    """A moving ramp at each of ``times`` (ticks); its mean brightness tells which picture it is."""
    gate = gate or Anonymiser(NothingToHide())
    for number, pts in enumerate(times):
        y = np.full((shape.height, shape.width), 30 + number * 5 % 200, np.uint8)
        y[:, : shape.width // 2] += 10
        half = (shape.height // 2, shape.width // 2)
        planes = Planes(y, np.full(half, 110, np.uint8), np.full(half, 140, np.uint8))
        yield gate.anonymise(RawFrame(planes, shape, pts, None, number), CoverRegions.nobody())


def sound(pts: int, samples: int, *, rate: int = 48_000, channels: int = 2, level: float = 0.5) -> ReleasedAudio:
    """A block of a 440 Hz tone, released unchanged."""
    moments = (np.arange(samples) + pts * rate / TICKS_PER_SECOND) / rate
    tone = (level * np.sin(2 * np.pi * 440 * moments)).astype(np.float32)
    raw = RawAudio(np.tile(tone, (channels, 1)), AudioFormat(rate, channels), pts)
    (released,) = Anonymiser(NothingToHide(), audio=AudioPolicy.PASS).open_sound().put(raw)
    assert released is not None
    return released


def every(step: int, count: int, *, first: int = 0) -> list[int]:
    """``count`` times, ``step`` apart."""
    return [first + number * step for number in range(count)]


def encoded(
    frames: Iterable[AnonymisedFrame],
    *,
    options: Options | None = None,
    live: bool = True,
    track: SoundTrack = SoundTrack.NEVER,
) -> list[EncodedPacket]:
    """All packets of a programme of these pictures."""
    programme = Programme(options or Options(), live=live, sound=track)
    packets: list[EncodedPacket] = []
    for frame in frames:
        packets += programme.encode(frame)
        frame.release()
    return packets + programme.flush()


async def stream(packets: Iterable[EncodedPacket]) -> AsyncIterator[EncodedPacket]:
    """The packets, one after another, at once."""
    for packet in packets:
        yield packet


VARIABLE = [0, 3000, 4500, 12000, 12600, 30000, 33000, 36003, 39001, 80000]
"""Times of a camera that skips and hurries."""

ANAMORPHIC = Fraction(4, 3)
