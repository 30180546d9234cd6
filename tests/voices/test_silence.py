"""Silence holds nothing of what was said."""

import numpy as np

from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.voices.silence import Silence


def test_there_is_as_much_silence_as_there_was_sound() -> None:
    voices = Silence()
    (silent,) = voices.put(RawAudio(np.ones((2, 480), np.float32), AudioFormat(48_000, 2), 7))
    assert silent.samples.shape == (2, 480)
    assert not silent.samples.any()
    assert silent.pts == 7
    assert voices.end() == []
