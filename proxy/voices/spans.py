"""Where sound is muted, decided from where there is speech. Pure.

1. Everything from ``lead`` before speech to ``hangover`` after it is muted: a first syllable is heard by nobody, nor is a last one.
2. Sound fades out inside of what is muted and fades in at its end, so that muting makes no click.
3. A sample's gain is final once it is known where there is speech up to ``lead + ramp`` after it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


class Spans:
    """What is muted of one line of sound; places and lengths in samples.

    Args:
        lead: how much is muted before speech.
        hangover: how much is muted after it.
        ramp: how long a fade takes; at most half of ``lead + hangover``.
    """

    def __init__(self, *, lead: int, hangover: int, ramp: int) -> None:
        if not 0 < 2 * ramp <= lead + hangover:
            raise ValueError(f"expected a ramp within half of lead and hangover, got {ramp} of {lead} and {hangover}")
        self._lead, self._hangover, self._ramp = lead, hangover, ramp
        self._muted: list[tuple[int, int]] = []

    @property
    def ahead(self) -> int:
        """How far beyond a sample it must be known whether there is speech."""
        return self._lead + self._ramp

    def speech(self, begin: int, end: int) -> None:
        """There is speech from ``begin`` to ``end``; told in order."""
        begin, end = begin - self._lead, end + self._hangover
        if self._muted and begin <= self._muted[-1][1]:
            begin, end = self._muted[-1][0], max(end, self._muted.pop()[1])
        self._muted.append((begin, end))

    def gains(self, begin: int, count: int) -> F32:
        """``(count,)`` float32 in 0..1, what each sample from ``begin`` on is multiplied by. Asked in order: earlier spans go."""
        self._muted = [span for span in self._muted if span[1] > begin]
        corners = [(place, level) for span in self._muted for place, level in self._fade(*span)]
        if not corners:
            return np.ones(count, np.float32)
        places, levels = zip(*corners, strict=True)
        return np.asarray(np.interp(np.arange(begin, begin + count), places, levels), np.float32)

    def _fade(self, begin: int, end: int) -> tuple[tuple[int, float], ...]:
        return (begin, 1.0), (begin + self._ramp, 0.0), (end - self._ramp, 0.0), (end, 1.0)
