"""The whole picture hidden under a calm tone."""

from __future__ import annotations

from typing import Final

import numpy as np

from proxy.media.planes import Planes

LUMA: Final = (60, 40)
"""Tone at the top and at the bottom."""
CHROMA: Final = (134, 124)


def paint_cover(planes: Planes) -> None:
    """Fill ``planes`` with a tone that depends on nothing in them."""
    height = planes.y.shape[0]
    planes.y[:] = np.linspace(*LUMA, height).round().astype(np.uint8)[:, None]
    planes.u.fill(CHROMA[0])
    planes.v.fill(CHROMA[1])
