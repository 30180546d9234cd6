"""The whole walk: what comes in leaves anonymised, whatever ends, fails or stops on the way."""

import asyncio
import time

import numpy as np
import pytest

from proxy.encoding.options import Options
from proxy.encoding.programme import Programme, SoundTrack
from proxy.errors import SinkUnwritable, SourceRejected, SourceUnreachable
from proxy.masking.plan import CoverReason
from proxy.media.formats import AudioFormat, VideoFormat
from proxy.media.raw import RawAudio
from proxy.pipeline import camera as camera_module
from proxy.telemetry.events import Connection, FrameSent, SinkChanged, SourceChanged
from proxy.vision.detections import Detections
from tests.pipeline.walks import SHAPE, STEP, Given, Kept, Looking, Walk, picture


async def test_offline_every_frame_reaches_every_sink_with_its_own_time():
    times = [picture(index) for index in range(30)]
    walk = Walk([Given(times)], [Kept(), Kept()])
    await walk.camera().run(asyncio.Event())
    assert [sink.times for sink in walk.sinks] == [[index * STEP for index in range(30)]] * 2
    assert all(sink.ended for sink in walk.sinks)
    assert [event.index for event in walk.events if isinstance(event, FrameSent)] == list(range(30))


async def test_sound_that_may_leave_is_silent_and_in_its_place():
    blocks = [RawAudio(np.ones((1, 1920), np.float32), AudioFormat(48_000, 1), index * STEP) for index in range(30)]
    items = [item for index in range(30) for item in (picture(index), blocks[index])]
    walk = Walk([Given(items)], [Kept()])
    await walk.camera().run(asyncio.Event())
    sounds = [packet.pts for packet in walk.sinks[0].packets if not packet.is_video]
    assert sounds == sorted(sounds)
    assert sounds[0] == pytest.approx(0, abs=2000)
    assert sounds[-1] == pytest.approx(29 * STEP, abs=6000)


async def test_offline_an_error_of_the_source_comes_after_what_it_gave_was_encoded():
    walk = Walk([Given([picture(index) for index in range(20)], SourceUnreachable("cut"))], [Kept()])
    with pytest.raises(ExceptionGroup) as caught:
        await walk.camera().run(asyncio.Event())
    assert caught.group_contains(SourceUnreachable, match="cut")


async def test_a_live_source_that_comes_back_goes_on_in_the_same_programme(monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)
    first = Given([picture(index) for index in range(20)], SourceUnreachable("cut"), live=True)
    second = Given([picture(index) for index in range(20)], live=True)
    walk = Walk([first, second], [Kept()], live=True)
    await walk.camera().run(asyncio.Event())
    times = walk.sinks[0].times
    assert times == sorted(set(times))
    assert len({id(packet.streams) for packet in walk.sinks[0].packets}) == 1
    states = [event.state for event in walk.events if isinstance(event, SourceChanged)]
    assert states == [
        Connection.CONNECTING,
        Connection.RUNNING,
        Connection.WAITING,
        Connection.CONNECTING,
        Connection.RUNNING,
        Connection.ENDED,
    ]


async def test_a_source_refused_at_first_ends_a_camera_that_was_told_to_give_up():
    walk = Walk([Given([], SourceRejected("no"), live=True)], [Kept()], live=True, give_up_at_first=True)
    with pytest.raises(ExceptionGroup) as caught:
        await walk.camera().run(asyncio.Event())
    assert caught.group_contains(SourceRejected)


async def test_a_dead_sink_harms_only_itself_and_the_last_one_ends_the_camera():
    pictures = [picture(index) for index in range(20)]
    walk = Walk([Given(pictures, live=True)], [Kept(SinkUnwritable("full")), Kept()], live=True)
    await walk.camera().run(asyncio.Event())
    assert len(walk.sinks[1].times) > 0
    assert any(event.state is Connection.FAILED for event in walk.events if isinstance(event, SinkChanged))

    walk = Walk([Given(pictures, ..., live=True)], [Kept(SinkUnwritable("full"))], live=True)
    with pytest.raises(ExceptionGroup) as caught:
        await walk.camera().run(asyncio.Event())
    assert caught.group_contains(SinkUnwritable)


async def test_a_preview_keeps_no_camera_alive_and_its_own_end_harms_nobody():
    def preview_is_second(camera):
        camera.publishers[1].essential = False

    pictures, kept = [picture(index) for index in range(20)], Kept()
    walk = Walk([Given(pictures, ..., live=True)], [Kept(SinkUnwritable("full")), Kept()], live=True, change=preview_is_second)
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(10):
            await walk.camera().run(asyncio.Event())
    assert caught.group_contains(SinkUnwritable)

    walk = Walk([Given(pictures, live=True)], [kept, Kept(SinkUnwritable("full"))], live=True, change=preview_is_second)
    await walk.camera().run(asyncio.Event())
    assert kept.ended
    assert kept.times


async def test_stop_lets_what_is_under_way_leave_and_closes_the_sinks():
    source = Given([picture(index) for index in range(20)], ..., live=True)
    walk, stop = Walk([source], [Kept()], live=True), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(walk.camera().run(stop))
        while not any(isinstance(event, FrameSent) for event in walk.events):
            await asyncio.sleep(0.01)
        stop.set()
    assert running.done()
    assert source.closed
    assert walk.sinks[0].ended
    assert len(walk.sinks[0].times) == sum(isinstance(event, FrameSent) for event in walk.events)


async def test_told_to_stop_it_closes_its_sinks_also_where_the_camera_does_not_let_go():
    class Clinging(Given):
        async def frames(self):
            try:
                async for item in super().frames():
                    yield item
            finally:
                await asyncio.Event().wait()

    def waits_no_time(camera):
        camera.drain_s = 0.0

    source, stop = Clinging([picture(index) for index in range(20)], ..., live=True), asyncio.Event()
    walk = Walk([source], [Kept()], live=True, change=waits_no_time)
    async with asyncio.timeout(15), asyncio.TaskGroup() as group:
        group.create_task(walk.camera().run(stop))
        while not any(isinstance(event, FrameSent) for event in walk.events):
            await asyncio.sleep(0.01)
        stop.set()
    assert walk.sinks[0].ended
    assert walk.sinks[0].times


async def test_a_silent_live_camera_is_replaced_by_a_slate_that_says_so():
    source = Given([picture(index) for index in range(20)], ..., live=True)
    walk, stop = Walk([source], [Kept()], live=True), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(walk.camera().run(stop))
        while not any(isinstance(event, FrameSent) and event.cover == "offline" for event in walk.events):
            await asyncio.sleep(0.05)
        stop.set()
    times = walk.sinks[0].times
    assert times == sorted(set(times))


async def test_before_the_first_picture_there_are_slates_where_the_size_is_known():
    walk, stop = Walk([Given([], ..., live=True)], [Kept()], live=True, starting=SHAPE), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(walk.camera().run(stop))
        while not any(isinstance(event, FrameSent) for event in walk.events):
            await asyncio.sleep(0.05)
        stop.set()
    assert {event.cover for event in walk.events if isinstance(event, FrameSent)} == {"starting"}
    assert len(walk.sinks[0].times) > 0


async def test_a_camera_that_cannot_be_reached_at_first_is_said_to_be_offline():
    sources = [Given([], SourceUnreachable("away"), live=True), Given([], ..., live=True)]
    walk, stop = Walk(sources, [Kept()], live=True, starting=SHAPE), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(walk.camera().run(stop))
        while not any(isinstance(event, FrameSent) and event.cover == "offline" for event in walk.events):
            await asyncio.sleep(0.05)
        stop.set()


async def test_a_camera_that_sends_is_never_called_offline_however_long_its_pictures_take(monkeypatch):
    """A slate would overtake the pictures in line, and those that come after it too."""
    monkeypatch.setattr(camera_module, "SLATE_AFTER_S", 0.2)
    monkeypatch.setattr(camera_module, "SLATE_EVERY_S", 0.05)

    def slowly(_: int) -> Detections:
        time.sleep(0.4)
        return Detections.empty()

    source, stop = Given([picture(index % 250) for index in range(1000)], live=True), asyncio.Event()
    source.pause_s = 0.04
    walk = Walk([source], [Kept()], live=True, detector=Looking(slowly))
    sent = []
    async with asyncio.TaskGroup() as group:
        group.create_task(walk.camera().run(stop))
        while len(sent) < 12:
            await asyncio.sleep(0.05)
            sent = [event.cover for event in walk.events if isinstance(event, FrameSent)]
        stop.set()
    assert "offline" not in sent


async def test_a_change_of_size_begins_a_new_programme_and_loses_no_frame():
    other = VideoFormat(SHAPE.width * 2, SHAPE.height)
    items = [picture(index) for index in range(15)] + [picture(index, other) for index in range(15, 30)]
    walk = Walk([Given(items)], [Kept()])
    await walk.camera().run(asyncio.Event())
    assert walk.sinks[0].times == [index * STEP for index in range(30)]
    assert {packet.streams.video.format.width for packet in walk.sinks[0].packets} == {SHAPE.width, other.width}


async def test_cancelling_anywhere_closes_the_source_and_leaves_no_task():
    """Cancel after every so many turns of the loop; each time everything is let go."""
    for turns in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89):
        source = Given([picture(index) for index in range(20)], ..., live=True)
        running = asyncio.ensure_future(Walk([source], [Kept()], live=True).camera().run(asyncio.Event()))  # noqa: TID251
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert len(asyncio.all_tasks()) == 1
        assert source.closed or turns < 4


def without_sound(camera):
    """Nothing waits until it is known whether there is sound."""
    camera.encode.programme = Programme(Options(), live=True, sound=SoundTrack.NEVER)


@pytest.mark.parametrize("moment", range(12, 24))
async def test_when_a_camera_has_been_covered_nothing_of_the_scene_is_sent_wherever_on_the_way_it_was(moment):
    """Covered when the sink has ``moment`` pictures: some are then in line, being painted, encoded or waiting to be sent."""
    sent: list[int] = []

    class Operator(Kept):
        """Covers the camera when it has ``moment`` pictures."""

        async def run(self, packets):
            async for packet in packets:
                self.packets.append(packet)
                if len(self.packets) == moment:
                    camera.cover(covered=True)
                    sent.append(moment)

    source, sink = Given([picture(index) for index in range(80)], live=True), Operator()
    source.pause_s = 0.002
    walk = Walk([source], [sink], live=True, change=without_sound)
    camera = walk.camera()
    await camera.run(asyncio.Event())
    covered = {event.pts for event in walk.events if isinstance(event, FrameSent) and event.cover is CoverReason.OPERATOR}
    later = sink.packets[sent[0] :]
    assert later
    assert {packet.pts for packet in later} <= covered
    assert later[0].keyframe, "nothing of what was before shines through"
    assert any(packet.pts not in covered for packet in sink.packets)


async def test_what_was_covered_and_is_no_more_is_seen_again_from_a_keyframe_on():

    class Operator(Kept):
        """Covers the camera for a while."""

        async def run(self, packets):
            async for packet in packets:
                self.packets.append(packet)
                if len(self.packets) in (12, 30):
                    camera.cover(covered=len(self.packets) == 12)

    source = Given([picture(index) for index in range(120)], live=True)
    source.pause_s = 0.002
    walk = Walk([source], [Operator()], live=True, change=without_sound)
    camera = walk.camera()
    await camera.run(asyncio.Event())
    reasons = [event.cover for event in walk.events if isinstance(event, FrameSent)]
    assert set(reasons) == {None, CoverReason.OPERATOR}
    assert reasons[-1] is None
