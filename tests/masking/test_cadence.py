from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.masking.cadence import Cadence, Due, relaxed
from proxy.masking.closely import Window
from proxy.masking.passes import Pass
from proxy.masking.policy import MaskPolicy, Target

NONE = np.zeros((16, 24), bool)
ALL = ~NONE
WINDOW = Window(4, 6)
WHOLE = (Pass.FACES, Pass.BODIES)
EVERYTHING = Due(WHOLE, everywhere=True)


def schedule(gaps: list[int], policy: MaskPolicy, *, asking: np.ndarray = ALL, active: bool = True) -> list[tuple[int, Due]]:
    cadence, pts, turns = Cadence(policy), 0, []
    for gap in (0, *gaps):
        pts += gap
        turns.append((pts, cadence.due(pts, asking, WINDOW, active=active)))
    return turns


def times(turns: list[tuple[int, Due]], kind: Pass) -> list[int]:
    return [pts for pts, due in turns if kind in due.whole]


def test_the_first_frame_gets_every_look():
    assert Cadence(MaskPolicy()).due(123, NONE, WINDOW, active=False) == EVERYTHING


def test_the_last_frame_gets_the_looks_that_it_has_not_had_and_what_follows_is_a_first_frame():
    cadence = Cadence(MaskPolicy())
    cadence.due(0, ALL, WINDOW, active=True)
    had = cadence.due(3000, ALL, WINDOW, active=True)
    rest = cadence.last()
    assert set(had.whole) | set(rest.whole) == set(WHOLE)
    assert rest.everywhere
    assert cadence.due(6000, ALL, WINDOW, active=True) == EVERYTHING


def test_a_first_frame_that_is_the_last_gets_no_look_twice():
    cadence = Cadence(MaskPolicy())
    cadence.due(0, ALL, WINDOW, active=True)
    assert cadence.last() == Due()


def test_another_size_of_picture_begins_anew():
    cadence = Cadence(MaskPolicy())
    cadence.due(0, ALL, WINDOW, active=True)
    assert cadence.due(3000, np.zeros((2, 2), bool), WINDOW, active=False) == EVERYTHING
    assert cadence.due(6000, np.zeros((2, 2), bool), Window(1, 1), active=False) == EVERYTHING


def test_close_looks_lie_on_few_frames_and_none_carries_all_of_them():
    turns = schedule([3600] * 100, MaskPolicy())
    assert max(len(due.close) for _, due in turns[1:]) <= 4
    assert sum(due.closely for _, due in turns[1:]) <= 100 / 3 + 1


def test_at_2_frames_a_second_every_frame_gets_every_look_that_is_asked_for():
    for _, due in schedule([54_000] * 20, MaskPolicy()):
        assert due.whole == WHOLE
        assert due.everywhere or len(set(due.close)) == WINDOW.over(ALL.shape)


def test_faces_alone_need_no_look_for_bodies():
    turns = schedule([3000] * 30, MaskPolicy(targets=frozenset({Target.FACE})))
    assert times(turns, Pass.BODIES) == []
    assert len(times(turns, Pass.FACES)) > 2


def test_a_scene_in_which_nothing_happens_is_looked_at_less_often():
    policy = MaskPolicy()
    calm = times(schedule([3600] * 200, policy, asking=NONE, active=False), Pass.BODIES)
    watched = times(schedule([3600] * 200, policy, asking=NONE, active=True), Pass.BODIES)
    assert all(later - earlier <= policy.lookback for earlier, later in pairwise(calm))
    assert len(watched) > 1.3 * len(calm)


@given(st.lists(st.integers(1, 4500), min_size=1, max_size=120), st.sampled_from([50, 100, 300, 900]))
def test_while_anybody_is_there_the_whole_picture_is_looked_at_within_the_longest_interval(gaps: list[int], interval_ms: int):
    """Frames up to 50 ms apart, in any rhythm: a look may come one changed gap later than planned."""
    policy = MaskPolicy(interval_ms=interval_ms)
    turns = schedule(gaps, policy)
    bound = policy.longest_interval_ms * 90 + max(gaps)
    for kind in WHOLE:
        assert all(later - earlier <= bound for earlier, later in pairwise(times(turns, kind)))


def test_a_reset_makes_the_next_frame_a_first_one():
    cadence = Cadence(MaskPolicy())
    cadence.due(0, ALL, WINDOW, active=True)
    cadence.reset()
    assert cadence.due(3000, NONE, WINDOW, active=False) == EVERYTHING


def test_load_stretches_the_interval_to_the_longest_and_spare_time_halves_it():
    policy = MaskPolicy(interval_ms=200)
    cadence = Cadence(policy)
    for _ in range(20):
        cadence.relax(3.0)
    assert cadence.interval_ms == policy.longest_interval_ms
    for _ in range(20):
        cadence.relax(0.1)
    assert cadence.interval_ms == 100


@given(st.floats(0, 500), st.floats(0, 100))
def test_the_interval_stays_within_its_bounds_and_changes_by_a_factor_of_two_at_most(interval: float, load: float):
    new = relaxed(interval, load, shortest_ms=20, longest_ms=200)
    assert 20 <= new <= 200
    if 40 <= interval <= 100:
        assert interval / 2 <= new <= interval * 2


@pytest.mark.parametrize("load", [0.85])
def test_a_load_as_aimed_at_changes_nothing(load: float):
    assert relaxed(100, load, shortest_ms=20, longest_ms=200) == 100
