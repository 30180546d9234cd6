"""Decoded libav frames become raw frames: I420, 8 bits, even size, upright.

1. Where the decoder's format is I420 already, planes are views of its memory, and keep it alive.
2. Any other format is converted, to limited range.
3. An odd last row or column is left out; quarter turns that the input asks for are carried out.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter

from proxy.media.formats import ColourTags, VideoFormat
from proxy.media.planes import U8, Planes

_DIRECT: Final = ("yuv420p", "yuvj420p")
_LIMITED: Final = 1
_FULL: Final = 2
_SPACE_RGB: Final = 0
_SPACE_BT601: Final = 6
_COUNTERCLOCKWISE: Final = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


class Pictures:
    """Turns the pictures of one stream."""

    def __init__(self) -> None:
        self._converter = VideoReformatter()

    def turn(self, frame: av.VideoFrame, *, aspect: Fraction | None = None) -> tuple[Planes, VideoFormat] | None:
        """The picture in ``frame``, read-only; ``None`` for one of less than two pixels either way.

        ``aspect`` is the stream's sample aspect ratio.
        """
        if frame.width < 2 or frame.height < 2:
            return None
        angle = round(frame.rotation / 90) * 90 % 360
        planes = _upright(_planes(self._i420(frame)), angle)
        height, width = planes.y.shape
        ratio = aspect if aspect and aspect > 0 else Fraction(1)
        return planes, VideoFormat(width, height, _colour(frame), 1 / ratio if angle % 180 else ratio)

    def _i420(self, frame: av.VideoFrame) -> av.VideoFrame:
        if frame.format.name in _DIRECT:
            return frame
        return self._converter.reformat(frame, format="yuv420p", dst_color_range=_LIMITED)


def _colour(frame: av.VideoFrame) -> ColourTags:
    if frame.format.name == "yuvj420p":
        level = _FULL
    elif frame.format.name in _DIRECT:
        level = int(frame.color_range)
    else:
        level = _LIMITED
    space = int(frame.colorspace)
    if frame.format.is_rgb or space == _SPACE_RGB:
        space = _SPACE_BT601  # what the converter makes of RGB
    return ColourTags(level, space, int(frame.color_primaries), int(frame.color_trc))


def _planes(frame: av.VideoFrame) -> Planes:
    width, height = frame.width & ~1, frame.height & ~1
    luma, blue, red = frame.planes
    return Planes(_view(luma, width, height), _view(blue, width // 2, height // 2), _view(red, width // 2, height // 2))


def _view(plane: av.video.plane.VideoPlane, width: int, height: int) -> U8:
    rows: U8 = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return _sealed(rows[:height, :width])


def _upright(planes: Planes, angle: int) -> Planes:
    if not angle:
        return planes
    code = _COUNTERCLOCKWISE[angle]
    return Planes(_turned(planes.y, code), _turned(planes.u, code), _turned(planes.v, code))


def _turned(plane: U8, code: int) -> U8:
    return _sealed(np.asarray(cv2.rotate(plane, code), np.uint8))


def _sealed(plane: U8) -> U8:
    plane.flags.writeable = False
    return plane
