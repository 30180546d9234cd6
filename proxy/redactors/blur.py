"""A Gaussian blur as wide as the head demands, quantised and noisy. It looks familiar, and it can be undone."""

from __future__ import annotations

from typing import ClassVar, Final

import cv2
import numpy as np

from proxy.media.planes import U8, Planes
from proxy.redactors.regions import Regions
from proxy.vision.detections import Label

PERCENT: Final = 35
"""Standard deviation of the blur in hundredths of the padded head's width."""
LEAST_PERCENT, MOST_PERCENT = 25, 70
"""What may be chosen in place of it."""
SIGMA_PX: Final = 2.0
"""Standard deviation in the reduced picture that is blurred in place of the full one, pixels."""
KERNEL: Final = (5, 5)
"""Two box blurs of five pixels spread as far as a Gaussian of two: (5² - 1) / 12 is the variance of each."""
STEP: Final = 8
"""Distance of two neighbouring tones of the reduced picture: 5 bits."""
NOISE: Final = np.array([8, 3, 3], np.uint8).reshape(3, 1, 1)
"""Noise of Y, U and V reaches so far up and down, uniformly, before tones are quantised."""
MOST_PX: Final = 64
"""Largest side of a reduced picture."""
SAMPLES: Final = 2
"""So many pixels across are enough for one of the reduced picture, since some twenty of these are blurred into one."""

_BORDER: Final = cv2.BORDER_REPLICATE
_CENTRES: Final = {int(reach): np.full((MOST_PX, MOST_PX), reach, np.uint8) for reach in NOISE.reshape(-1)}
_QUANTISED: Final = (np.clip(np.rint(np.arange(256) / STEP), 2, 29) * STEP).astype(np.uint8)
"""The tone in place of each noisy one, within limited range."""


class Blur:
    """Blurs every box, by an amount relative to the head in it.

    The noise is drawn once for each redactor and lies still in the box, so that averaging frames does not remove it.

    Args:
        percent: standard deviation in hundredths of the padded head's width.
    """

    reversible: ClassVar[bool] = True

    def __init__(self, percent: int = PERCENT) -> None:
        self._sigma_per_head = percent / 100
        self._noise = np.random.default_rng().integers(0, 2 * NOISE, (3, MOST_PX, MOST_PX), np.uint8, endpoint=True)

    def paint(self, planes: Planes, regions: Regions, *, pts: int) -> None:
        """Blur the boxes; see :class:`~proxy.redactors.protocol.Redactor`."""
        del pts
        for (x1, y1, x2, y2), label in zip(regions.xyxy.tolist(), regions.label.tolist(), strict=True):
            reduction = SIGMA_PX / (self._sigma_per_head * _head_width(x2 - x1, y2 - y1, label))
            columns, rows = _reduced(x2 - x1, reduction), _reduced(y2 - y1, reduction)
            half = slice(y1 // 2, y2 // 2), slice(x1 // 2, x2 // 2)
            for plane, part in enumerate((planes.y[y1:y2, x1:x2], planes.u[half], planes.v[half])):
                _blur(part, self._noise[plane, :rows, :columns], int(NOISE[plane, 0, 0]))


def _head_width(width: int, height: int, label: int) -> float:
    """Width of the head in a box; of a body it is taken too large rather than too small."""
    return width if label in (Label.FACE, Label.HEAD) else min(width, max(height / 5, width / 3))


def _reduced(side: int, reduction: float) -> int:
    return min(max(round(side * reduction), 1), MOST_PX)


def _blur(part: U8, noise: U8, centre: int) -> None:
    """Blur ``part`` by way of a picture of the size of ``noise``, whose mean is ``centre``."""
    height, width = part.shape
    rows, columns = noise.shape
    every = max(min(height // rows, width // columns) // SAMPLES, 1)
    small = cv2.resize(part[::every, ::every], (columns, rows), interpolation=cv2.INTER_LINEAR)
    soft = cv2.blur(cv2.blur(small, KERNEL, borderType=_BORDER), KERNEL, borderType=_BORDER).reshape(rows, columns)
    noisy = cv2.subtract(cv2.add(soft, noise), _CENTRES[centre][:rows, :columns])
    cv2.resize(cv2.LUT(noisy, _QUANTISED), (width, height), dst=part, interpolation=cv2.INTER_LINEAR)
