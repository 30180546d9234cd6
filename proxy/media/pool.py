"""Buffers for pictures, used again and again so that no frame pays for fresh memory."""

from __future__ import annotations

import sys
from typing import Final

import numpy as np

from proxy.media.formats import VideoFormat
from proxy.media.planes import U8

_CALLER_AND_US: Final = 3
"""References to a buffer in ``give_back``: the caller's, the argument here, and the one that counting takes."""


class FramePool:
    """Contiguous I420 buffers of one shape at a time, at most ``capacity`` of them kept idle.

    A buffer belongs to whoever took it until it is given back. When none is idle a fresh one is made: the bounded channels of
    the pipeline bound how many are out. Raw and anonymised pictures never share a pool, so that a buffer that once held a raw
    picture cannot be sent by mistake.

    A view keeps the memory that it shows alive, and so counts as a reference to the buffer: one of which somebody still holds a
    view is let go instead of being used for another picture.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._shape: tuple[int, int] = (0, 0)
        self._idle: list[U8] = []

    def take(self, shape: VideoFormat) -> U8:
        """A writable ``(H * 3 // 2, W)`` uint8 buffer with arbitrary content."""
        if shape.buffer_shape != self._shape:
            self._shape = shape.buffer_shape
            self._idle.clear()
        return self._idle.pop() if self._idle else np.empty(self._shape, np.uint8)

    def give_back(self, buffer: U8) -> None:
        """Take ``buffer`` back for another frame; one of an earlier shape, beyond capacity or still seen elsewhere is let go.

        The caller holds exactly one reference, and no views.
        """
        unseen = sys.getrefcount(buffer) <= _CALLER_AND_US
        if unseen and buffer.shape == self._shape and len(self._idle) < self._capacity:
            buffer.flags.writeable = True
            self._idle.append(buffer)
