"""What comes from a camera, before anything is hidden. Made by sources; encoding, sinks and attestation may not name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from proxy.media.formats import AudioFormat, VideoFormat
from proxy.media.planes import Planes


@final
@dataclass(frozen=True, slots=True)
class RawFrame:
    """One decoded picture, identifiable.

    ``planes`` are read-only views of the decoder's reference picture: writing there would damage later frames. They stay valid
    as long as this object lives.

    Attributes:
        planes: the picture, I420, upright, even size.
        format: its size and colour tags.
        pts: presentation time in ticks, on the source's own clock, strictly increasing from frame to frame.
        captured_ns: wall-clock time of capture (Unix, nanoseconds) when the camera tells it, else ``None``.
        arrived_ns: monotonic clock when the frame left the decoder, nanoseconds.
    """

    planes: Planes
    format: VideoFormat
    pts: int
    captured_ns: int | None
    arrived_ns: int


@final
@dataclass(frozen=True, slots=True)
class RawAudio:
    """A block of sound, identifiable: ``samples`` is ``(channels, N)`` float32 in -1..1; ``pts`` in ticks."""

    samples: NDArray[np.float32]
    format: AudioFormat
    pts: int
