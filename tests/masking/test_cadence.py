from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.masking.cadence import Cadence, relaxed
from proxy.masking.passes import Pass
from proxy.masking.policy import MaskPolicy, Target

ALL = (Pass.FACES, Pass.LARGE_FACES, Pass.BODIES)


def schedule(gaps: list[int], policy: MaskPolicy) -> list[tuple[int, tuple[Pass, ...]]]:
    cadence, pts, turns = Cadence(policy), 0, []
    for gap in (0, *gaps):
        pts += gap
        turns.append((pts, cadence.due(pts)))
    return turns


def test_the_first_frame_gets_every_pass():
    assert Cadence(MaskPolicy()).due(123) == ALL


def test_the_last_frame_gets_every_pass_and_what_follows_is_a_first_frame():
    cadence = Cadence(MaskPolicy(interval_ms=200))
    cadence.due(0)
    assert cadence.due(3000) != ALL
    assert cadence.due(6000, last=True) == ALL
    assert cadence.due(9000) == ALL


def test_a_frame_that_was_seen_before_gets_every_pass_when_it_turns_out_to_be_the_last():
    cadence = Cadence(MaskPolicy(interval_ms=200))
    for pts in (0, 3000, 6000):
        cadence.due(pts)
    assert cadence.due(6000, last=True) == ALL


def test_at_30_frames_a_second_no_frame_after_the_first_carries_both_expensive_passes():
    turns = schedule([3000] * 60, MaskPolicy(interval_ms=100))
    assert all(len(kinds) < 3 for _, kinds in turns[1:])


def test_at_5_frames_a_second_every_frame_gets_every_pass():
    assert all(kinds == ALL for _, kinds in schedule([18_000] * 20, MaskPolicy()))


def test_faces_alone_need_no_look_for_bodies():
    turns = schedule([3000] * 30, MaskPolicy(targets=frozenset({Target.FACE})))
    assert all(Pass.BODIES not in kinds for _, kinds in turns)


@given(st.lists(st.integers(1, 4500), min_size=1, max_size=120), st.sampled_from([0, 50, 100, 200, 900]))
def test_two_looks_of_every_kind_lie_in_every_look_back_window(gaps: list[int], interval_ms: int):
    """Frames up to 50 ms apart, in any rhythm: a look may come one changed gap later than planned, never half a window."""
    policy = MaskPolicy(interval_ms=interval_ms)
    turns = schedule(gaps, policy)
    for kind in ALL:
        ran = [pts for pts, kinds in turns if kind in kinds]
        assert all(later - earlier <= policy.lookback // 2 + max(gaps) for earlier, later in pairwise(ran))
    assert all(Pass.FACES in kinds for _, kinds in turns)


@given(st.integers(500, 20_000), st.sampled_from([50, 100, 200]))
def test_in_an_even_rhythm_the_interval_is_kept_exactly(gap: int, interval_ms: int):
    turns = schedule([gap] * 60, MaskPolicy(interval_ms=interval_ms))
    for kind in ALL[1:]:
        ran = [pts for pts, kinds in turns if kind in kinds]
        assert all(later - earlier <= max(interval_ms * 90, gap) for earlier, later in pairwise(ran))


def test_a_reset_makes_the_next_frame_a_first_one():
    cadence = Cadence(MaskPolicy())
    cadence.due(0)
    cadence.reset()
    assert cadence.due(3000) == ALL


def test_a_busy_machine_stretches_the_interval_to_half_the_look_back_time_and_no_further():
    cadence = Cadence(MaskPolicy(interval_ms=50))
    for _ in range(20):
        cadence.relax(3.0)
    assert cadence.interval_ms == 200
    for _ in range(20):
        cadence.relax(0.1)
    assert cadence.interval_ms == 50


@given(st.floats(0, 500), st.floats(0, 100))
def test_the_interval_stays_within_its_bounds_and_changes_by_a_factor_of_two_at_most(interval: float, load: float):
    new = relaxed(interval, load, shortest_ms=20, longest_ms=200)
    assert 20 <= new <= 200
    if 40 <= interval <= 100:
        assert interval / 2 <= new <= interval * 2


@pytest.mark.parametrize("load", [0.85])
def test_a_load_as_aimed_at_changes_nothing(load: float):
    assert relaxed(100, load, shortest_ms=20, longest_ms=200) == 100
