"""The table of connection states."""

import itertools

import pytest

from proxy.pipeline.lifecycle import TURNS, Turn, turn
from proxy.telemetry.events import Connection


def test_every_state_can_be_reached_from_connecting():
    reached = {Connection.CONNECTING}
    for _ in Connection:
        reached |= {after for (before, _), after in TURNS.items() if before in reached}
    assert reached == set(Connection)


def test_what_ended_or_failed_for_good_stays_so():
    for state, what in itertools.product((Connection.ENDED, Connection.FAILED), Turn):
        with pytest.raises(AssertionError, match=str(state)):
            turn(state, what)


def test_a_connection_is_tried_again_only_after_a_wait():
    assert turn(Connection.RUNNING, Turn.FAILED) is Connection.WAITING
    assert turn(Connection.WAITING, Turn.RETRIED) is Connection.CONNECTING
    with pytest.raises(AssertionError):
        turn(Connection.RUNNING, Turn.RETRIED)
