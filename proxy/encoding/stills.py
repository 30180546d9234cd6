"""JPEG pictures of a programme, made when somebody asks for one: for whatever can show nothing but pictures.

1. They are made of anonymised frames only, and hold nothing but the picture.
2. Where nobody asks, nothing is made; all who ask at a time get the same one.
3. ``make`` runs in the encoder's thread while the frame is lent to it; everything else belongs to the event loop.
"""

from __future__ import annotations

import asyncio
from typing import Final

import cv2
import numpy as np

from proxy.anonymiser import AnonymisedFrame
from proxy.encoding.packet import Still, make_still
from proxy.errors import EncoderError
from proxy.media.planes import U8
from proxy.media.sealed import insist

_FULL_RANGE: Final = 2


class Stills:
    """The pictures of one programme.

    Args:
        quality: of the JPEG, 1 to 100.

    Attributes:
        asked: whether somebody waits for the next frame's picture.
    """

    def __init__(self, *, quality: int = 80) -> None:
        self.asked = False
        self._quality = quality
        self._made: Still | None = None
        self._shown = asyncio.Event()

    async def next(self) -> Still:
        """The next picture that is made."""
        self.asked = True
        await self._shown.wait()
        if self._made is None:
            raise AssertionError("a picture is made before it is shown")
        return self._made

    def make(self, frame: AnonymisedFrame) -> None:
        """Make the picture of ``frame``, which may be released when this returns.

        Raises:
            EncoderError: it cannot be made.
            TypeError: this is no anonymised frame.
        """
        insist(frame, AnonymisedFrame)
        try:
            done, data = cv2.imencode(".jpg", _bgr(frame), [cv2.IMWRITE_JPEG_QUALITY, self._quality])
        except cv2.error as error:
            raise EncoderError("a JPEG picture cannot be made", hint="leave out the mjpeg sink") from error
        if not done:
            raise EncoderError("a JPEG picture cannot be made", hint="leave out the mjpeg sink")
        self._made = make_still(data.tobytes(), pts=frame.pts)

    def show(self) -> None:
        """Give everybody who waits what :meth:`make` made last."""
        self.asked = False
        shown, self._shown = self._shown, asyncio.Event()
        shown.set()


def _bgr(frame: AnonymisedFrame) -> U8:
    """``(H, W, 3)`` uint8; JPEG knows one matrix only, that of BT.601, so that is what is assumed."""
    if frame.format.colour.range != _FULL_RANGE:
        return np.asarray(cv2.cvtColor(frame.buffer, cv2.COLOR_YUV2BGR_I420), np.uint8)
    width, height = frame.format.width, frame.format.height
    chroma = frame.buffer[height:].reshape(2, height // 2, width // 2)
    blue, red = (cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in chroma)
    return np.asarray(cv2.cvtColor(cv2.merge([frame.buffer[:height], red, blue]), cv2.COLOR_YCrCb2BGR), np.uint8)
