"""The whole picture hidden: a calm tone, and words where there is something to say."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from proxy.media.planes import Planes

LUMA: Final = (60, 40)
"""Tone at the top and at the bottom."""
CHROMA: Final = (134, 124)
TEXT_LUMA: Final = 188

_FONT: Final = cv2.FONT_HERSHEY_DUPLEX


def paint_cover(planes: Planes, *, text: str = "") -> None:
    """Fill ``planes`` with a tone that depends on nothing in them, and write ``text`` (ASCII) in the middle."""
    height, width = planes.y.shape
    planes.y[:] = np.linspace(*LUMA, height).round().astype(np.uint8)[:, None]
    planes.u.fill(CHROMA[0])
    planes.v.fill(CHROMA[1])
    if not text:
        return
    scale = max(0.35, min(height, width) / 700)
    thickness = max(1, round(scale))
    (text_width, text_height), _ = cv2.getTextSize(text, _FONT, scale, thickness)
    if text_width > width * 0.9:
        scale *= width * 0.9 / text_width
        (text_width, text_height), _ = cv2.getTextSize(text, _FONT, scale, thickness)
    corner = ((width - text_width) // 2, (height + text_height) // 2)
    cv2.putText(planes.y, text, corner, _FONT, scale, TEXT_LUMA, thickness, cv2.LINE_AA)
