"""Released sound becomes AAC frames at 48 kHz.

1. One track of one shape for a whole programme: whatever rate and channels come in, the same goes out.
2. The time line has no holes: gaps are filled with silence, what overlaps is dropped. After a jump that is too long to fill
   the time line goes on at the new place.
3. The encoder's priming frame is left out, so a packet's pts is when it is heard, and none is before the first sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.codec.context import Flags
from numpy.typing import NDArray

from proxy.anonymiser import ReleasedAudio
from proxy.encoding.options import Options
from proxy.encoding.packet import AudioCodec, AudioStream
from proxy.errors import EncoderError
from proxy.media.formats import AudioFormat
from proxy.media.redact import redact
from proxy.media.sealed import insist
from proxy.media.time import TICKS_PER_SECOND, from_ticks

RATE: Final = 48_000
CHANNELS: Final = 2
FRAME: Final = 1024
"""Samples in an AAC frame."""

FILLED_S: Final = 30
"""The longest gap that is filled, seconds."""

_TICKS_PER_FRAME: Final = FRAME * TICKS_PER_SECOND // RATE
_SAMPLE: Final = Fraction(1, RATE)
_LAYOUTS: Final = {2: "stereo", 4: "quad", 6: "5.1", 8: "7.1"}

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SoundUnit:
    """One AAC frame without a header; times in ticks."""

    data: bytes
    pts: int
    duration: int


class AudioEncoder:
    """Encodes one track of sound: AAC-LC, 48 kHz, stereo. Positions inside are counted in samples at that rate."""

    def __init__(self, options: Options) -> None:
        self._context = _opened(options.audio_bitrate_kbps * 1000)
        self._converter = _Converter()
        self._waiting = np.zeros((CHANNELS, 0), np.float32)
        self._begin: int | None = None
        self._first = 0

    @property
    def stream(self) -> AudioStream:
        """The track's description."""
        return AudioStream(AudioCodec.AAC, AudioFormat(RATE, CHANNELS), self._context.extradata or b"")

    def start(self, pts: int) -> None:
        """The track begins at ``pts``, with silence until there is sound; what is earlier is dropped. Again is harmless."""
        if self._begin is None:
            self._begin = self._first = _position(pts)

    def encode(self, block: ReleasedAudio) -> list[SoundUnit]:
        """What became ready with ``block``.

        Raises:
            EncoderError: the sound cannot be converted or encoded.
            TypeError: this is no released sound.
        """
        insist(block, ReleasedAudio)
        self.start(block.pts)
        units: list[SoundUnit] = []
        for position, samples in self._converter.convert(block):
            units += self._put(position, samples)
        return units

    def silence_until(self, pts: int) -> list[SoundUnit]:
        """Fill the track with silence up to ``pts`` where it is shorter; nothing before it was started."""
        if self._begin is None:
            return []
        missing = _position(pts) - self._end
        if missing <= 0:
            return []
        if missing > FILLED_S * RATE:
            return self._jump(_position(pts))
        return self._append(np.zeros((CHANNELS, missing), np.float32))

    def flush(self) -> list[SoundUnit]:
        """Everything still inside; the last frame is filled up with silence. The encoder takes nothing more."""
        units: list[SoundUnit] = []
        for position, samples in self._converter.flush():
            units += self._put(position, samples)
        return units + self._pad() + self._packets(None)

    @property
    def _end(self) -> int:
        return (self._begin or 0) + self._waiting.shape[1]

    def _put(self, position: int, samples: F32) -> list[SoundUnit]:
        """Place ``(2, N)`` samples at ``position``: up to a frame off counts as jitter."""
        units: list[SoundUnit] = []
        gap = position - self._end
        if gap > FILLED_S * RATE:
            units = self._jump(position)
        elif gap > FRAME:
            units = self._append(np.zeros((CHANNELS, gap), np.float32))
        elif gap < -FRAME:
            samples = samples[:, -gap:]
        return units + self._append(samples)

    def _append(self, samples: F32) -> list[SoundUnit]:
        line = np.concatenate([self._waiting, samples], axis=1)
        units: list[SoundUnit] = []
        while line.shape[1] >= FRAME:
            units += self._submit(line[:, :FRAME])
            line = line[:, FRAME:]
        self._waiting = line
        return units

    def _pad(self) -> list[SoundUnit]:
        short = -self._waiting.shape[1] % FRAME
        return self._append(np.zeros((CHANNELS, short), np.float32)) if short else []

    def _jump(self, position: int) -> list[SoundUnit]:
        units = self._pad()
        self._begin = position
        return units

    def _submit(self, samples: F32) -> list[SoundUnit]:
        if self._begin is None:
            raise AssertionError("samples are placed only after the track was started")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._begin, _SAMPLE
        self._begin += FRAME
        return self._packets(frame)

    def _packets(self, frame: av.AudioFrame | None) -> list[SoundUnit]:
        try:
            packets = self._context.encode(frame)
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(f"aac failed: {redact(str(error))}", hint="set audio = drop to go on without sound") from error
        return [
            SoundUnit(bytes(packet), packet.pts * TICKS_PER_SECOND // RATE, _TICKS_PER_FRAME)
            for packet in packets
            if packet.pts is not None and packet.pts >= self._first
        ]


class _Converter:
    """Sound of any rate and channels to 48 kHz stereo, each piece with its position in samples."""

    def __init__(self) -> None:
        self._format: AudioFormat | None = None
        self._resampler: av.AudioResampler | None = None
        self._position = 0
        self._expected = Fraction(0)

    def convert(self, block: ReleasedAudio) -> list[tuple[int, F32]]:
        """The pieces that became ready: ``(2, N)`` float32, in order."""
        pieces: list[tuple[int, F32]] = []
        if block.format != self._format or abs(block.pts - self._expected) > _TICKS_PER_FRAME:
            pieces = self.flush()
            self._format, self._expected = block.format, Fraction(block.pts)
            self._position = _position(block.pts)
            self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        self._expected += Fraction(block.samples.shape[1] * TICKS_PER_SECOND, block.format.sample_rate)
        return pieces + self._resampled(_frame(block))

    def flush(self) -> list[tuple[int, F32]]:
        """What the resampler still holds; the next block starts anew."""
        pieces = self._resampled(None)
        self._format, self._resampler = None, None
        return pieces

    def _resampled(self, frame: av.AudioFrame | None) -> list[tuple[int, F32]]:
        if self._resampler is None:
            return []
        try:
            converted = self._resampler.resample(frame)
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(f"sound cannot be converted: {redact(str(error))}", hint="set audio = drop") from error
        pieces = []
        for part in converted:
            if part is not None:
                pieces.append((self._position, part.to_ndarray().astype(np.float32, copy=False)))
                self._position += part.samples
        return pieces


def _frame(block: ReleasedAudio) -> av.AudioFrame:
    """Mono goes to both sides as loud as it was, which the resampler would not do; so does what has no common layout."""
    samples = block.samples
    layout = _LAYOUTS.get(block.format.channels)
    if layout is None:
        layout, samples = "stereo", np.tile(samples.mean(axis=0, keepdims=True, dtype=np.float32), (2, 1))
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", layout)
    frame.sample_rate, frame.time_base = block.format.sample_rate, Fraction(1, block.format.sample_rate)
    return frame


def _position(pts: int) -> int:
    return from_ticks(pts, _SAMPLE)


def _opened(bit_rate: int) -> AudioCodecContext:
    context = av.CodecContext.create("aac", "w")
    if not isinstance(context, AudioCodecContext):
        raise TypeError("aac is an audio encoder")
    context.sample_rate, context.layout, context.format = RATE, "stereo", "fltp"
    context.bit_rate, context.time_base = bit_rate, _SAMPLE
    context.flags |= Flags.global_header
    try:
        context.open()
    except av.FFmpegError as error:
        raise EncoderError(f"aac does not open: {redact(str(error))}", hint="choose another audio bitrate") from error
    return context
