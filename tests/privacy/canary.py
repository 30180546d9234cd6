"""A pattern that nothing else looks like, painted where somebody stands, and the search for it in what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from proxy.encoding.packet import EncodedPacket
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.media.raw import RawFrame
from proxy.vision.detections import Detections, Label

SHAPE: Final = VideoFormat(320, 240)
STEP: Final = 3600
BOX: Final = (112, 64, 208, 192)
"""Where the canary is: x1, y1, x2, y2 in pixels."""

SEEN: Final = 0.4
"""A normalised correlation above which the canary counts as seen; unhidden it is above 0.9 after encoding, hidden below 0.25."""

CLEAR: Final = 0.7
"""A correlation above which nothing hides the canary."""

_CELL: Final = 4
_BLOCK: Final = 8
_rng = np.random.default_rng(20)
_PATTERN = np.kron(_rng.integers(0, 2, ((BOX[3] - BOX[1]) // _CELL, (BOX[2] - BOX[0]) // _CELL)), np.ones((_CELL, _CELL)))
CANARY: Final[NDArray[np.uint8]] = (60 + 130 * _PATTERN).astype(np.uint8)
_HALVED: Final = cv2.resize(CANARY, (CANARY.shape[1] // 2, CANARY.shape[0] // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
_PARTS: Final = (_HALVED, *(part for half in np.array_split(_HALVED, 2) for part in np.array_split(half, 2, axis=1)))
"""The whole, and its quarters: one of these is seen where something else hides the rest. Searched in pictures of half the size."""
_GRAIN: Final = _rng.normal(0, 1, (512, 512)).astype(np.float32)


def luma_with_canary(width: int = SHAPE.width, height: int = SHAPE.height, *, scale: int = 1) -> NDArray[np.uint8]:
    """A calm picture's luma with the canary in it, ``scale`` times as large."""
    luma = np.tile(np.linspace(70, 150, width).astype(np.uint8), (height, 1))
    x1, y1, x2, y2 = (side * scale for side in BOX)
    luma[y1:y2, x1:x2] = np.kron(CANARY, np.ones((scale, scale), np.uint8))
    return luma


def with_canary(index: int, shape: VideoFormat = SHAPE, *, pts: int | None = None) -> RawFrame:
    """A frame of it; its first pixel is its number."""
    buffer = np.full(shape.buffer_shape, 128, np.uint8)
    buffer[: shape.height] = luma_with_canary(shape.width, shape.height)
    buffer[0, 0] = index
    return RawFrame(Planes.of_buffer(buffer, shape), shape, index * STEP if pts is None else pts, None, 0)


def found_in(planes: Planes) -> Detections:
    """A made-up detector's answer: whatever is as busy as the canary, wherever it is, however large and however turned."""
    height, width = (side // _BLOCK * _BLOCK for side in planes.y.shape)
    if not height or not width:
        return Detections.empty()
    busy = cv2.morphologyEx(np.asarray(planes.y[:height, :width]), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    blocks = cv2.resize(busy, (width // _BLOCK, height // _BLOCK), interpolation=cv2.INTER_AREA) > 25
    rows, columns = np.flatnonzero(blocks.any(axis=1)), np.flatnonzero(blocks.any(axis=0))
    if not len(rows):
        return Detections.empty()
    box = np.array([[columns[0] - 1, rows[0] - 1, columns[-1] + 2, rows[-1] + 2]], np.float32) * _BLOCK
    return Detections.of(np.clip(box, 0, [width, height, width, height]), np.array([0.9]), Label.BODY)


def likeness(luma: NDArray[np.uint8], *, scale: int = 1, turns: int = 0) -> float:
    """The largest normalised correlation of the canary, or of a quarter of it, with any part of the picture.

    ``turns`` is by how many quarters, counter-clockwise, the picture is turned back before it is searched.
    """
    upright = np.ascontiguousarray(np.rot90(luma, turns))
    height, width = (side // (2 * scale) for side in upright.shape)
    halved = cv2.resize(upright, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    # a perfectly flat part has no correlation with anything, and rounding would give it one
    picture = halved + np.tile(_GRAIN, (height // 512 + 1, width // 512 + 1))[:height, :width]
    fitting = [part for part in _PARTS if height >= part.shape[0] and width >= part.shape[1]]
    return max((float(cv2.matchTemplate(picture, part, cv2.TM_CCOEFF_NORMED).max()) for part in fitting), default=0.0)


def decoded(packets: Iterable[EncodedPacket]) -> list[NDArray[np.uint8]]:
    """The luma of every picture that the packets hold, as a platform would see it."""
    lumas: list[NDArray[np.uint8]] = []
    decoder, streams = None, None
    for packet in packets:
        if not packet.is_video:
            continue
        if packet.streams is not streams:
            lumas += _drained(decoder)
            decoder, streams = av.CodecContext.create("h264", "r"), packet.streams
        assert decoder is not None
        lumas += [_luma(frame) for frame in decoder.decode(av.Packet(packet.data))]
    return lumas + _drained(decoder)


def decoded_file(path: Path | str) -> list[NDArray[np.uint8]]:
    """The luma of every picture in a file or at an address, as far as it can be read now."""
    lumas: list[NDArray[np.uint8]] = []
    try:
        with av.open(str(path), timeout=10) as container:
            for frame in container.decode(video=0):
                lumas.append(_luma(frame))
    except (av.FFmpegError, IndexError):
        return lumas
    return lumas


def _drained(decoder: av.VideoCodecContext | None) -> list[NDArray[np.uint8]]:
    return [_luma(frame) for frame in decoder.decode(None)] if decoder else []


def _luma(frame: av.VideoFrame) -> NDArray[np.uint8]:
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width].copy()
