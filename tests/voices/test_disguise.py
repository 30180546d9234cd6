"""A whisper says what was said, and nothing of who said it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.voices import disguise
from proxy.voices.disguise import WINDOW_S, Disguise, Vocoder
from tests.voices.speaking import speech, wind

RATE = 16_000


def whispered(sound: np.ndarray, rate: int = RATE, step: int = 1000) -> np.ndarray:
    vocoder = Vocoder(rate)
    return np.concatenate([vocoder.whisper(sound[begin : begin + step]) for begin in range(0, len(sound), step)])


def periodicity(sound: np.ndarray, low_hz: float = 70, high_hz: float = 400) -> float:
    """How much of the sound repeats at any pitch of a voice: the greatest normalised autocorrelation, averaged over frames."""
    found = []
    for begin in range(0, len(sound) - 1024, 512):
        frame = sound[begin : begin + 1024] - sound[begin : begin + 1024].mean()
        if np.std(frame) > 0.01:
            full = np.correlate(frame, frame, "full")[1023:]
            found.append(full[int(RATE / high_hz) : int(RATE / low_hz)].max() / full[0])
    return float(np.mean(found))


def loudness(sound: np.ndarray, step: int = 800) -> np.ndarray:
    return np.sqrt((sound[: len(sound) // step * step].reshape(-1, step) ** 2).mean(axis=1))


def test_no_pitch_is_left() -> None:
    spoken = speech(4, RATE)
    assert periodicity(spoken) > 0.6
    assert periodicity(whispered(spoken)) < periodicity(wind(4, RATE, level=0.1, seed=3)) + 0.1


def test_loud_and_quiet_stay_where_they_were() -> None:
    spoken = speech(4, RATE)
    spoken[RATE : 2 * RATE] = 0
    made = whispered(spoken)
    before, after = loudness(spoken[: len(made)]), loudness(made)
    assert np.corrcoef(before, after)[0, 1] > 0.6
    assert after[22:38].max() < 0.02 * after.max()
    assert 0.3 < after.mean() / before.mean() < 2


def test_the_same_words_never_sound_the_same() -> None:
    spoken = speech(3, RATE)
    one, other = whispered(spoken), whispered(spoken)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.2


def drawn(factors: list[float]) -> float:
    """The greatest of ``factors`` in units of the least."""
    return max(factors) / min(factors)


def test_no_constant_shift_undoes_how_formants_wander(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a minute each warp goes to 85 random places or more. That none of 85 lies in the lower or none in the upper fifth of the
    range happens once in 10^8 times; the same is asked of how far both are apart.
    """
    made: list[list[float]] = []

    class Recorded(disguise.Wander):
        def __init__(self, rate: float) -> None:
            super().__init__(rate)
            made.append([])
            self._made = made[-1]

        def step(self) -> float:
            self._made.append(super().step())
            return self._made[-1]

    monkeypatch.setattr(disguise, "Wander", Recorded)
    whispered(wind(60, RATE))
    low, high = made
    least, greatest = disguise.WARPS
    assert len(low) == len(high) > 60 / WINDOW_S
    for warp in (low, high):
        assert least <= min(warp) <= max(warp) <= greatest
        assert drawn(warp) > (greatest / least) ** 0.6
    assert drawn([one / other for one, other in zip(low, high, strict=True)]) > (greatest / least) ** 0.4


class Pinned:
    """A warp that is the same at every hop."""

    def __init__(self, factor: float) -> None:
        self._factor = factor

    def step(self) -> float:
        return self._factor


def middle(bright: int, low: float, high: float) -> float:
    """Where in the spectrum what has taken turns with another band came out, Hz; so neither of both is usual."""
    times = np.arange(16 * RATE)
    pitches = np.where(times // (RATE // 5) % 2, 1500, bright)
    blurred = 0.3 * np.random.default_rng(0).standard_normal(len(times))
    sound = (0.1 * np.sin(2 * np.pi * pitches * times / RATE + blurred)).astype(np.float32)
    heard = Vocoder(RATE, (Pinned(low), Pinned(high))).whisper(sound)[: 15 * RATE].reshape(-1, RATE // 5)[0::2]
    spectrum = (np.abs(np.fft.rfft(heard, axis=1)) ** 2).sum(axis=0)
    frequencies = np.maximum(np.fft.rfftfreq(RATE // 5, 1 / RATE), 1)
    return float(np.exp(np.log(frequencies) @ spectrum / spectrum.sum()))


def test_low_and_high_are_moved_by_a_warp_each() -> None:
    assert middle(600, 1.25, 1.0) / middle(600, 0.8, 1.0) > 1.03
    assert middle(3000, 1.0, 1.25) / middle(3000, 1.0, 0.8) > 1.08


@given(st.sampled_from([160, 441, 1024, 4800]), st.sampled_from([8_000, 11_025, 44_100, 48_000]), st.integers(1, 2))
@settings(max_examples=12, deadline=None)
def test_no_block_is_lost_moved_or_resized(size: int, rate: int, channels: int) -> None:
    shape, sound = AudioFormat(rate, channels), np.repeat(speech(0.6, rate)[None], channels, axis=0)
    put = [RawAudio(sound[:, begin : begin + size], shape, begin * 90_000 // rate) for begin in range(0, sound.shape[1], size)]
    voices = Disguise()
    out = [block for item in put for block in voices.put(item)] + voices.end()
    assert [(block.pts, block.samples.shape, block.format) for block in out] == [
        (block.pts, block.samples.shape, block.format) for block in put
    ]


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_a_clap_is_heard_when_it_was_made(rate: int) -> None:
    sound = np.zeros(2 * rate, np.float32)
    sound[rate : rate + rate // 50] = 0.5 * np.random.default_rng(0).standard_normal(rate // 50)
    made = np.abs(whispered(sound, rate))
    heard = np.nonzero(made > 0.2 * made.max())[0] / rate
    assert 1 - WINDOW_S <= heard.min() <= 1.04
    assert heard.max() < 1.02 + WINDOW_S


@pytest.mark.parametrize("rate", [100, 200, 1_000])
def test_no_rate_is_too_low(rate: int) -> None:
    assert np.isfinite(whispered(wind(2, rate), rate, step=37)).all()


def test_silence_stays_silent_and_loud_sound_is_not_distorted_beyond_full_scale() -> None:
    assert np.abs(whispered(np.zeros(RATE, np.float32))).max() < 1e-4
    assert np.abs(whispered(np.ones(RATE, np.float32) * np.sign(np.sin(np.arange(RATE))).astype(np.float32))).max() <= 1


def test_what_is_no_number_does_not_leave() -> None:
    broken = wind(1, RATE)
    broken[100:200] = np.inf
    broken[300] = np.nan
    assert np.isfinite(whispered(broken)).all()
