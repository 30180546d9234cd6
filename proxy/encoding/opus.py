"""A programme's AAC sound as Opus, which is what WebRTC peers hear.

1. What goes in went through the gate already: packets of released sound, or of silence.
2. Units are 20 ms long and carry the time at which they are heard. After a gap everything starts anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
from av.audio.codeccontext import AudioCodecContext

from proxy.encoding.packet import AudioStream, EncodedPacket
from proxy.errors import EncoderError
from proxy.media.redact import redact
from proxy.media.time import from_ticks

RATE: Final = 48_000
UNIT: Final = 960
"""Samples in an Opus unit."""

SAMPLE: Final = Fraction(1, RATE)

_JITTER: Final = 2 * UNIT


@dataclass(frozen=True, slots=True)
class OpusUnit:
    """One Opus packet; ``pts`` counts samples at 48 kHz."""

    data: bytes
    pts: int


class OpusTranscoder:
    """Turns one track of sound.

    Args:
        stream: the track.
        bitrate_kbps: of the Opus.
    """

    def __init__(self, stream: AudioStream, *, bitrate_kbps: int = 96) -> None:
        self._stream = stream
        self._bit_rate = bitrate_kbps * 1000
        self._session: _Session | None = None

    def encode(self, packet: EncodedPacket) -> list[OpusUnit]:
        """The units that became ready with ``packet``, a packet of sound.

        Raises:
            EncoderError: the sound cannot be turned.
        """
        position = from_ticks(packet.pts, SAMPLE)
        try:
            if self._session is None or abs(position - self._session.expected) > _JITTER:
                self._session = _Session(self._stream, self._bit_rate, position)
            return self._session.encode(packet.data)
        except (av.FFmpegError, ValueError) as error:
            self._session = None
            raise EncoderError(f"opus failed: {redact(str(error))}", hint="set audio = drop to go on without sound") from error


class _Session:
    """A decoder, a resampler and an encoder for sound without gaps, which begins at sample ``position``."""

    def __init__(self, stream: AudioStream, bit_rate: int, position: int) -> None:
        self.expected = position
        self._decoder = _decoder(stream)
        self._encoder = _encoder(bit_rate)
        self._resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE, frame_size=UNIT)

    def encode(self, data: bytes) -> list[OpusUnit]:
        frames = []
        for frame in self._decoder.decode(av.Packet(data)):
            samples = frame.samples * RATE // frame.sample_rate
            frame.pts, frame.time_base = self.expected, SAMPLE
            self.expected += samples
            frames += self._resampler.resample(frame)
        packets = [packet for frame in frames for packet in self._encoder.encode(frame)]
        # The encoder counts from before its look-ahead, which the other side's decoder leaves out again.
        return [OpusUnit(bytes(packet), max(0, packet.pts or 0)) for packet in packets]


def _decoder(stream: AudioStream) -> AudioCodecContext:
    context = av.CodecContext.create(stream.codec.value, "r")
    if not isinstance(context, AudioCodecContext):
        raise TypeError(f"{stream.codec} is no sound")
    context.extradata = stream.extradata
    return context


def _encoder(bit_rate: int) -> AudioCodecContext:
    context = av.CodecContext.create("libopus", "w")
    if not isinstance(context, AudioCodecContext):
        raise TypeError("libopus is an audio encoder")
    context.sample_rate, context.layout, context.format = RATE, "stereo", "s16"
    context.bit_rate, context.time_base = bit_rate, SAMPLE
    context.options = {"application": "audio", "frame_duration": "20"}
    context.open()
    return context
