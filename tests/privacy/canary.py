"""A pattern that nothing else looks like, painted where somebody stands, and the search for it in what was sent."""

from __future__ import annotations

from collections.abc import Iterable

import av
import numpy as np
from numpy.typing import NDArray

from proxy.encoding.packet import EncodedPacket
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawFrame

SHAPE = VideoFormat(320, 240)
STEP = 3600
BOX = (112, 64, 208, 192)
"""Where the canary is: x1, y1, x2, y2 in pixels."""

SEEN = 0.25
"""A normalised correlation above which the canary counts as seen; unhidden it is above 0.9 after encoding."""

_CELL = 4
_rng = np.random.default_rng(20)
_PATTERN = np.kron(_rng.integers(0, 2, ((BOX[3] - BOX[1]) // _CELL, (BOX[2] - BOX[0]) // _CELL)), np.ones((_CELL, _CELL)))
CANARY: NDArray[np.uint8] = (60 + 130 * _PATTERN).astype(np.uint8)


def with_canary(index: int, shape: VideoFormat = SHAPE) -> RawFrame:
    """A calm picture with the canary in it; its first pixel is its number."""
    buffer = np.full(shape.buffer_shape, 128, np.uint8)
    buffer[: shape.height] = np.linspace(70, 150, shape.width, dtype=np.uint8)
    buffer[BOX[1] : BOX[3], BOX[0] : BOX[2]] = CANARY
    buffer[0, 0] = index
    return RawFrame(Planes.of_buffer(buffer, shape), shape, index * STEP, None, 0)


def likeness(luma: NDArray[np.uint8]) -> float:
    """The largest normalised correlation of the canary with the picture, at its place and shifted by a few pixels."""
    x1, y1, x2, y2 = BOX
    canary = CANARY - CANARY.mean()
    best = 0.0
    for dy in range(-2, 3):
        for dx in range(-2, 3):
            patch = luma[y1 + dy : y2 + dy, x1 + dx : x2 + dx].astype(np.float64)
            patch -= patch.mean()
            norm = float(np.sqrt((patch**2).sum() * (canary**2).sum()))
            best = max(best, float((patch * canary).sum()) / norm if norm > 0 else 0.0)
    return best


def decoded(packets: Iterable[EncodedPacket]) -> list[NDArray[np.uint8]]:
    """The luma of every picture that the packets hold, as a platform would see it."""
    decoder = av.CodecContext.create("h264", "r")
    lumas = []
    for packet in packets:
        if packet.is_video:
            lumas += [_luma(frame) for frame in decoder.decode(av.Packet(packet.data))]
    return lumas + [_luma(frame) for frame in decoder.decode(None)]


def _luma(frame: av.VideoFrame) -> NDArray[np.uint8]:
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width].copy()
