"""What is to be read, and the opened container with the streams that matter. Blocking."""

from __future__ import annotations

import math
import socket
from dataclasses import dataclass, field
from typing import Final, Protocol

import av

from proxy.errors import SourceUnsupported
from proxy.sources.failures import DECODABLE, mapped
from proxy.sources.hardware import HardwareDecoding, accelerator
from proxy.sources.trust import Trust

READ_S: Final = 1.0
"""How long one read may take before it is tried again, so that a stop is heeded within that."""


class Fetch(Protocol):
    """Bytes that are fetched in Python, because libav's own way to them would not do."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most ``size``; waits for some; nothing at the end. Raises errors of ``errors.SourceError``."""
        ...

    def stop(self) -> None:
        """End a read that waits, from any thread, and fail every later one."""
        ...

    def close(self) -> None:
        """Let everything go; from the thread that reads."""
        ...


@dataclass(frozen=True, slots=True)
class Input:
    """What is to be read, and how.

    Attributes:
        url: as libav takes it; may hold a password.
        name: redacted, for errors.
        format: libav's demuxer, or ``None`` to find out.
        options: the demuxer's options.
        host: looked up first, because libav's own error for an unknown one says only that something failed.
        live: whether frames come at the world's pace.
        sound: whether sound is decoded at all.
        open_s: how long opening may take.
        silence_s: how long nothing may come.
        threads: decoder threads; 0 lets libav choose.
        hardware: which device decodes, where it opens.
        trust: whom libav's TLS must believe ``url`` to be; its options are among ``options``.
        fetch: what is read in place of ``url``, once.
    """

    url: str = field(repr=False)
    name: str
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    host: str | None = None
    live: bool = True
    sound: bool = False
    open_s: float = 5.0
    silence_s: float = math.inf
    threads: int = 0
    hardware: HardwareDecoding = HardwareDecoding.NONE
    trust: Trust | None = None
    fetch: Fetch | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A container and its streams; ``decoder`` says in words which decoder works. Used and closed by the thread that opened it."""

    container: av.container.InputContainer
    video: av.VideoStream
    audio: av.AudioStream | None
    decoder: str


def opened(what: Input) -> Opened:
    """Open ``what``.

    Raises:
        SourceUnreachable, SourceRejected, SourceUnsupported, SourceDamaged: see ``errors``.
    """
    device = accelerator(what.hardware)
    with mapped(what.name, live=what.live):
        if what.host is not None:
            socket.getaddrinfo(what.host, None, type=socket.SOCK_STREAM)
        try:
            container = av.open(
                what.fetch or what.url,
                mode="r",
                format=what.format,
                options=what.options,
                timeout=(what.open_s, READ_S),
                hwaccel=device[1] if device else None,
            )
        except OSError:
            if what.trust is not None:
                what.trust.check(what.name, timeout_s=what.open_s)
            raise
    try:
        return _streams(what, container, device[0] if device else "")
    except BaseException:
        container.close()
        raise


def _streams(what: Input, container: av.container.InputContainer, device: str) -> Opened:
    pictures = [stream for stream in container.streams.video if not _is_cover_art(stream)]
    if not pictures:
        raise SourceUnsupported(f"{what.name} has no video", hint="name a stream or file with a picture in it")
    video = pictures[0]
    if not _decodable(video):
        raise SourceUnsupported(f"{what.name}: its video codec cannot be decoded", hint=DECODABLE)
    video.codec_context.thread_count = what.threads
    video.thread_type = "SLICE" if what.live else "AUTO"  # frame threads would hold a live picture back
    sounds = [stream for stream in container.streams.audio if _decodable(stream)] if what.sound else []
    decoder = f"{video.codec_context.name} ({device if video.codec_context.is_hwaccel else 'software'})"
    return Opened(container, video, sounds[0] if sounds else None, decoder)


def _decodable(stream: av.VideoStream | av.AudioStream) -> bool:
    """Whether libav has a decoder for ``stream``; it makes no context where it has none."""
    return getattr(stream, "codec_context", None) is not None


def _is_cover_art(stream: av.VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
