"""Refusals are said once."""

from proxy.control.refusals import AGAIN_S, KEPT, Refusals


def test_a_flood_of_refusals_is_one_line_and_a_minute_later_one_more_with_their_number():
    said, now = [], [0.0]
    refusals = Refusals(lambda *line: said.append(line), clock=lambda: now[0])
    for _ in range(500):
        refusals.note("192.0.2.1", "a token is needed")
    refusals.note("192.0.2.1", "too large")
    assert said == [("192.0.2.1", "a token is needed", 1), ("192.0.2.1", "too large", 1)]
    now[0] = AGAIN_S
    refusals.note("192.0.2.1", "a token is needed")
    assert said[2:] == [("192.0.2.1", "a token is needed", 500)]


def test_nothing_is_remembered_of_more_than_a_bounded_number_of_visitors():
    refusals = Refusals(clock=lambda: 0.0)
    for number in range(10 * KEPT):
        refusals.note(str(number), "too large")
    assert len(refusals._said) == KEPT
