"""Anonymised pictures become access units.

1. The encoder opens when the frame rate is known: the first few pictures are kept (copied) until then, or until the flush.
2. Timestamps are the pictures' own; there are no B-frames, so pictures leave in the order they came and dts equals pts.
3. Keyframes are forced at fixed times, and each carries its parameter sets in front.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext

from proxy.anonymiser import AnonymisedFrame
from proxy.encoding import codecs
from proxy.encoding.annexb import parameter_sets
from proxy.encoding.codecs import EncoderPlan
from proxy.encoding.hardware import choose
from proxy.encoding.obu import sequence_header
from proxy.encoding.opening import open_context, picture
from proxy.encoding.options import Options
from proxy.encoding.packet import VideoCodec, VideoStream
from proxy.encoding.rate import FALLBACK_RATE, nominal_rate
from proxy.errors import EncoderError
from proxy.media.formats import VideoFormat
from proxy.media.planes import U8
from proxy.media.redact import redact
from proxy.media.sealed import insist
from proxy.media.time import TICKS_PER_SECOND

MEASURED_FRAMES: Final = 5

ASKED_APART: Final = TICKS_PER_SECOND // 2
"""The least time between two keyframes, however often one is asked for: at most so long waits who comes in."""

_IN_FLIGHT: Final = 600


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One compressed picture, Annex B or AV1's OBUs; times in ticks. ``stream`` describes the stream that it belongs to."""

    data: bytes
    pts: int
    duration: int
    keyframe: bool
    stream: VideoStream
    captured_ns: int | None
    arrived_ns: int


@dataclass(frozen=True, slots=True)
class OpenedEncoder:
    """Which encoder runs, for the log."""

    name: str
    hardware: bool
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    buffer: U8
    pts: int
    captured_ns: int | None
    arrived_ns: int


class VideoEncoder:
    """Encodes the pictures of one camera, of one format after another.

    Args:
        options: what the user asked for.
        live: whether latency counts: no look-ahead, and a bitrate that a line can carry.

    Attributes:
        opened: the encoder in use; ``None`` until it is open.
    """

    def __init__(self, options: Options, *, live: bool) -> None:
        self.opened: OpenedEncoder | None = None
        self._options = options
        self._live = live
        self._held: list[_Picture] = []
        self._shape: VideoFormat | None = None
        self._session: _Session | None = None

    def encode(self, frame: AnonymisedFrame) -> list[AccessUnit]:
        """What became ready with ``frame``, whose buffer is not needed any more when this returns.

        Raises:
            EncoderError: no encoder opened, or the one in use failed.
            TypeError: this is no anonymised frame.
        """
        insist(frame, AnonymisedFrame)
        units: list[AccessUnit] = []
        if frame.format != self._shape:
            units = self.flush()
            self._shape = frame.format
        if self._session is not None:
            return units + self._session.encode(_Picture(frame.buffer, frame.pts, frame.captured_ns, frame.arrived_ns))
        self._held.append(_Picture(frame.buffer.copy(), frame.pts, frame.captured_ns, frame.arrived_ns))
        return units + (self._open(frame.format) if len(self._held) >= MEASURED_FRAMES else [])

    @property
    def next_pts(self) -> int | None:
        """When a picture that follows the last one at the usual step is shown; ``None`` while no encoder is open."""
        return self._session.next_pts if self._session is not None else None

    def repeat(self, frame: AnonymisedFrame, *, pts: int) -> list[AccessUnit]:
        """What became ready when ``frame``, of the format in use, was encoded again to be shown at ``pts``.

        Raises:
            EncoderError: the encoder failed.
            TypeError: this is no anonymised frame.
        """
        insist(frame, AnonymisedFrame)
        if self._session is None or frame.format != self._shape:
            return []
        return self._session.encode(_Picture(frame.buffer, pts, frame.captured_ns, frame.arrived_ns))

    def ask_keyframe(self, *, at_once: bool = False) -> None:
        """Make one of the coming pictures a keyframe: somebody has come in, or has lost the picture. Any thread may ask.

        ``at_once`` is for the next picture, however near the last keyframe is: nothing of the ones before may shine through it.
        """
        if self._session is not None:
            self._session.asked = True
            self._session.at_once = self._session.at_once or at_once

    def flush(self) -> list[AccessUnit]:
        """Everything still inside; the next frame opens an encoder anew.

        Raises:
            EncoderError: the encoder failed.
        """
        units: list[AccessUnit] = []
        if self._held and self._shape is not None:
            units = self._open(self._shape)
        if self._session is not None:
            units += self._session.flush()
        self._session, self._shape = None, None
        return units

    def _open(self, shape: VideoFormat) -> list[AccessUnit]:
        held, self._held = self._held, []
        steps = [after.pts - before.pts for before, after in pairwise(held) if after.pts > before.pts]
        rate = nominal_rate(steps) if steps else FALLBACK_RATE
        name = choose(self._options, width=shape.width, height=shape.height)
        how = codecs.plan(name, self._options, shape, rate=rate, live=self._live)
        self._session = _Session(self._options, how, shape, rate)
        self.opened = OpenedEncoder(how.name, how.hardware, shape.width, shape.height)
        return [unit for kept in held for unit in self._session.encode(kept)]


class _Session:
    """One open encoder, for one format; ``asked`` says that somebody waits for a keyframe, ``at_once`` that it cannot wait."""

    def __init__(self, options: Options, how: EncoderPlan, shape: VideoFormat, rate: Fraction) -> None:
        self._how, self._shape, self._rate = how, shape, rate
        self._context = _opened(how, shape, rate, options.threads)
        self._gop = round(options.gop_s * TICKS_PER_SECOND)
        self.asked = self.at_once = False
        self._next_keyframe: int | None = None
        self._keyframe_pts = 0
        self._last_pts: int | None = None
        self._step = round(TICKS_PER_SECOND / rate)
        self._stream: VideoStream | None = None
        self._clocks: dict[int, tuple[int, int | None, int]] = {}

    @property
    def next_pts(self) -> int | None:
        return None if self._last_pts is None else self._last_pts + self._step

    def encode(self, taken: _Picture) -> list[AccessUnit]:
        keyframe = self._is_due(taken.pts)
        self._clocks[taken.pts] = (self._duration(taken.pts), taken.captured_ns, taken.arrived_ns)
        if len(self._clocks) > _IN_FLIGHT:
            raise EncoderError(f"{self._how.name} takes pictures and gives nothing back", hint="use another encoder")
        frame = picture(taken.buffer, self._shape, self._how, pts=taken.pts, keyframe=keyframe)
        return self._units(frame)

    def flush(self) -> list[AccessUnit]:
        return self._units(None)

    def _units(self, frame: av.VideoFrame | None) -> list[AccessUnit]:
        try:
            packets = self._context.encode(frame)
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(f"{self._how.name} failed: {redact(str(error))}", hint="use encoder = libx264") from error
        return [unit for packet in packets if (unit := self._unit(packet)) is not None]

    def _unit(self, packet: av.Packet[av.VideoStream]) -> AccessUnit | None:
        if packet.pts is None or packet.pts not in self._clocks:
            raise EncoderError(f"{self._how.name} returned a picture that nobody gave it", hint="use encoder = libx264")
        duration, captured_ns, arrived_ns = self._clocks.pop(packet.pts)
        data = bytes(packet)
        if packet.is_keyframe:
            data = self._with_parameter_sets(data)
        if self._stream is None:
            return None  # nothing before the first keyframe can be decoded
        return AccessUnit(data, packet.pts, duration, packet.is_keyframe, self._stream, captured_ns, arrived_ns)

    def _with_parameter_sets(self, data: bytes) -> bytes:
        codec = codecs.codec_of(self._how.name)
        if codec is VideoCodec.AV1:
            return self._with_sequence_header(data)
        found = parameter_sets(data, codec)
        extradata = found or (self._stream.extradata if self._stream else self._context.extradata or b"")
        if not extradata:
            raise EncoderError(f"{self._how.name} made a keyframe without parameter sets", hint="use encoder = libx264")
        if self._stream is None:
            self._stream = VideoStream(codec, self._shape, extradata, float(self._rate))
        return data if found else extradata + data

    def _with_sequence_header(self, data: bytes) -> bytes:
        try:
            found = sequence_header(data)
        except ValueError as error:
            raise EncoderError(f"{self._how.name} made what is no AV1: {error}", hint="use encoder = libsvtav1") from error
        if not found:
            raise EncoderError(f"{self._how.name} made a keyframe without a sequence header", hint="use encoder = libsvtav1")
        if self._stream is None:
            self._stream = VideoStream(VideoCodec.AV1, self._shape, found, float(self._rate))
        return data

    def _is_due(self, pts: int) -> bool:
        asked = self.at_once or (self.asked and pts - self._keyframe_pts >= ASKED_APART)
        if self._next_keyframe is not None and pts < self._next_keyframe and not asked:
            return False
        late = 0 if self._next_keyframe is None else max(0, pts - self._next_keyframe)
        self._next_keyframe = pts + self._gop - (late if late < self._gop // 2 else 0)
        self._keyframe_pts, self.asked, self.at_once = pts, False, False
        return True

    def _duration(self, pts: int) -> int:
        """The step from the picture before: the one to the next picture is not known when this one must leave."""
        if self._last_pts is not None and 0 < pts - self._last_pts <= TICKS_PER_SECOND:
            self._step = pts - self._last_pts
        self._last_pts = pts
        return self._step


def _opened(how: EncoderPlan, shape: VideoFormat, rate: Fraction, threads: int) -> VideoCodecContext:
    try:
        return open_context(how, shape, rate=rate, threads=threads)
    except (av.FFmpegError, ValueError, TypeError) as error:
        size = f"{shape.width}x{shape.height}"
        raise EncoderError(f"{how.name} does not open for {size}: {redact(str(error))}", hint="use encoder = auto") from error
