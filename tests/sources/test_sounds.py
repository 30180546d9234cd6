"""Sound waits for the first picture, begins with it, and survives a change of its own format."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from proxy.sources.sounds import Sounds

RATE = 8000


def block(pts: int | None, *, samples: int = 800, rate: int = RATE, layout: str = "mono") -> av.AudioFrame:
    channels = av.AudioLayout(layout).nb_channels
    frame = av.AudioFrame.from_ndarray(np.full((1, samples * channels), 16_384, np.int16), format="s16", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, pts, Fraction(1, rate)
    return frame


def test_sound_waits_until_a_picture_says_where_zero_is() -> None:
    sounds = Sounds()
    sounds.put(block(0))
    assert sounds.take(None) == []
    (waited,) = sounds.take(900)
    assert waited.pts == 900
    assert sounds.take(900) == []
    assert np.allclose(waited.samples, 0.5)


def test_what_lies_before_the_first_picture_is_cut_to_the_sample() -> None:
    sounds = Sounds()
    sounds.put(block(0))
    sounds.put(block(800))
    (kept,) = sounds.take(-9000 - 450)
    assert kept.samples.shape == (1, 760)
    assert kept.pts == 0


def test_sound_without_timestamps_follows_what_came_before() -> None:
    sounds = Sounds()
    for pts in (0, None, None):
        sounds.put(block(pts))
    assert [heard.pts for heard in sounds.take(0)] == [0, 9000, 18_000]


def test_a_change_of_rate_and_channels_is_followed() -> None:
    sounds = Sounds()
    sounds.put(block(0))
    sounds.put(block(800, rate=16_000, layout="stereo"))
    assert [(heard.format.sample_rate, heard.samples.shape) for heard in sounds.take(0)] == [(8000, (1, 800)), (16_000, (2, 800))]


def test_what_waits_is_bounded() -> None:
    sounds = Sounds()
    for number in range(600):
        sounds.put(block(number * 10, samples=10))
    held = sounds.take(0)
    assert len(held) == 512
    assert held[-1].pts == round(599 * 10 * 90_000 / RATE)
