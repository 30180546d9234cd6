"""What sinks get: compressed access units and a description of their streams, and stills. Only ``encoding/`` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias, final

from proxy.media.formats import AudioFormat, VideoFormat
from proxy.media.sealed import Sealed


class VideoCodec(StrEnum):
    """Codecs, spelled as FFmpeg spells them."""

    H264 = "h264"
    HEVC = "hevc"
    AV1 = "av1"


NalCodec: TypeAlias = Literal[VideoCodec.H264, VideoCodec.HEVC]
"""Those whose access units consist of NAL units, which carry messages and by which claims are made."""
NAL_CODECS: Final[Mapping[str, NalCodec]] = {VideoCodec.H264.value: VideoCodec.H264, VideoCodec.HEVC.value: VideoCodec.HEVC}
"""The same, by what FFmpeg calls them."""


class AudioCodec(StrEnum):
    """Codecs, spelled as FFmpeg spells them."""

    AAC = "aac"


@dataclass(frozen=True, slots=True)
class VideoStream:
    """A video stream: ``extradata`` is Annex B parameter sets (H.264: SPS, PPS; HEVC: VPS, SPS, PPS) or AV1's sequence header.

    The rate is in frames/s.
    """

    codec: VideoCodec
    format: VideoFormat
    extradata: bytes
    frame_rate: float


@dataclass(frozen=True, slots=True)
class AudioStream:
    """An audio stream: ``extradata`` is an AudioSpecificConfig."""

    codec: AudioCodec
    format: AudioFormat
    extradata: bytes


@dataclass(frozen=True, slots=True)
class StreamSet:
    """The streams of one programme. A sink that meets another set than before starts its output anew."""

    video: VideoStream
    audio: AudioStream | None


@final
@dataclass(frozen=True, slots=True, eq=False)
class EncodedPacket(metaclass=Sealed):
    """One access unit (video, Annex B or AV1's OBUs, parameter sets in front of each keyframe) or one audio frame (raw AAC).

    Attributes:
        data: the compressed bytes.
        pts, dts, duration: in ticks.
        keyframe: video that decodes on its own; always true for audio.
        is_video: which of the two streams of ``streams`` it belongs to.
        streams: the programme it belongs to; the same object for every packet until the programme changes.
        captured_ns, arrived_ns: the frame's clock readings (see ``RawFrame``), for latency; ``None`` and 0 for audio.
    """

    data: bytes
    pts: int
    dts: int
    duration: int
    keyframe: bool
    is_video: bool
    streams: StreamSet
    captured_ns: int | None = None
    arrived_ns: int = 0


@final
@dataclass(frozen=True, slots=True, eq=False)
class Still(metaclass=Sealed):
    """One picture of a programme as JPEG, and nothing beside it; ``pts`` in ticks."""

    data: bytes
    pts: int


def make_still(data: bytes, *, pts: int) -> Still:
    """Seal a picture that an encoder of this package made; lint bans this call everywhere else."""
    return Still._create(data, pts)


def make_packet(
    data: bytes,
    *,
    pts: int,
    dts: int,
    duration: int,
    keyframe: bool,
    is_video: bool,
    streams: StreamSet,
    captured_ns: int | None = None,
    arrived_ns: int = 0,
) -> EncodedPacket:
    """Seal what an encoder of this package made; lint bans this call everywhere else."""
    return EncodedPacket._create(data, pts, dts, duration, keyframe, is_video, streams, captured_ns, arrived_ns)
