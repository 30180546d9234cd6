"""A small picture with transparency, made ready for being laid over large ones at next to no cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proxy.media.formats import VideoFormat
from proxy.media.planes import U8, Planes

_LETTERS: Final = 255
_PLATE: Final = 16
_PLATE_ALPHA: Final = 150
_BT709: Final = 1
_FULL: Final = 2


F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """An I420 picture of even size times its own coverage (``add``), and what stays of what it is laid over (``keep``, of 255)."""

    keep: Planes
    add: Planes

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.keep.y.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.keep.y.shape[0])

    def blend(self, planes: Planes, *, left: int, top: int) -> None:
        """Lay the patch over ``planes``, whole, at even coordinates. Nothing outside of it is touched."""
        for plane, keep, add, scale in (
            (planes.y, self.keep.y, self.add.y, 1),
            (planes.u, self.keep.u, self.add.u, 2),
            (planes.v, self.keep.v, self.add.v, 2),
        ):
            height, width = keep.shape
            part = plane[top // scale : top // scale + height, left // scale : left // scale + width]
            cv2.multiply(part, keep, dst=part, scale=1 / 255)
            cv2.add(part, add, dst=part)


def of_text(coverage: U8, shape: VideoFormat, *, plate_px: int = 0) -> Patch:
    """White letters of ``(H, W)`` uint8 ``coverage``, on a dark plate that reaches ``plate_px`` beyond and makes them legible on
    any picture; without a plate where that is 0.
    """
    height, width = coverage.shape
    letters = np.zeros((height + plate_px, width + 2 * plate_px), np.uint8)
    letters[plate_px // 2 : plate_px // 2 + height, plate_px : plate_px + width] = coverage
    part = letters.astype(np.float32) / 255
    under = (1 - part) * (_PLATE_ALPHA / 255 if plate_px else 0)
    alpha = part + under
    tone = np.divide(part * _LETTERS + under * _PLATE, alpha, out=np.zeros_like(alpha), where=alpha > 0)
    return of_rgba(np.dstack([tone, tone, tone, alpha * 255]).round().astype(np.uint8), shape)


def of_rgba(image: U8, shape: VideoFormat) -> Patch:
    """A patch of ``(H, W, 4)`` uint8 RGB and alpha, in the colours of ``shape``; an odd size gains a clear row or column."""
    even: F32 = np.pad(image, ((0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0))).astype(np.float32)
    alpha = even[..., 3:] / np.float32(255)
    add = _yuv(even[..., :3], shape) * alpha
    return Patch(_i420(np.repeat(255 - even[..., 3:], 3, axis=2)), _i420(add))


def _yuv(rgb: F32, shape: VideoFormat) -> F32:
    """``(H, W, 3)`` full-range RGB in the Y'CbCr of ``shape``, by ITU-R BT.709 or BT.601."""
    red, blue = (0.2126, 0.0722) if shape.colour.space == _BT709 else (0.299, 0.114)
    luma = rgb @ np.array([red, 1 - red - blue, blue], np.float32)
    differences = (rgb[..., 2] - luma) / (2 - 2 * blue), (rgb[..., 0] - luma) / (2 - 2 * red)
    low, luma_span, chroma_span = (0, 255, 255) if shape.colour.range == _FULL else (16, 219, 224)
    return np.dstack([low + luma * (luma_span / 255), *(128 + part * (chroma_span / 255) for part in differences)])


def _i420(picture: F32) -> Planes:
    """``(H, W, 3)`` as planes, chroma averaged over two by two."""
    height, width, _ = picture.shape
    chroma = picture[..., 1:].reshape(height // 2, 2, width // 2, 2, 2).mean(axis=(1, 3))
    luma, halves = np.rint(picture[..., 0]).clip(0, 255), np.rint(chroma).clip(0, 255)
    return Planes(*(np.ascontiguousarray(part, np.uint8) for part in (luma, halves[..., 0], halves[..., 1])))
