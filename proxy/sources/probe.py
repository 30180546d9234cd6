"""What an input holds, found by opening it and decoding one picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import av

from proxy.errors import SourceUnreachable, SourceUnsupported
from proxy.sources.failures import mapped


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
