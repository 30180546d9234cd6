"""From the source into the line: time, sound, damage, dropped frames."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.anonymiser import Anonymiser, ReleasedAudio
from proxy.errors import SourceUnreachable
from proxy.media.formats import AudioFormat
from proxy.media.raw import RawAudio
from proxy.media.time import TICKS_PER_SECOND
from proxy.pipeline.channel import Channel, Overflow
from proxy.pipeline.clock import ProgrammeClock
from proxy.pipeline.stages.ingest import Ingest, SoundLine
from proxy.redactors.solid import Solid
from proxy.telemetry.events import DamageSeen, FramesDropped
from proxy.voices.policy import AudioPolicy
from tests.pipeline.walks import STEP, Given, picture

GATE = Anonymiser(Solid())


def block(pts) -> ReleasedAudio:
    (released,) = GATE.open_sound().put(RawAudio(np.zeros((1, 4), np.float32), AudioFormat(48_000, 1), pts))
    return released


def ingest(events, *, clock=None, gate=GATE):
    return Ingest("door", clock, SoundLine(), gate.open_sound, lambda: events.append("opened"), events.append)


@given(st.lists(st.integers(0, 1000), max_size=50).map(sorted), st.integers(0, 1000))
def test_sound_leaves_in_order_and_never_before_its_time(times, until):
    line = SoundLine()
    for pts in times:
        line.put(block(pts))
    assert [item.pts for item in line.until(until)] == [pts for pts in times if pts <= until]
    assert [item.pts for item in line.until(2000)] == [pts for pts in times if pts > until]


def test_sound_that_nobody_takes_is_bounded_in_seconds():
    line = SoundLine(limit_s=1.0)
    for second in range(10):
        line.put(block(second * TICKS_PER_SECOND))
    assert [item.pts // TICKS_PER_SECOND for item in line.until(10 * TICKS_PER_SECOND)] == [8, 9]


async def test_a_source_that_is_faster_than_the_box_loses_its_oldest_frames_and_that_is_told():
    events, frames = [], Channel(2, Overflow.DROP_OLDEST)
    await ingest(events).run(Given([picture(index) for index in range(10)]), frames)
    assert [item.pts // STEP async for item in frames] == [8, 9]
    assert sum(event.count for event in events if isinstance(event, FramesDropped)) == 8
    assert events[0] == "opened"


async def test_damage_is_told_as_it_grows():
    events, source = [], Given([picture(0)])
    source.damage.packets, source.damage.detail = 3, "made up"
    await ingest(events).run(source, Channel(2, Overflow.DROP_OLDEST))
    assert [event for event in events if isinstance(event, DamageSeen)] == [DamageSeen("door", 3, "made up")]


async def test_a_live_session_is_placed_in_programme_time():
    frames = Channel(9, Overflow.BLOCK)
    await ingest([], clock=ProgrammeClock()).run(Given([picture(index) for index in range(5, 8)]), frames)
    assert [item.pts async for item in frames] == [0, STEP, 2 * STEP]


def sounds(count):
    return [RawAudio(np.full((1, 480), 0.1, np.float32), AudioFormat(48_000, 1), index * 900) for index in range(count)]


@pytest.mark.parametrize("policy", [AudioPolicy.MUTE_SPEECH, AudioPolicy.DISGUISE, AudioPolicy.PASS, AudioPolicy.SILENCE])
@pytest.mark.parametrize("failure", [None, SourceUnreachable("cut")])
async def test_all_sound_of_a_session_is_in_line_when_its_pictures_end(policy, failure):
    walked = ingest([], gate=Anonymiser(Solid(), audio=policy))
    frames = Channel(2, Overflow.DROP_OLDEST)
    with contextlib.suppress(SourceUnreachable):
        await walked.run(Given([picture(0), *sounds(100)], failure), frames)
    assert [item.pts for item in walked.sound.until(TICKS_PER_SECOND)] == [index * 900 for index in range(100)]
