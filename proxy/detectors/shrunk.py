"""An I420 picture, scaled and in colour, written where a detector wants it."""

from __future__ import annotations

from enum import IntEnum

import cv2
import numpy as np

from proxy.media.formats import VideoFormat
from proxy.media.planes import U8, Planes
from proxy.vision.letterbox import Letterbox


class Scaling(IntEnum):
    """How a pixel of the small picture comes from the large one, as OpenCV numbers it."""

    LINEAR = cv2.INTER_LINEAR
    """From the four nearest pixels: cheap, and what YuNet finds most faces in."""
    AREA = cv2.INTER_AREA
    """From every pixel that it stands for: what NanoDet finds most persons in."""


class Shrunk:
    """Scales the three planes by themselves and converts the small result: the large picture is never converted.

    The buffers are made once and belong to this object; the conversion takes every picture as limited range BT.601, which
    shifts colours a little where the camera means something else, and detectors do not mind.
    """

    def __init__(self, letterbox: Letterbox, scaling: Scaling) -> None:
        width, height = letterbox.inner_width, letterbox.inner_height
        self._buffer: U8 = np.zeros((height * 3 // 2, width), np.uint8)
        self._planes = Planes.of_buffer(self._buffer, VideoFormat(width, height))
        self._scaling = scaling

    def bgr(self, planes: Planes, out: U8) -> None:
        """Write the scaled picture into the top-left corner of ``out`` ``(H, W, 3)`` uint8 BGR, at least as large."""
        self._convert(planes, out, cv2.COLOR_YUV2BGR_I420)

    def rgb(self, planes: Planes, out: U8) -> None:
        """Write the scaled picture into the top-left corner of ``out`` ``(H, W, 3)`` uint8 RGB, at least as large."""
        self._convert(planes, out, cv2.COLOR_YUV2RGB_I420)

    def _convert(self, planes: Planes, out: U8, code: int) -> None:
        for source, target in ((planes.y, self._planes.y), (planes.u, self._planes.u), (planes.v, self._planes.v)):
            height, width = target.shape
            cv2.resize(source, (width, height), dst=target, interpolation=self._scaling)
        height, width = self._planes.y.shape
        corner = out[:height, :width]
        if cv2.cvtColor(self._buffer, code, dst=corner) is not corner:
            raise AssertionError(f"the conversion went to memory of its own: out is {out.shape}, {out.dtype}")
