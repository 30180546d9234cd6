"""Buffers for pictures, used again and again so that no frame pays for fresh memory."""

from __future__ import annotations

import numpy as np

from proxy.media.formats import VideoFormat
from proxy.media.planes import U8


class FramePool:
    """Contiguous I420 buffers of one shape at a time, at most ``capacity`` of them kept idle.

    A buffer belongs to whoever took it until it is given back. When none is idle a fresh one is made: the bounded channels of
    the pipeline bound how many are out. Raw and anonymised pictures never share a pool, so that a buffer that once held a raw
    picture cannot be sent by mistake.
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
        """Take ``buffer`` back for another frame; one of an earlier shape, or beyond capacity, is let go."""
        if buffer.shape == self._shape and len(self._idle) < self._capacity:
            buffer.flags.writeable = True
            self._idle.append(buffer)
