"""Programme time across sessions and slates."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from proxy.media.time import TICKS_PER_SECOND
from proxy.pipeline.clock import ProgrammeClock

SECOND = 1_000_000_000


def test_the_programme_starts_at_zero_and_keeps_the_sources_steps():
    clock = ProgrammeClock()
    clock.begin_session()
    assert [clock.arrived(pts, now_ns=5 * SECOND) for pts in (9000, 12600, 16200)] == [0, 3600, 7200]


def test_a_new_session_begins_where_the_wall_clock_is():
    clock = ProgrammeClock()
    clock.begin_session()
    clock.arrived(0, now_ns=0)
    clock.begin_session()
    assert clock.arrived(777, now_ns=10 * SECOND) == 10 * TICKS_PER_SECOND


def test_a_slate_has_the_time_of_a_frame_that_leaves_now():
    clock = ProgrammeClock(delay=TICKS_PER_SECOND)
    clock.begin_session()
    clock.arrived(0, now_ns=0)
    assert clock.slate(now_ns=3 * SECOND) == 2 * TICKS_PER_SECOND


def test_there_is_no_slate_before_the_first_picture_and_none_behind_what_left():
    clock = ProgrammeClock()
    assert clock.slate(now_ns=SECOND) is None
    clock.begin_session()
    clock.arrived(0, now_ns=0)
    clock.leaves(5 * TICKS_PER_SECOND)
    assert clock.slate(now_ns=SECOND) is None


@given(st.lists(st.one_of(st.tuples(st.just("frame"), st.integers(1, 10**6)), st.sampled_from([("session", 0), ("slate", 0)]))))
def test_what_leaves_strictly_increases_whatever_happens(steps):
    clock, now_ns, raw, left = ProgrammeClock(), 0, 0, []
    clock.begin_session()
    for what, step in steps:
        now_ns += SECOND // 25
        if what == "session":
            clock.begin_session()
            raw = 0
        elif what == "slate":
            pts = clock.slate(now_ns=now_ns)
            if pts is not None and clock.leaves(pts):
                left.append(pts)
        else:
            raw += step
            pts = clock.arrived(raw, now_ns=now_ns)
            if clock.leaves(pts):
                left.append(pts)
    assert all(before < after for before, after in itertools.pairwise(left))


def test_a_programme_may_begin_with_slates_which_the_first_session_follows() -> None:
    clock = ProgrammeClock(delay=9_000)
    clock.begin(now_ns=5 * SECOND)
    clock.begin(now_ns=6 * SECOND)
    assert clock.slate(now_ns=5 * SECOND) is None
    slate = clock.slate(now_ns=7 * SECOND)
    assert slate == 2 * TICKS_PER_SECOND - 9_000
    assert clock.leaves(slate)
    clock.begin_session()
    assert clock.arrived(123, now_ns=8 * SECOND) == 3 * TICKS_PER_SECOND
