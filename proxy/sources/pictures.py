"""Decoded libav frames become raw frames: I420, 8 bits, even size, upright."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

import av
import cv2
import numpy as np

from proxy.media.formats import ColourTags, VideoFormat
from proxy.media.planes import U8, Planes
from proxy.media.raw import RawFrame

_DIRECT: Final = ("yuv420p", "yuvj420p")
_LIMITED: Final = 1
_FULL: Final = 2
_QUARTER_TURNS: Final = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


def raw_frame(
    frame: av.VideoFrame, *, pts: int, captured_ns: int | None, arrived_ns: int, aspect: Fraction | None = None
) -> RawFrame | None:
    """The picture in ``frame``; ``None`` for one of less than two pixels either way.

    Planes are views of the decoder's memory where its format allows, and keep ``frame`` alive; they are read-only.
    ``aspect`` is the stream's sample aspect ratio.
    """
    if frame.width < 2 or frame.height < 2:
        return None
    direct = frame.format.name in _DIRECT
    full = frame.format.name == "yuvj420p" or (direct and frame.color_range == _FULL)
    colour = ColourTags(
        _FULL if full else _LIMITED if frame.color_range or not direct else 0,
        int(frame.colorspace),
        int(frame.color_primaries),
        int(frame.color_trc),
    )
    turns = round(frame.rotation / 90) * 90 % 360
    picture = frame if direct else frame.reformat(format="yuv420p")  # noqa: TID251 - the raw side; nothing of it reaches an encoder
    planes = _upright(_planes(picture), turns)
    height, width = planes.y.shape
    ratio = aspect if aspect and aspect > 0 else Fraction(1)
    shape = VideoFormat(width, height, colour, 1 / ratio if turns % 180 else ratio)
    return RawFrame(planes, shape, pts, captured_ns, arrived_ns)


def _planes(frame: av.VideoFrame) -> Planes:
    width, height = frame.width & ~1, frame.height & ~1
    luma, blue, red = frame.planes
    return Planes(_view(luma, width, height), _view(blue, width // 2, height // 2), _view(red, width // 2, height // 2))


def _view(plane: av.VideoPlane, width: int, height: int) -> U8:
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    view = rows[:height, :width]
    view.flags.writeable = False
    return view


def _upright(planes: Planes, turns: int) -> Planes:
    if not turns:
        return planes
    turn: Callable[[U8], U8] = lambda plane: np.asarray(cv2.rotate(plane, _QUARTER_TURNS[turns]), np.uint8)  # noqa: E731
    upright = Planes(turn(planes.y), turn(planes.u), turn(planes.v))
    for plane in (upright.y, upright.u, upright.v):
        plane.flags.writeable = False
    return upright
