"""What an input holds, found by opening it and decoding one picture."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import av

from proxy.errors import SourceDamaged, SourceUnreachable
from proxy.sources.failures import mapped
from proxy.sources.opening import Input, Opened, opened

_PICTURE_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class VideoFound:
    """A video stream: sizes in pixels as stored, rate in frames/s (0 when unknown), rotation in degrees
    counterclockwise; ``decoder`` says which decoder works.
    """

    codec: str
    width: int
    height: int
    pix_fmt: str
    frame_rate: float
    rotation: int
    decoder: str = ""


@dataclass(frozen=True, slots=True)
class AudioFound:
    """An audio stream: rate in samples/s."""

    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What an input holds; ``duration_s`` is 0 where it does not say, as live ones do not."""

    container: str
    duration_s: float
    video: VideoFound
    audio: AudioFound | None


def probe(what: Input) -> ProbeResult:
    """Open ``what``, look at its first picture and close it. Blocking, in bounded time.

    Raises:
        SourceUnreachable, SourceRejected, SourceUnsupported, SourceDamaged: see ``errors``.
    """
    try:
        return _probed(what)
    finally:
        if what.fetch is not None:
            what.fetch.close()


def _probed(what: Input) -> ProbeResult:
    held = opened(what)
    try:
        picture = _first_picture(what, held)
        return ProbeResult(
            held.container.format.name,
            max(0.0, (held.container.duration or 0) / av.time_base),
            VideoFound(
                held.video.codec_context.name,
                picture.width,
                picture.height,
                picture.format.name,
                float(held.video.average_rate or held.video.guessed_rate or 0),
                picture.rotation,
                held.decoder,
            ),
            _audio(held),
        )
    finally:
        held.container.close()


def _first_picture(what: Input, held: Opened) -> av.VideoFrame:
    deadline = time.monotonic() + _PICTURE_S
    while time.monotonic() < deadline:
        try:
            for packet in held.container.demux(held.video):
                picture = _decoded(packet)
                if picture is not None:
                    return picture
                if time.monotonic() > deadline:
                    break
            else:
                raise SourceDamaged(f"nothing in {what.name} could be decoded", hint="it may be cut short; try it in a player")
        except av.error.ExitError:
            continue
        except av.FFmpegError as error:
            with mapped(what.name, live=what.live):
                raise error from None
    raise SourceUnreachable(f"{what.name}: no picture within {_PICTURE_S:.0f} s", hint="check the camera")


def _decoded(packet: av.Packet[av.VideoStream]) -> av.VideoFrame | None:
    try:
        return next(iter(packet.decode()), None)
    except av.FFmpegError:
        return None


def _audio(held: Opened) -> AudioFound | None:
    if held.audio is None:
        return None
    context = held.audio.codec_context
    return AudioFound(context.name, context.sample_rate, context.layout.nb_channels)
