"""One encode for all sinks."""

import asyncio

import pytest

from proxy.encoding.options import Options
from proxy.encoding.programme import Programme, SoundTrack
from proxy.encoding.stills import Stills
from proxy.errors import EncoderError
from proxy.pipeline.channel import Channel, Overflow
from proxy.pipeline.stages.encode import Encode
from proxy.telemetry.events import EncoderOpened, FrameSent
from tests.programmes import STEP, every, pictures


async def encode(frames, events, *, options=None, stills=None):
    items, outs = Channel(99, Overflow.BLOCK), [Channel(99, Overflow.BLOCK), Channel(99, Overflow.BLOCK)]
    for frame in frames:
        await items.send(frame)
    items.close()
    stage = Encode("door", Programme(options or Options(), live=True, sound=SoundTrack.NEVER), outs, events.append, stills=stills)
    try:
        await stage.run(items)
    finally:
        stage.close()
    return [[packet async for packet in out] for out in outs]


async def test_every_sink_gets_the_very_same_packets():
    events = []
    first, second = await encode(pictures(every(STEP, 20)), events)
    assert [packet.pts for packet in first] == every(STEP, 20)
    assert all(one is other for one, other in zip(first, second, strict=True))


async def test_frames_are_told_once_encoded_and_then_released():
    events, frames = [], list(pictures(every(STEP, 20)))
    await encode(frames, events)
    assert [event.index for event in events if isinstance(event, FrameSent)] == list(range(20))
    assert sum(isinstance(event, EncoderOpened) for event in events) == 1
    for frame in frames:
        with pytest.raises(ValueError, match="released"):
            _ = frame.buffer


async def test_a_picture_is_made_of_the_next_frame_for_who_asks_and_of_no_other():
    stills, made = Stills(), []
    make = stills.make
    stills.make = lambda frame: (made.append(frame.pts), make(frame))
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(stills.next())
        await asyncio.sleep(0)
        await encode(pictures(every(STEP, 20)), [], stills=stills)
    assert waiting.result().data.startswith(b"\xff\xd8")
    assert made == [0]


async def test_an_encoder_that_does_not_open_closes_the_sinks_and_is_told():
    with pytest.raises(EncoderError):
        await encode(pictures(every(STEP, 20)), [], options=Options(encoder="h264_nonesuch"))
