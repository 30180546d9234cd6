"""One sink, kept connected; what it does harms only itself. Sinks are made up here."""

import asyncio

import pytest

from proxy.encoding.packet import EncodedPacket, StreamSet, VideoCodec, VideoStream, make_packet  # noqa: TID251
from proxy.errors import SinkUnreachable, SinkUnwritable
from proxy.media.formats import VideoFormat
from proxy.pipeline.backoff import Backoff
from proxy.pipeline.stages.publish import Publish, starts
from proxy.telemetry.events import Connection

STREAMS = StreamSet(VideoStream(VideoCodec.H264, VideoFormat(64, 64), b"", 25.0), None)


def packet(pts, *, keyframe=False, is_video=True) -> EncodedPacket:
    return make_packet(b"", pts=pts, dts=pts, duration=1, keyframe=keyframe, is_video=is_video, streams=STREAMS)


class Sink:
    def __init__(self, *failures):
        self.failures = list(failures)
        self.got = []

    async def run(self, packets):
        async for item in packets:
            self.got.append(item.pts)
            if self.failures and len(self.got) >= 3:
                raise self.failures.pop(0)


class Stuck(Sink):
    """Never gets rid of the third packet, as where the platform takes nothing any more; the next connection works."""

    async def run(self, packets):
        async for item in packets:
            self.got.append(item.pts)
            if len(self.got) == 3:
                await asyncio.Event().wait()


def publishing(sink, *, live=True):
    events = []
    return Publish("door", sink, "sink", live, events.append, backoff=Backoff(first_s=0.0, limit_s=0.0)), events


async def feed(publish, count=12, gop=4):
    for pts in range(count):
        await publish.channel.send(packet(pts, keyframe=pts % gop == 0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    publish.channel.close()


async def test_every_packet_reaches_a_sink_that_works():
    publish, events = publishing(Sink())
    async with asyncio.TaskGroup() as group:
        group.create_task(publish.run(asyncio.Event()))
        await feed(publish)
    assert publish.sink.got == list(range(12))
    assert [event.state for event in events] == [Connection.CONNECTING, Connection.RUNNING, Connection.ENDED]


async def test_after_a_failure_the_sink_goes_on_from_a_keyframe():
    publish, events = publishing(Sink(SinkUnreachable("cut")))
    async with asyncio.TaskGroup() as group:
        group.create_task(publish.run(asyncio.Event()))
        await feed(publish)
    before, after = publish.sink.got[:3], publish.sink.got[3:]
    assert before == [0, 1, 2]
    assert after
    assert after[0] % 4 == 0
    assert after == list(range(after[0], 12))
    assert (Connection.WAITING, "cut") in [(event.state, event.detail) for event in events]


async def test_offline_a_failure_is_the_end():
    publish, _ = publishing(Sink(SinkUnreachable("cut")), live=False)
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.TaskGroup() as group:
            group.create_task(publish.run(asyncio.Event()))
            await feed(publish)
    assert caught.group_contains(SinkUnreachable)


async def test_a_sink_that_can_never_work_is_not_tried_again_and_blocks_nobody():
    publish, events = publishing(Sink(SinkUnwritable("full")))
    with pytest.raises(SinkUnwritable):
        async with asyncio.timeout(5):
            for pts in range(3):
                await publish.channel.send(packet(pts, keyframe=pts == 0))
            await publish.run(asyncio.Event())
    assert events[-1].state is Connection.FAILED
    await publish.channel.send(packet(99))


def test_a_stream_starts_with_a_video_keyframe():
    assert starts(packet(0, keyframe=True))
    assert not starts(packet(0, keyframe=True, is_video=False))
    assert not starts(packet(0))


async def test_what_is_taken_back_is_sent_neither_from_the_line_nor_by_a_sink_that_is_stuck_with_it():
    publish, events = publishing(Stuck())
    async with asyncio.TaskGroup() as group:
        group.create_task(publish.run(asyncio.Event()))
        for pts in range(8):
            await publish.channel.send(packet(pts, keyframe=pts % 4 == 0))
            await asyncio.sleep(0)
        assert publish.sink.got == [0, 1, 2]
        publish.withdraw()
        async with asyncio.timeout(10):
            while not any(event.state is Connection.WAITING for event in events):
                await asyncio.sleep(0.01)
        for pts in range(9, 14):
            await publish.channel.send(packet(pts, keyframe=pts % 4 == 0))
        publish.channel.close()
    assert publish.sink.got == [0, 1, 2, 12, 13]
    assert "covered" in next(event.detail for event in events if event.state is Connection.WAITING)


async def test_a_sink_that_takes_what_it_gets_keeps_its_connection():
    publish, events = publishing(Sink())
    async with asyncio.TaskGroup() as group:
        group.create_task(publish.run(asyncio.Event()))
        await publish.channel.send(packet(0, keyframe=True))
        await asyncio.sleep(0)
        publish.withdraw()
        await feed(publish)
    assert publish.sink.got == list(range(12)) or publish.sink.got[0] == 0
    assert not any(event.state is Connection.WAITING for event in events)
