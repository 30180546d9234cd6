"""Pictures of a group leave when they are due, and a line that grows is shortened."""

from __future__ import annotations

import asyncio

import pytest

from proxy.media.time import TICKS_PER_SECOND
from proxy.platform import pace
from proxy.platform.pace import Line
from tests.programmes import STEP, encoded, every, pictures

PACKETS = [packet for packet in encoded(pictures(every(STEP, 100))) if packet.is_video]
STEP_S = STEP / TICKS_PER_SECOND


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    made = Time()
    monkeypatch.setattr(pace.asyncio, "sleep", made.sleep)
    return made


async def times(line: Line, clock: Time, count: int) -> list[float]:
    taken = []
    for _ in range(count):
        await line.next()
        taken.append(clock.now)
    return taken


async def test_a_group_lasts_as_long_as_it_took_to_come(clock):
    line = Line(lambda: clock.now)
    line.add(PACKETS[:50])
    taken = await times(line, clock, 50)
    assert taken[0] == 100.0
    assert taken[-1] - taken[0] == pytest.approx(49 * STEP_S, abs=0.06)


async def test_what_is_left_when_the_next_group_comes_makes_the_pace_faster(clock):
    line = Line(lambda: clock.now)
    line.add(PACKETS[:50])
    await times(line, clock, 25)
    line.add(PACKETS[50:])
    taken = await times(line, clock, 75)
    assert taken[-1] - taken[0] == pytest.approx(74 * STEP_S / 1.95, rel=0.05)


async def test_what_is_let_go_never_comes_and_the_next_group_does_at_once(clock):
    line = Line(lambda: clock.now)
    line.add(PACKETS[:50])
    await times(line, clock, 5)
    line.clear()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await line.next()
    line.add(PACKETS[60:])
    assert (await line.next()).pts == PACKETS[60].pts
