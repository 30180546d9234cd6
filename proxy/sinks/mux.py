"""From packets to a container's bytes, in one place for every sink that needs a container.

1. Muxers write into Python objects, never to URLs: libavformat's outputs hold the interpreter while they wait for a peer.
2. Nothing describes where or when the recording was made: no creation time, no encoder's name.
3. Timestamps leave as they came, less ``origin``.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from fractions import Fraction
from typing import Final, Protocol

import av
from av.container import OutputContainer
from av.stream import Stream

from proxy.encoding.obu import DELIMITER
from proxy.encoding.packet import EncodedPacket, StreamSet, VideoCodec, VideoStream
from proxy.media.time import TICK

_TAGS: Final = {VideoCodec.H264: "avc1", VideoCodec.HEVC: "hvc1", VideoCodec.AV1: "av01"}
_TAGGED: Final = frozenset({"mp4", "mov"})


class Writable(Protocol):
    """Where a container's bytes go. One that has ``seek`` and ``tell`` as well is used as a seekable file."""

    def write(self, data: bytes, /) -> int | None:
        """Take ``data`` whole, or raise ``OSError``."""
        ...


class Muxer:
    """One container being written, for one programme. Blocking: it runs where its sink may block.

    Args:
        target: takes the bytes.
        container: the format as FFmpeg names it.
        streams: the programme.
        options: the muxer's own options.
        origin: ticks that become 0.
        pictures: whether they are written; without them it is of the programme's sound alone.

    Raises:
        ValueError: the container does not carry the codec.
    """

    def __init__(
        self,
        target: Writable,
        container: str,
        streams: StreamSet,
        *,
        options: Mapping[str, str] | None = None,
        origin: int = 0,
        pictures: bool = True,
    ) -> None:
        if container == "mpegts" and streams.video.codec is VideoCodec.AV1:
            raise ValueError("MPEG-TS carries no AV1")
        chosen = {"fflags": "+bitexact", **(options or {})}
        self._output = av.open(target, "w", format=container, container_options=chosen)
        tag = _TAGS[streams.video.codec] if container in _TAGGED else None
        self._video = _add_video(self._output, streams.video, tag=tag) if pictures else None
        self._audio = _add_audio(self._output, streams)
        self._origin = origin

    def begin(self) -> None:
        """Write what stands before the first packet; :meth:`write` does it as well.

        Raises:
            av.FFmpegError, OSError: the target refused the bytes.
        """
        self._output.start_encoding()

    def write(self, packet: EncodedPacket) -> None:
        """Write one packet of the programme; what this container has no stream for is left out.

        Raises:
            av.FFmpegError, OSError: the target refused the bytes, or the muxer the packet.
        """
        stream = self._video if packet.is_video else self._audio
        if stream is None:
            return
        unit = av.Packet(packet.data)
        unit.stream = stream
        unit.time_base = TICK
        unit.pts, unit.dts, unit.duration = packet.pts - self._origin, packet.dts - self._origin, packet.duration
        unit.is_keyframe = packet.keyframe
        self._output.mux_one(unit)

    def close(self) -> None:
        """Finish the container.

        Raises:
            av.FFmpegError, OSError: the target refused the bytes.
        """
        self._output.close()


def _add_video(output: OutputContainer, video: VideoStream, *, tag: str | None) -> Stream:
    """A stream of packets that are encoded already: its description is a parsed header, completed from ``video``."""
    av1 = video.codec is VideoCodec.AV1
    described, format_name = (DELIMITER + video.extradata, "obu") if av1 else (video.extradata, video.codec.value)
    with av.open(io.BytesIO(described), "r", format=format_name) as header:
        stream = output.add_stream_from_template(header.streams.video[0], opaque=True)
    shape, context = video.format, stream.codec_context
    context.width, context.height, context.pix_fmt = shape.width, shape.height, "yuv420p"
    context.sample_aspect_ratio = shape.sample_aspect_ratio
    context.color_range, context.colorspace = shape.colour.range, shape.colour.space
    context.color_primaries, context.color_trc = shape.colour.primaries, shape.colour.transfer
    context.framerate = Fraction(video.frame_rate).limit_denominator(1001)
    context.extradata = video.extradata
    if tag is not None:
        context.codec_tag = tag
    stream.time_base = TICK
    return stream


def _add_audio(output: OutputContainer, streams: StreamSet) -> Stream | None:
    if streams.audio is None:
        return None
    shape = streams.audio.format
    stream = output.add_stream(streams.audio.codec.value, rate=shape.sample_rate)
    stream.codec_context.layout = "stereo" if shape.channels == 2 else "mono"
    return stream
