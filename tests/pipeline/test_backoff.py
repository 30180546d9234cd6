"""Delays between tries."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.pipeline.backoff import Backoff

chances = st.floats(0, 1)


@given(st.integers(1, 10_000), chances)
def test_no_delay_is_shorter_than_half_its_bound_or_longer_than_the_limit(attempt, chance):
    backoff = Backoff(first_s=1, limit_s=30)
    bound = min(30, 2.0 ** min(attempt - 1, 30))
    assert bound / 2 <= backoff.delay_s(attempt, chance=chance) <= bound


def test_delays_double_until_the_limit():
    backoff = Backoff(first_s=1, limit_s=10)
    assert [backoff.delay_s(attempt, chance=1) for attempt in range(1, 6)] == [1, 2, 4, 8, 10]


def test_a_connection_that_lasted_starts_the_count_anew():
    backoff = Backoff(steady_s=60)
    assert backoff.attempt(7, lived_s=61) == 1
    assert backoff.attempt(7, lived_s=59) == 8
