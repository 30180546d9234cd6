"""A whisper in place of voices: what is said stays, who says it does not.

1. Of each 32 ms only the loudness of twelve bands is kept, in steps of 3 dB. Pitch, harmonics and phase are in the output nowhere:
   fresh noise from the system's random source is shaped in their place.
2. Formants are moved by a warp of frequencies that wanders at random, low and high ones apart, so that no constant shift undoes it.
3. A voice's own balance of bright and dark is taken out: over a few seconds every band comes to the same standard loudness.
4. Everything that sounds is treated alike, and all channels get the same: no detector has to find a voice first.
"""

from __future__ import annotations

import os
import secrets
from itertools import pairwise
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.voices.protocol import Treated
from proxy.voices.waiting import Waiting

WINDOW_S: Final = 0.032
EDGES_HZ: Final = (100, 320, 540, 780, 1050, 1370, 1750, 2200, 2750, 3400, 4200, 5300, 7000)
"""Where the bands begin and end; wider than the distance of a voice's harmonics, so that its pitch does not show in them."""
STEP_DB: Final = 3.0
WARPS: Final = (0.78, 1.28)
"""The least and the greatest factor by which a frequency is moved."""
WANDER_S: Final = (0.25, 0.7)
"""How long the warp takes from one random place to the next."""
BALANCED_S: Final = 1.5
"""How fast a voice's balance is followed."""
QUIET_DB: Final = 25.0
"""What is so much quieter than the loudest of late says nothing of a voice's balance."""
TILT_DB: Final = 14.0
"""How much quieter the highest band is than the lowest in the standard balance."""
PIVOT_HZ: Final = 1500.0
"""Formants below follow the one warp, those far above the other."""

_FLOOR: Final = 1e-12
_RANDOM = secrets.SystemRandom()

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


class Disguise:
    """Disguises the voices of one session."""

    def __init__(self) -> None:
        self._line: _Line | None = None

    def put(self, block: RawAudio) -> list[Treated]:
        """See :class:`~proxy.voices.protocol.Voices`."""
        ready = []
        if self._line is None or self._line.format != block.format:
            ready = self.end()
            self._line = _Line(block.format)
        return ready + self._line.put(block)

    def end(self) -> list[Treated]:
        """Everything still inside."""
        line, self._line = self._line, None
        return line.end() if line else []


class _Line:
    """Sound of one format."""

    def __init__(self, shape: AudioFormat) -> None:
        self.format = shape
        self._vocoder = Vocoder(shape.sample_rate)
        self._waiting = Waiting()
        self._done = np.zeros(0, np.float32)
        self._begin = 0

    def put(self, block: RawAudio) -> list[Treated]:
        self._waiting.put(block)
        self._done = np.concatenate([self._done, self._vocoder.whisper(block.samples.mean(axis=0, dtype=np.float32))])
        return [self._disguised(begin, waited) for begin, waited in self._waiting.until(self._begin + len(self._done))]

    def end(self) -> list[Treated]:
        missing = self._waiting.end - self._begin - len(self._done)
        tail = self._vocoder.whisper(np.zeros(missing + self._vocoder.window, np.float32))
        self._done = np.concatenate([self._done, tail])
        return [self._disguised(begin, waited) for begin, waited in self._waiting.until(self._waiting.end)]

    def _disguised(self, begin: int, block: RawAudio) -> Treated:
        count = block.samples.shape[1]
        if begin != self._begin:
            raise AssertionError("blocks leave in the order in which they came")
        mono, self._done = self._done[:count], self._done[count:]
        self._begin += count
        return Treated(np.repeat(mono[None], block.format.channels, axis=0), block.format, block.pts)


class Warp(Protocol):
    """A factor by which frequencies are moved."""

    def step(self) -> float:
        """The factor for the next hop."""
        ...


class Vocoder:
    """Noise with the loudness of a voice in bands. What comes out is as long as what went in, at the same place, a window later.

    Args:
        rate: samples per second.
        warps: by what low and high frequencies are moved, at each hop anew; by themselves two that wander at random.

    Attributes:
        window: samples that are analysed together.
    """

    def __init__(self, rate: int, warps: tuple[Warp, Warp] | None = None) -> None:
        self.window = max(4, round(rate * WINDOW_S)) & ~1
        self._hop = self.window // 2
        self._shape = np.sqrt(np.hanning(self.window + 1)[:-1])
        frequencies = np.asarray(np.fft.rfftfreq(self.window, 1 / rate), np.float64)
        edges = np.array([edge for edge in EDGES_HZ if edge < rate / 2] or EDGES_HZ[:1], float)
        self._bands = _membership(frequencies, edges)
        self._centres = np.sqrt(edges[:-1] * edges[1:]) if len(edges) > 1 else edges
        self._frequencies = frequencies
        self._audible = ((frequencies >= edges[0]) & (frequencies < edges[-1])).astype(float)
        self._warps = warps or (Wander(rate / self._hop), Wander(rate / self._hop))
        self._balance = _Balance((self._bands > 0).sum(axis=1).astype(float), rate / self._hop)
        self._pending = np.zeros(self._hop, np.float64)
        self._overlap = np.zeros(self._hop, np.float64)
        self._early = self._hop

    def whisper(self, mono: F32) -> F32:
        """The whisper that became ready with ``(N,)`` float32 ``mono``."""
        line = np.concatenate([self._pending, np.nan_to_num(mono, posinf=0, neginf=0)])
        count = max(0, (len(line) - self.window) // self._hop + 1)
        self._pending = line[count * self._hop :]
        if not count:
            return np.zeros(0, np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(line, self.window)[:: self._hop][:count]
        # the root of two gives back what the window took of the power
        made = np.fft.irfft(self._magnitudes(frames) * self._phases(count), self.window, axis=1) * (self._shape * np.sqrt(2))
        joined = np.concatenate([made[:, : self._hop] + np.vstack([self._overlap[None], made[:-1, self._hop :]])]).reshape(-1)
        self._overlap = made[-1, self._hop :]
        early = min(self._early, len(joined))
        self._early -= early
        return np.asarray(np.clip(joined[early:], -1, 1), np.float32)

    def _magnitudes(self, frames: F64) -> F64:
        """``(F, bins)`` magnitudes of the noise that stands for ``(F, window)`` samples."""
        power = np.abs(np.fft.rfft(frames * self._shape, axis=1)) ** 2
        loudness = 10 * np.log10(power @ self._bands.T + _FLOOR)
        stepped = np.round(self._balance.standardised(loudness) / STEP_DB) * STEP_DB
        places = self._places(len(frames))
        below = np.clip(np.floor(places).astype(int), 0, max(0, stepped.shape[1] - 2))
        above = np.minimum(below + 1, stepped.shape[1] - 1)
        part = np.clip(places - below, 0, 1)
        rows = np.arange(len(frames))[:, None]
        moved = stepped[rows, below] * (1 - part) + stepped[rows, above] * part
        return np.asarray(np.sqrt(10 ** (moved / 10)) * self._audible, np.float64)

    def _places(self, count: int) -> F64:
        """``(F, bins)`` where each frequency of the output takes its loudness from, counted in bands."""
        low, high = (np.array([warp.step() for _ in range(count)])[:, None] for warp in self._warps)
        share = self._frequencies / (self._frequencies + PIVOT_HZ)
        taken = self._frequencies / (low * (1 - share) + high * share)
        return np.asarray(np.interp(taken, self._centres, np.arange(len(self._centres), dtype=float)), np.float64)

    def _phases(self, count: int) -> NDArray[np.complex128]:
        bins = len(self._frequencies)
        turns = np.frombuffer(os.urandom(2 * count * bins), np.uint16).reshape(count, bins) / 65_536
        return np.asarray(np.exp(2j * np.pi * turns), np.complex128)


class _Balance:
    """What is usual in each of a voice's bands, which are ``widths`` wide, for being replaced by what is standard."""

    def __init__(self, widths: F64, rate: float) -> None:
        self._widths = widths
        self._share = min(1.0, 1 / (BALANCED_S * rate))
        self._standard = np.linspace(TILT_DB / 2, -TILT_DB / 2, len(widths))
        self._usual = np.full(len(widths), np.nan)
        self._loudest = -np.inf

    def standardised(self, loudness: F64) -> F64:
        """``(F, bands)`` dB with the standard balance in place of the voice's own; how loud a frame is stays."""
        made = np.empty_like(loudness)
        for number, (bands, level) in enumerate(zip(loudness, loudness.mean(axis=1), strict=True)):
            self._follow(bands - level, level)
            made[number] = bands - self._usual + self._standard
        return made + (self._whole(loudness) - self._whole(made))[:, None]

    def _whole(self, loudness: F64) -> F64:
        """``(F,)`` dB of all bands together."""
        return np.asarray(10 * np.log10(10 ** (loudness / 10) @ self._widths + _FLOOR), np.float64)

    def _follow(self, balance: F64, level: float) -> None:
        self._loudest = max(level, self._loudest - self._share)
        if np.isnan(self._usual[0]):
            self._usual = balance
        elif level > self._loudest - QUIET_DB:
            self._usual = self._usual + self._share * (balance - self._usual)


class Wander:
    """A warp that wanders smoothly between random places, at ``rate`` steps a second."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._from = self._to = _random_warp()
        self._steps = self._done = 1

    def step(self) -> float:
        """See :class:`Warp`."""
        if self._done >= self._steps:
            self._from, self._to = self._to, _random_warp()
            self._steps, self._done = max(1, round(self._rate * _RANDOM.uniform(*WANDER_S))), 0
        self._done += 1
        eased = (1 - np.cos(np.pi * self._done / self._steps)) / 2
        return float(self._from + (self._to - self._from) * eased)


def _random_warp() -> float:
    return float(np.exp(_RANDOM.uniform(*np.log(WARPS))))


def _membership(frequencies: F64, edges: F64) -> F64:
    """``(bands, bins)``: each band's mean over its bins; one that holds no bin takes the nearest."""
    rows = np.zeros((max(1, len(edges) - 1), len(frequencies)))
    for number, (low, high) in enumerate(pairwise(edges)):
        rows[number] = (frequencies >= low) & (frequencies < high)
        if not rows[number].any():
            rows[number, np.argmin(np.abs(frequencies - (low + high) / 2))] = 1
    if len(edges) == 1:
        rows[0] = 1
    return np.asarray(rows / rows.sum(axis=1, keepdims=True), np.float64)
