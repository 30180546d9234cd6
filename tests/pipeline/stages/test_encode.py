"""One encode for all sinks."""

import asyncio

import pytest

from proxy.anonymiser import Anonymiser
from proxy.encoding.options import Options
from proxy.encoding.programme import Programme, SoundTrack
from proxy.encoding.stills import Stills
from proxy.errors import EncoderError
from proxy.masking.plan import CoverReason
from proxy.pipeline.channel import Channel, Overflow
from proxy.pipeline.stages.encode import Encode
from proxy.telemetry.events import EncoderOpened, FrameSent, Stage, StageTimed
from tests.programmes import SHAPE, STEP, NothingToHide, every, pictures


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


@pytest.mark.parametrize("number", [0, 3, 4, 5, 12, 19])
@pytest.mark.parametrize("gop_s", [0.2, 2.0])
async def test_covered_while_a_picture_is_being_encoded_neither_that_nor_one_that_waits_is_handed_over(number, gop_s):
    """At 0.2 s every fifth picture is a keyframe, with which a stream could go on; encoders hold the first five back."""
    gate, times, begun = Anonymiser(NothingToHide()), every(STEP, 30), []

    def observe(event):
        if isinstance(event, StageTimed) and event.stage is Stage.ENCODE:
            begun.append(event)
            if len(begun) == number + 1:
                stage.cover(covered=True)
        if isinstance(event, FrameSent):
            told.append(event.pts)

    told: list[int] = []
    items, out = Channel(99, Overflow.BLOCK), Channel(99, Overflow.BLOCK)
    programme = Programme(Options(gop_s=gop_s), live=True, sound=SoundTrack.NEVER)
    stage = Encode("door", programme, [out], observe)
    for frame in pictures(times[:20]):
        await items.send(frame)
    for pts in times[20:]:
        await items.send(gate.slate(SHAPE, pts=pts, arrived_ns=0, reason=CoverReason.OPERATOR))
    items.close()
    try:
        await stage.run(items)
    finally:
        stage.close()
    sent = [packet async for packet in out]
    after = [packet for packet in sent if packet.pts >= times[20]]
    assert [packet.pts for packet in sent if packet.pts < times[20]] == (times[:number] if number > 4 else [])
    assert [packet.pts for packet in after] == times[20:]
    assert told == times[:number] + times[20:]
    assert number <= 4 or after[0].keyframe, "at once: nothing of what was before shines through"


async def test_the_last_picture_is_not_repeated_where_it_is_covered_meanwhile():
    """As a programme with a witness asks for at its end."""
    flushed = []
    stage = Encode("door", Programme(Options(), live=True, sound=SoundTrack.NEVER), [], lambda _: None)
    stage.programme.flush = lambda last=None: (flushed.append(last), [])[1]
    stage._last = next(pictures([0]))
    stage.cover(covered=True)
    items = Channel(1, Overflow.BLOCK)
    items.close()
    await stage.run(items)
    stage.close()
    assert flushed == [None]
