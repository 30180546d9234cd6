"""Speech is found at any rate and level; noise is no speech."""

import numpy as np
import pytest

from proxy.media.formats import AudioFormat
from proxy.voices.speech import CHUNK, RATE, SpeechDetector
from tests.voices.speaking import speech, wind


def share(samples: np.ndarray, rate: int) -> float:
    return float(np.mean(SpeechDetector(AudioFormat(rate, 1)).hear(samples[None])))


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_speech_is_found_and_wind_is_not(rate: int) -> None:
    assert share(speech(2, rate), rate) > 0.4
    assert share(wind(2, rate), rate) == 0


@pytest.mark.parametrize("level", [1.0, 0.1, 0.01])
def test_a_quiet_voice_is_found_too(level: float) -> None:
    assert share(level * speech(2, 48_000), 48_000) > 0.5


SPOKEN, NOISE = speech(2, 48_000), wind(2, 48_000, level=0.3)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (SPOKEN, -SPOKEN),
        (SPOKEN, -0.997 * SPOKEN),
        (SPOKEN, NOISE),
        (NOISE, SPOKEN),
        (0 * NOISE, SPOKEN),
        (NOISE + 0.05 * SPOKEN, NOISE - 0.05 * SPOKEN),
        (0.05 * SPOKEN + NOISE, 0.05 * SPOKEN - NOISE),
    ],
    ids=["antiphase", "near antiphase", "left only", "right only", "beside silence", "in the difference", "in the mean"],
)
def test_no_channel_hides_what_is_said_in_another(left: np.ndarray, right: np.ndarray) -> None:
    heard = SpeechDetector(AudioFormat(48_000, 2)).hear(np.stack([left, right]).astype(np.float32))
    assert np.mean(heard) > 0.4


def test_speech_is_found_in_whichever_of_many_channels_it_is() -> None:
    for channel in range(6):
        sound = np.stack([wind(1, 48_000, level=0.1, seed=seed) for seed in range(6)])
        sound[channel] = SPOKEN[:48_000]
        assert np.mean(SpeechDetector(AudioFormat(48_000, 6)).hear(sound)) > 0.4


def test_a_channel_that_was_a_copy_of_the_first_is_judged_by_itself_once_it_differs() -> None:
    detector = SpeechDetector(AudioFormat(48_000, 2))
    assert not any(detector.hear(np.stack([NOISE, NOISE])))
    assert np.mean(detector.hear(np.stack([NOISE, SPOKEN]))) > 0.4


@pytest.mark.parametrize("channels", [0, 9])
def test_more_channels_than_are_judged_are_refused(channels: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 8 channels"):
        SpeechDetector(AudioFormat(16_000, channels))


def test_there_is_one_verdict_for_each_chunk_however_sound_comes() -> None:
    detector, sound = SpeechDetector(AudioFormat(16_000, 2)), np.repeat(speech(2, 16_000)[None], 2, axis=0)
    verdicts = [flag for part in np.array_split(sound, 37, axis=1) for flag in detector.hear(part)]
    assert abs(len(verdicts) - 2 * RATE // CHUNK) <= 1
    assert verdicts == SpeechDetector(AudioFormat(16_000, 2)).hear(sound)[: len(verdicts)]


def test_what_cannot_be_judged_counts_as_speech() -> None:
    detector = SpeechDetector(AudioFormat(16_000, 1))
    assert all(detector.hear(np.full((1, 16_000), np.nan, np.float32)))
    assert not any(detector.hear(wind(1, 16_000)[None])[3:])
    assert any(detector.hear(speech(1, 16_000)[None]))
