"""What is muted reaches from before speech until after it, and sound fades without a click."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.voices.spans import Spans

LEAD, HANGOVER, RAMP, CHUNK = 30, 50, 4, 10


def streamed(verdicts: list[bool], step: int) -> np.ndarray:
    """Gains as they are asked for while verdicts come in, chunk by chunk, in pieces of ``step``."""
    spans, gains, begin = Spans(lead=LEAD, hangover=HANGOVER, ramp=RAMP), [np.zeros(0, np.float32)], 0
    for number, is_speech in enumerate(verdicts):
        if is_speech:
            spans.speech(number * CHUNK, (number + 1) * CHUNK)
        while begin + step <= (number + 1) * CHUNK - spans.ahead:
            gains.append(spans.gains(begin, step))
            begin += step
    return np.concatenate(gains)


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.integers(1, 25))
def test_nothing_near_speech_is_heard_and_all_far_from_it_is(verdicts: list[bool], step: int) -> None:
    gains = streamed(verdicts, step)
    speech = np.repeat(verdicts, CHUNK)
    for place, gain in enumerate(gains):
        before, after = max(0, place - HANGOVER), place + LEAD
        if speech[max(0, place - HANGOVER + RAMP) : after - RAMP + 1].any():
            assert gain == 0
        if not speech[before : after + 1].any():
            assert gain == 1


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.integers(1, 25))
def test_gains_never_jump_however_they_are_asked_for(verdicts: list[bool], step: int) -> None:
    gains = streamed(verdicts, step)
    if len(gains) > 1:
        assert np.abs(np.diff(gains)).max() <= 1 / RAMP + 1e-6


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_pieces_join_to_what_a_single_question_gives(verdicts: list[bool]) -> None:
    one, many = streamed(verdicts, 1), streamed(verdicts, 7)
    assert one[: len(many)] == pytest.approx(many)


def test_a_ramp_that_has_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a ramp"):
        Spans(lead=4, hangover=4, ramp=5)
