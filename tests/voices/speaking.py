"""Something that a speech detector takes for speech, made of nothing but arithmetic: buzz through moving formants, in syllables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

F32 = NDArray[np.float32]

VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (570, 840, 2410), (530, 1840, 2480), (300, 870, 2240))


def speech(seconds: float, rate: int, *, pitch: float = 120.0, size: float = 1.0, seed: int = 0) -> F32:
    """``(N,)`` float32: five syllables a second, each a vowel of a throat of ``size``, with falling pitch and a breath between."""
    random, syllables = np.random.default_rng(seed), []
    for _ in range(round(seconds * 5)):
        count = rate // 5
        turns = np.cumsum(np.linspace(1.1, 0.9, count) * pitch * random.uniform(0.9, 1.15) / rate)
        sound = np.diff(np.floor(turns), prepend=0.0) + 0.01 * random.standard_normal(count)
        for formant in VOWELS[random.integers(len(VOWELS))]:
            radius, angle = np.exp(-np.pi * 90 / rate), 2 * np.pi * formant * size / rate
            sound = lfilter([1 - radius], [1, -2 * radius * np.cos(angle), radius**2], sound)
        syllables.append(sound * np.sin(np.linspace(0, np.pi, count)) ** 0.5)
    line = np.concatenate(syllables)
    return np.asarray(0.3 * line / np.abs(line).max(), np.float32)


def wind(seconds: float, rate: int, *, level: float = 0.02, seed: int = 0) -> F32:
    """``(N,)`` float32 of noise, louder at low frequencies."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * rate))
    low = lfilter([0.05], [1, -0.95], white)
    return np.asarray(level * low / np.std(low), np.float32)
