"""Blocks wait for their turn, whole."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.voices.waiting import Waiting


@given(st.lists(st.integers(1, 50), max_size=20), st.lists(st.integers(0, 1200), max_size=10).map(sorted))
def test_blocks_leave_whole_in_order_and_not_before_their_end(lengths: list[int], places: list[int]) -> None:
    waiting = Waiting()
    for number, length in enumerate(lengths):
        waiting.put(RawAudio(np.zeros((1, length), np.float32), AudioFormat(8000, 1), number))
    assert waiting.end == sum(lengths)
    taken = []
    for place in [*places, waiting.end]:
        now = waiting.until(place)
        assert all(begin + block.samples.shape[1] <= place for begin, block in now)
        taken += now
    assert [block.pts for _, block in taken] == list(range(len(lengths)))
    assert [begin for begin, _ in taken] == [sum(lengths[:number]) for number in range(len(lengths))]
