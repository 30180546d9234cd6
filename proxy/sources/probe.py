"""What an input holds, found by opening it and decoding one picture."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import av

from proxy.errors import SourceDamaged, SourceUnreachable, SourceUnsupported
from proxy.sources.failures import mapped
from proxy.sources.reading import Input

READ_S: Final = 1.0
"""How long one read may take; an input is given up when ``silence_s`` of them bring no picture."""


@dataclass(frozen=True, slots=True)
class VideoFound:
    """A video stream: sizes in pixels, rate in frames/s (0 when unknown), rotation in degrees."""

    codec: str
    width: int
    height: int
    pix_fmt: str
    frame_rate: float
    rotation: int


@dataclass(frozen=True, slots=True)
class AudioFound:
    """An audio stream."""

    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What an input holds; ``duration_s`` is 0 for a live one."""

    container: str
    duration_s: float
    video: VideoFound
    audio: AudioFound | None


def probe(what: Input) -> ProbeResult:
    """What the input holds. It blocks for at most ``open_s`` and ``silence_s`` together.

    Raises:
        SourceUnreachable, SourceRejected, SourceUnsupported, SourceDamaged: see ``errors``.
    """
    try:
        with mapped(what.name):
            container = av.open(what.url, format=what.format, options=what.options, timeout=(what.open_s, READ_S))
    except av.error.ExitError:
        raise _silent(what, what.open_s) from None
    with container:
        if not container.streams.video:
            raise SourceUnsupported(f"{what.name} has no video", hint="probe the camera's video stream")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise SourceUnsupported(f"{what.name} has video in a codec that cannot be decoded", hint="set the camera to H.264")
        picture = _first_picture(container, stream, what)
        return ProbeResult(
            container=container.format.name,
            duration_s=max(0.0, (container.duration or 0) / av.time_base),
            video=VideoFound(
                codec=stream.codec_context.name,
                width=picture.width,
                height=picture.height,
                pix_fmt=picture.format.name,
                frame_rate=float(stream.average_rate or 0),
                rotation=picture.rotation,
            ),
            audio=_audio(container),
        )


def _first_picture(container: av.container.InputContainer, stream: av.VideoStream, what: Input) -> av.VideoFrame:
    began = time.monotonic()
    while time.monotonic() - began < what.silence_s:
        try:
            with mapped(what.name):
                for picture in container.decode(stream):
                    return picture
        except av.error.ExitError:
            continue
        raise SourceDamaged(f"nothing in {what.name} could be decoded", hint="check that it plays elsewhere")
    raise _silent(what, what.silence_s)


def _audio(container: av.container.InputContainer) -> AudioFound | None:
    for stream in container.streams.audio:
        if stream.codec_context is not None:
            context = stream.codec_context
            return AudioFound(context.name, context.sample_rate, context.channels)
    return None


def _silent(what: Input, seconds: float) -> SourceUnreachable:
    return SourceUnreachable(
        f"{what.name} has been silent for {seconds:.0f} s", hint="check the address, the camera and its network"
    )
