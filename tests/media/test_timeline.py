"""Whatever timestamps an input gives, pictures are placed in strictly increasing ticks from 0."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.media.timeline import USUAL_STEP, Timeline

JUMP = 900_000
STAMPS = st.lists(st.none() | st.integers(-(2**40), 2**40), max_size=60)
STEPS = st.lists(st.integers(1, JUMP), max_size=60)


def placed(stamps: list[int | None], *, jump: int | None = JUMP, arrivals: list[int] | None = None) -> list[int]:
    line = Timeline(jump=jump)
    return [line.place(stamp, arrived=arrivals[i] if arrivals else None) for i, stamp in enumerate(stamps)]


@given(STAMPS, st.sampled_from([None, JUMP]), st.data())
def test_places_start_at_zero_and_strictly_increase_whatever_comes(
    stamps: list[int | None], jump: int | None, data: st.DataObject
) -> None:
    waits = data.draw(st.lists(st.integers(-10, 10**6), min_size=len(stamps), max_size=len(stamps)))
    arrivals = data.draw(st.sampled_from([None, np.cumsum(waits).tolist()]))
    places = placed(stamps, jump=jump, arrivals=arrivals)
    assert places[:1] == [0] * len(places[:1])
    assert all(later > earlier for earlier, later in pairwise(places))


@given(st.integers(-(2**40), 2**40), STEPS)
def test_good_timestamps_keep_their_distances_to_the_tick(first: int, steps: list[int]) -> None:
    stamps = np.cumsum([first, *steps]).tolist()
    assert placed(stamps) == [stamp - first for stamp in stamps]


@given(STEPS, st.integers(JUMP + 1, 2**40))
def test_a_file_keeps_its_gaps_however_long(steps: list[int], gap: int) -> None:
    stamps = np.cumsum([0, *steps, gap, *steps]).tolist()
    assert placed(stamps, jump=None) == stamps


@given(st.integers(1, JUMP), st.lists(st.booleans(), min_size=1, max_size=30))
def test_missing_timestamps_of_a_steady_rate_are_filled_in(step: int, missing: list[bool]) -> None:
    step = min(step, 90_000)
    stamps = [None if gone else (i + 2) * step for i, gone in enumerate(missing)]
    line = [0, step, *((i + 2) * step for i in range(len(missing)))]
    assert placed([0, step, *stamps]) == line


def test_a_repeated_and_a_late_timestamp_move_no_other() -> None:
    assert placed([0, 3600, 3600, 7200, 6000, 10_800, 14_400]) == [0, 3600, 3601, 7200, 7201, 10_800, 14_400]


def test_timestamps_that_stay_behind_are_a_new_count() -> None:
    places = placed([0, 90_000, 50_000, 53_600, 57_200, 60_800])
    assert places == [0, 90_000, 90_001, 90_002, 90_002 + 90_000, 90_002 + 93_600]


@pytest.mark.parametrize("after", [-(2**33), 10**9, -1_000_000])
def test_a_jump_and_a_wrapped_counter_go_on_by_the_usual_step(after: int) -> None:
    assert placed([0, 3600, 7200, 7200 + after, 10_800 + after]) == [0, 3600, 7200, 10_800, 14_400]


def test_a_jump_goes_on_by_the_time_that_really_passed_where_arrivals_are_known() -> None:
    assert placed([0, 3600, 10**9, 10**9 + 3600], arrivals=[100, 3700, 30_000, 33_000]) == [0, 3600, 29_900, 33_500]


def test_missing_timestamps_of_a_live_input_follow_its_arrivals() -> None:
    assert placed([None, None, None], arrivals=[500, 9500, 18_000]) == [0, 9000, 17_500]


def test_without_anything_to_go_by_the_usual_step_holds() -> None:
    assert placed([None, None, None]) == [0, USUAL_STEP, 2 * USUAL_STEP]


def test_the_offset_moves_sound_as_far_as_pictures() -> None:
    line = Timeline(jump=JUMP)
    assert line.offset is None
    line.place(None)
    assert line.offset is None
    assert line.place(5000) == USUAL_STEP
    assert line.offset == USUAL_STEP - 5000
    line.place(5000 + 10**9)
    assert line.offset == 2 * USUAL_STEP - 5000 - 10**9
