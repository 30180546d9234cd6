"""Ambience is heard, speech is not, and its first syllable is not either."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.voices.mute_speech import HELD_S, LEAD_S, MuteSpeech
from proxy.voices.protocol import Treated
from tests.voices.speaking import speech, wind

RATE = 48_000
SHAPE = AudioFormat(RATE, 1)


def blocks(sound: np.ndarray, size: int, shape: AudioFormat = SHAPE) -> list[RawAudio]:
    line = np.repeat(sound[None], shape.channels, axis=0)
    return [
        RawAudio(line[:, begin : begin + size].copy(), shape, begin * 90_000 // shape.sample_rate)
        for begin in range(0, line.shape[1], size)
    ]


def treated(given_blocks: list[RawAudio]) -> list[Treated]:
    voices = MuteSpeech()
    return [block for item in given_blocks for block in voices.put(item)] + voices.end()


def test_speech_is_muted_from_before_its_beginning_and_ambience_is_left_as_it_was() -> None:
    ambience, spoken = wind(6, RATE), speech(2, RATE)
    sound = ambience.copy()
    sound[2 * RATE : 4 * RATE] += spoken
    heard = np.concatenate([block.samples[0] for block in treated(blocks(sound, 1024))])
    assert not heard[2 * RATE - round((LEAD_S - 0.1) * RATE) : 4 * RATE + RATE // 10].any()
    assert heard[: RATE // 2] == pytest.approx(ambience[: RATE // 2])
    assert heard[5 * RATE : 5 * RATE + RATE // 2] == pytest.approx(ambience[5 * RATE : 5 * RATE + RATE // 2])


@pytest.mark.parametrize("gain", [-1.0, -0.997, 0.0])
def test_speech_is_muted_in_every_channel_whatever_the_others_do_to_it(gain: float) -> None:
    spoken = speech(2, RATE)
    sound = np.stack([spoken, gain * spoken]).astype(np.float32)
    shape, size = AudioFormat(RATE, 2), 1024
    put = [RawAudio(sound[:, begin : begin + size], shape, begin * 90_000 // RATE) for begin in range(0, 2 * RATE, size)]
    heard = np.concatenate([block.samples for block in treated(put)], axis=1)
    assert (heard**2).sum() < 1e-6 * (sound**2).sum()


def test_sound_waits_for_no_longer_than_it_must() -> None:
    voices, put, latest = MuteSpeech(), 0.0, 0.0
    for block in blocks(wind(2, RATE), 480):
        put = block.pts / 90_000 + 0.01
        for out in voices.put(block):
            latest = max(latest, put - out.pts / 90_000)
    assert 0 < latest <= HELD_S + 0.01
    assert HELD_S < 0.4


@given(st.sampled_from([160, 441, 1024, 4800]), st.sampled_from([8_000, 16_000, 44_100]), st.integers(1, 2))
@settings(max_examples=12, deadline=None)
def test_no_block_is_lost_moved_or_resized(size: int, rate: int, channels: int) -> None:
    put = blocks(speech(0.8, rate), size, AudioFormat(rate, channels))
    out = treated(put)
    assert [(block.pts, block.samples.shape, block.format) for block in out] == [
        (block.pts, block.samples.shape, block.format) for block in put
    ]
    assert not any(np.shares_memory(one.samples, other.samples) for one, other in zip(put, out, strict=True))


def test_a_change_of_format_begins_anew_and_loses_nothing() -> None:
    put = blocks(wind(0.5, RATE), 1024) + blocks(wind(0.5, 8_000), 160, AudioFormat(8_000, 2))
    assert [block.format for block in treated(put)] == [block.format for block in put]


def test_what_is_no_number_is_muted() -> None:
    broken = wind(2, RATE)
    broken[RATE] = np.nan
    heard = np.concatenate([block.samples[0] for block in treated(blocks(broken, 1024))])
    assert np.isfinite(heard).all()
    assert not heard[RATE - 4800 : RATE + 4800].any()


def test_what_was_not_heard_to_the_end_is_muted() -> None:
    out = treated(blocks(wind(0.02, RATE), 480))
    assert not any(block.samples.any() for block in out)
