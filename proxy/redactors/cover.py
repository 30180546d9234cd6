"""The whole picture hidden: a calm tone, and words where there is something to say."""

from __future__ import annotations

from typing import Final

import cv2

from proxy.media.planes import Planes

LUMA: Final = 52
CHROMA: Final = (134, 124)
TEXT_LUMA: Final = 176


def paint_cover(planes: Planes, *, text: str = "") -> None:
    """Fill ``planes`` with one tone that depends on nothing in them, and write ``text`` (ASCII) in the middle."""
    planes.y.fill(LUMA)
    planes.u.fill(CHROMA[0])
    planes.v.fill(CHROMA[1])
    if not text:
        return
    height, width = planes.y.shape
    scale = max(0.4, height / 600)
    thickness = max(1, round(scale * 1.5))
    (text_width, text_height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    if text_width > width * 0.9:
        scale *= width * 0.9 / text_width
        (text_width, text_height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    corner = ((width - text_width) // 2, (height + text_height) // 2)
    cv2.putText(planes.y, text, corner, cv2.FONT_HERSHEY_SIMPLEX, scale, TEXT_LUMA, thickness, cv2.LINE_AA)
