"""Sound of any shape becomes one unbroken AAC track at its own times."""

import io

import av
import numpy as np
import pytest

from proxy.encoding.audio import FILLED_S, AudioEncoder
from proxy.encoding.options import Options
from proxy.media.time import TICKS_PER_SECOND
from tests.programmes import sound

FRAME_TICKS = 1920


def adts(data):
    size = len(data) + 7
    return bytes([0xFF, 0xF1, 0x4C, 0x80 | size >> 11, size >> 3 & 0xFF, (size & 7) << 5 | 0x1F, 0xFC]) + data


def heard(units):
    with av.open(io.BytesIO(b"".join(adts(unit.data) for unit in units)), format="aac") as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


def encode(*blocks):
    encoder = AudioEncoder(Options())
    units = []
    for block in blocks:
        units += encoder.encode(block)
    return units + encoder.flush()


def level(samples):
    return float(np.sqrt(np.mean(np.square(samples))))


@pytest.mark.parametrize(
    ("rate", "channels", "size"), [(48000, 2, 1024), (44100, 1, 999), (8000, 1, 160), (16000, 6, 37), (48000, 3, 480)]
)
def test_any_rate_channels_and_block_length_become_one_track_without_holes(rate, channels, size):
    count = rate // size
    blocks = [sound(900 + n * size * TICKS_PER_SECOND // rate, size, rate=rate, channels=channels) for n in range(count)]
    units = encode(*blocks)
    assert [unit.pts for unit in units] == [900 + n * FRAME_TICKS for n in range(len(units))]
    assert abs(len(units) * 1024 - 48000) <= 3 * 1024
    samples = heard(units)
    assert samples.shape[0] == 2
    if channels != 6:
        assert level(samples[:, 4096:-8192]) == pytest.approx(0.5 / np.sqrt(2), abs=0.02)
    assert level(samples[:, 4096:-8192]) > 0.2


def test_a_gap_is_filled_with_silence_of_its_length():
    units = encode(sound(0, 24000), sound(TICKS_PER_SECOND, 24000))
    assert [unit.pts for unit in units] == [n * FRAME_TICKS for n in range(len(units))]
    samples = heard(units)
    assert abs(samples.shape[1] - 72000) <= 2048
    assert level(samples[:, 27000:44000]) < 0.01
    assert level(samples[:, 52000:66000]) > 0.3


def test_what_overlaps_is_dropped():
    half = TICKS_PER_SECOND // 2
    units = encode(sound(0, 48000), sound(half, 48000))
    assert abs(len(units) * 1024 - 72000) <= 2048


def test_a_jump_too_long_to_fill_costs_no_memory_and_goes_on_at_the_new_place():
    later = (FILLED_S + 10_000) * TICKS_PER_SECOND
    units = encode(sound(0, 4800), sound(later, 48000))
    times = [unit.pts for unit in units]
    assert len(units) < 60
    assert times == sorted(times)
    assert abs(times[-1] - later - TICKS_PER_SECOND) < 3 * FRAME_TICKS


def test_silence_keeps_up_with_the_pictures_from_the_start_of_the_track():
    encoder = AudioEncoder(Options())
    assert encoder.silence_until(90000) == []
    encoder.start(4500)
    units = [unit for pts in range(4500, 94500, 3600) for unit in encoder.silence_until(pts)] + encoder.flush()
    assert [unit.pts for unit in units] == [4500 + n * FRAME_TICKS for n in range(len(units))]
    assert level(heard(units)) < 0.001


def test_sound_before_the_start_of_the_track_is_left_out():
    encoder = AudioEncoder(Options())
    encoder.start(45000)
    units = encoder.encode(sound(0, 48000)) + encoder.flush()
    assert units[0].pts == 45000
    assert abs(len(units) * 1024 - 24000) <= 2048


def test_the_track_describes_itself():
    stream = AudioEncoder(Options()).stream
    assert (stream.format.sample_rate, stream.format.channels) == (48000, 2)
    assert stream.extradata[:2] == b"\x11\x90"
