"""The three planes of an I420 picture as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proxy.media.formats import VideoFormat

U8 = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Planes:
    """``y`` is ``(H, W)``, ``u`` and ``v`` are ``(H/2, W/2)``, all uint8; rows may be padded (views of wider memory)."""

    y: U8
    u: U8
    v: U8

    def __post_init__(self) -> None:
        height, width = self.y.shape
        half = (height // 2, width // 2)
        if height % 2 or width % 2 or self.u.shape != half or self.v.shape != half:
            raise ValueError(f"expected I420 planes, got y {self.y.shape}, u {self.u.shape}, v {self.v.shape}")

    @classmethod
    def of_buffer(cls, buffer: U8, shape: VideoFormat) -> Planes:
        """Views of a contiguous ``(H * 3 // 2, W)`` buffer; nothing is copied."""
        if buffer.shape != shape.buffer_shape or not buffer.flags.c_contiguous:
            raise ValueError(f"expected a contiguous buffer of {shape.buffer_shape}, got {buffer.shape}")
        flat = buffer.reshape(-1)
        luma, chroma = shape.height * shape.width, (shape.height // 2) * (shape.width // 2)
        half = (shape.height // 2, shape.width // 2)
        return cls(
            flat[:luma].reshape(shape.height, shape.width),
            flat[luma : luma + chroma].reshape(half),
            flat[luma + chroma : luma + 2 * chroma].reshape(half),
        )
