"""Sound as it came, in memory of its own."""

import numpy as np

from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.voices.untouched import Untouched


def test_sound_is_copied_unchanged() -> None:
    block = RawAudio(np.ones((2, 480), np.float32), AudioFormat(48_000, 2), 7)
    (copied,) = Untouched().put(block)
    assert (copied.samples == 1).all()
    assert not np.shares_memory(copied.samples, block.samples)
    assert Untouched().end() == []
