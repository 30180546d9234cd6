"""Decoded libav sound becomes raw sound: planar float32, at most two channels, its own sample rate."""

from __future__ import annotations

from collections import deque
from typing import Final

import av
import numpy as np

from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.media.time import TICK, TICKS_PER_SECOND, to_ticks

_HELD: Final = 512


class Sounds:
    """Turns the sound of one stream.

    Sound waits until the first picture says where 0 is; what lies before that picture is left out. When too much waits, the
    oldest goes.
    """

    def __init__(self) -> None:
        self._resampler: av.AudioResampler | None = None
        self._kind: tuple[int, str, str] | None = None
        self._waiting: deque[RawAudio] = deque(maxlen=_HELD)
        self._next = 0

    def put(self, frame: av.AudioFrame) -> None:
        """Turn ``frame`` and let it wait.

        Raises:
            av.FFmpegError, ValueError: it cannot be turned; the next may be.
        """
        kind = (frame.sample_rate, frame.layout.name, frame.format.name)
        if self._resampler is None or kind != self._kind:
            layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
            self._resampler, self._kind = av.AudioResampler(format="fltp", layout=layout, rate=frame.sample_rate), kind
        try:
            blocks = self._resampler.resample(frame)
        except (av.FFmpegError, ValueError):
            self._resampler = None
            raise
        self._waiting.extend(self._raw(block) for block in blocks)

    def take(self, offset: int | None) -> list[RawAudio]:
        """What waits, moved by ``offset`` ticks; nothing while ``offset`` is not known."""
        if offset is None:
            return []
        moved = [_from_zero(RawAudio(block.samples, block.format, block.pts + offset)) for block in self._waiting]
        self._waiting.clear()
        return [block for block in moved if block.samples.size]

    def _raw(self, block: av.AudioFrame) -> RawAudio:
        pts = self._next if block.pts is None else to_ticks(block.pts, block.time_base or TICK)
        self._next = pts + block.samples * TICKS_PER_SECOND // block.sample_rate
        samples = np.ascontiguousarray(block.to_ndarray(), np.float32)
        return RawAudio(samples, AudioFormat(block.sample_rate, len(samples)), pts)


def _from_zero(block: RawAudio) -> RawAudio:
    """``block`` without what lies before 0."""
    if block.pts >= 0:
        return block
    early = -(block.pts * block.format.sample_rate // TICKS_PER_SECOND)
    pts = block.pts + early * TICKS_PER_SECOND // block.format.sample_rate
    return RawAudio(block.samples[:, early:], block.format, pts)
