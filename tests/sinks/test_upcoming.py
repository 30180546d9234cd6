"""Programmes come one after another, each whole."""

from __future__ import annotations

from proxy.media.formats import VideoFormat
from proxy.sinks.upcoming import Upcoming
from tests.programmes import STEP, encoded, every, pictures, stream


async def test_each_programme_ends_where_the_next_begins_and_nothing_is_lost() -> None:
    one = encoded(pictures(every(STEP, 10)))
    other = encoded(pictures(every(STEP, 10, first=10 * STEP), VideoFormat(64, 48)))
    upcoming, got = Upcoming(stream(one + other)), []
    while await upcoming.peek() is not None:
        got.append([packet async for packet in upcoming.programme()])
    assert got == [one, other]
    assert upcoming.ended


async def test_what_is_only_looked_at_is_still_there() -> None:
    packets = encoded(pictures(every(STEP, 3)))
    upcoming = Upcoming(stream(packets))
    assert await upcoming.peek() is await upcoming.peek() is packets[0]
    assert not upcoming.ended
    assert [packet async for packet in upcoming.programme()] == packets


async def test_nothing_is_no_programme() -> None:
    upcoming = Upcoming(stream([]))
    assert await upcoming.peek() is None
    assert upcoming.ended
