"""How a picture is laid into a network's input, and how boxes come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from proxy.vision.boxes import F32

STRIDE: Final = 32
"""The coarsest stride of the networks: both sides of their input are multiples of it."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture scaled into the top-left corner of an input whose rest stays empty.

    Attributes:
        picture_width, picture_height: the picture, pixels.
        inner_width, inner_height: the scaled picture, even pixels.
        width, height: the input, pixels, multiples of :data:`STRIDE`.
    """

    picture_width: int
    picture_height: int
    inner_width: int
    inner_height: int
    width: int
    height: int

    @classmethod
    def fit(cls, picture_width: int, picture_height: int, *, long_side: int) -> Letterbox:
        """The letterbox whose scaled picture has a longer side of ``long_side`` pixels, aspect kept to the nearest even pixel."""
        if min(picture_width, picture_height, long_side) < 1:
            raise ValueError(f"expected positive sizes, got {picture_width}x{picture_height} at {long_side}")
        scale = long_side / max(picture_width, picture_height)
        inner_width, inner_height = _even(picture_width * scale), _even(picture_height * scale)
        return cls(picture_width, picture_height, inner_width, inner_height, _whole(inner_width), _whole(inner_height))

    def to_picture(self, xyxy: F32) -> F32:
        """``(N, 4)`` boxes in input pixels as boxes in picture pixels."""
        across, down = self.picture_width / self.inner_width, self.picture_height / self.inner_height
        return xyxy * np.array([across, down, across, down], np.float32)


def _even(length: float) -> int:
    return max(2, 2 * round(length / 2))


def _whole(length: int) -> int:
    return -(-length // STRIDE) * STRIDE
