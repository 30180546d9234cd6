"""Viewers over WebRTC get the programme's own packets, each for themselves, for as long as they answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from proxy.encoding.options import Options as EncodingOptions
from proxy.encoding.packet import EncodedPacket, VideoCodec
from proxy.encoding.programme import SoundTrack
from proxy.errors import SinkUnwritable
from proxy.sinks.whep import Options, WhepSink
from tests.peers.webrtc import SDP, http, offered, vanish, viewing
from tests.programmes import STEP, encoded, every, pictures, stream

RATE = 25


def programme(
    seconds: int = 20, *, track: SoundTrack = SoundTrack.ALWAYS, codec: VideoCodec = VideoCodec.H264
) -> list[EncodedPacket]:
    options = EncodingOptions(codec=codec, gop_s=1.0)
    return encoded(pictures(every(STEP, seconds * RATE)), options=options, track=track)


async def paced(packets: list[EncodedPacket]) -> AsyncIterator[EncodedPacket]:
    """The packets about as fast as a camera makes them."""
    for packet in packets:
        yield packet
        if packet.is_video:
            await asyncio.sleep(1 / RATE)


@asynccontextmanager
async def serving(sink: WhepSink, packets: AsyncIterator[EncodedPacket], door: Path) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        running = group.create_task(sink.run(packets))
        async with asyncio.timeout(5):
            while sink._feed.streams is None:
                await asyncio.sleep(0.01)
        yield
        running.cancel()
    assert list(door.parent.iterdir()) == [], "the door is taken away"


def sink_at(door: Path, **more: object) -> tuple[WhepSink, list[int]]:
    asked: list[int] = []
    options = Options.model_validate({"door": door, "addresses": ["127.0.0.1"], **more})
    return WhepSink(options, lambda: asked.append(1)), asked


async def test_without_a_door_it_says_where_it_belongs() -> None:
    with pytest.raises(SinkUnwritable, match="nobody passes viewers on"):
        await WhepSink(Options.from_url("whep:")).run(stream([]))


async def test_a_door_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    sink, _ = sink_at(tmp_path / "missing" / "door")
    with pytest.raises(SinkUnwritable, match="no socket at"):
        await sink.run(stream([]))


@pytest.mark.peer
async def test_a_viewer_decodes_the_picture_and_hears_the_sound(tmp_path: Path) -> None:
    door = tmp_path / "door"
    sink, asked = sink_at(door)
    async with serving(sink, paced(programme()), door), http(door) as client, viewing(client) as viewer:
        frames = [await viewer.picture() for _ in range(30)]
        heard = [await viewer.sound() for _ in range(20)]
    assert {(frame.width, frame.height) for frame in frames} == {(160, 96)}
    steps = np.diff([frame.pts for frame in frames])
    assert np.median(steps) == STEP
    assert {frame.sample_rate for frame in heard} == {48_000}
    assert max(np.abs(frame.to_ndarray()).max() for frame in heard) < 50, "the sound that was released is silence"
    assert asked, "who comes in asks for a keyframe"


@pytest.mark.peer
async def test_several_viewers_are_served_and_one_who_leaves_harms_nobody(tmp_path: Path) -> None:
    door = tmp_path / "door"
    sink, _ = sink_at(door, viewers=3)
    async with serving(sink, paced(programme()), door), http(door) as client, viewing(client) as one, viewing(client) as two:
        async with viewing(client) as three:
            for viewer in (one, two, three):
                await viewer.picture()
            answer = await client.post("/", data=await offered("video"), headers=SDP)
            assert answer.status == 503
            assert answer.headers["Retry-After"]
            assert "3 places" in await answer.text()
        assert (await client.delete(two.location)).status == 200
        assert (await client.delete(two.location)).status == 404
        for _ in range(20):
            await one.picture()


@pytest.mark.peer
async def test_a_viewer_who_closes_frees_its_place_by_itself(tmp_path: Path) -> None:
    door = tmp_path / "door"
    sink, _ = sink_at(door, viewers=1)
    async with serving(sink, paced(programme()), door), http(door) as client:
        async with viewing(client) as viewer:
            await viewer.picture()
        async with asyncio.timeout(10):
            while sink._endpoint.sessions:
                await asyncio.sleep(0.05)
        async with viewing(client) as viewer:
            await viewer.picture()


@pytest.mark.peer
async def test_a_viewer_that_vanishes_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six checks of consent without an answer; they are five seconds apart outside of this test."""
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.05)
    door = tmp_path / "door"
    sink, _ = sink_at(door, viewers=2)
    async with serving(sink, paced(programme()), door), http(door) as client, viewing(client) as staying:
        async with viewing(client) as viewer:
            await viewer.picture()
            vanish(viewer.peer)
            async with asyncio.timeout(15):
                while len(sink._endpoint.sessions) == 2:
                    await asyncio.sleep(0.05)
        await staying.picture()


@pytest.mark.peer
async def test_an_offer_that_never_connects_loses_its_place(tmp_path: Path) -> None:
    door = tmp_path / "door"
    sink, _ = sink_at(door, connect_timeout_s=0.5)
    async with serving(sink, paced(programme()), door), http(door) as client:
        assert (await client.post("/", data=await offered("video"), headers=SDP)).status == 201
        assert len(sink._endpoint.sessions) == 1
        async with asyncio.timeout(10):
            while sink._endpoint.sessions:
                await asyncio.sleep(0.05)


@pytest.mark.peer
async def test_a_lost_picture_is_asked_for_again(tmp_path: Path) -> None:
    door = tmp_path / "door"
    sink, asked = sink_at(door)
    async with serving(sink, paced(programme()), door), http(door) as client, viewing(client) as viewer:
        await viewer.picture()
        before = len(asked)
        (receiver,) = [one for one in viewer.peer.connection.getReceivers() if one.track.kind == "video"]
        (source,) = [one.source for one in receiver.getSynchronizationSources()]
        await receiver._send_rtcp_pli(source)
        async with asyncio.timeout(5):
            while len(asked) == before:
                await asyncio.sleep(0.02)


@pytest.mark.peer
async def test_viewers_of_hevc_are_told_what_they_need(tmp_path: Path) -> None:
    door = tmp_path / "door"
    sink, _ = sink_at(door)
    async with serving(sink, paced(programme(1, codec=VideoCodec.HEVC)), door), http(door) as client:
        answer = await client.post("/", data=await offered("video"), headers=SDP)
        assert answer.status == 422
        assert "H.264" in await answer.text()


@pytest.mark.peer
async def test_a_programme_without_sound_is_seen_in_silence(tmp_path: Path) -> None:
    door = tmp_path / "door"
    sink, _ = sink_at(door)
    async with serving(sink, paced(programme(track=SoundTrack.NEVER)), door), http(door) as client:
        async with viewing(client, "/", "video") as viewer:
            await viewer.picture()
        async with viewing(client, "/", "audio", "video") as viewer:
            await viewer.picture()


@pytest.mark.peer
async def test_the_end_of_the_programme_ends_every_session(tmp_path: Path) -> None:
    door = tmp_path / "door"
    sink, _ = sink_at(door)
    more = asyncio.Event()
    packets = programme(2)

    async def until_told() -> AsyncIterator[EncodedPacket]:
        async for packet in paced(packets):
            if more.is_set():
                return
            yield packet

    async with serving(sink, until_told(), door), http(door) as client, viewing(client) as viewer:
        await viewer.picture()
        more.set()
        async with asyncio.timeout(10):
            await viewer.peer.until_gone()


@pytest.mark.peer
async def test_who_would_only_send_is_refused(tmp_path: Path) -> None:
    door = tmp_path / "door"
    sink, _ = sink_at(door)
    async with serving(sink, paced(programme()), door), http(door) as client, viewing(client):
        answer = await client.post("/", data=(await offered("video")).replace("a=recvonly", "a=sendonly"), headers=SDP)
        assert (answer.status, await answer.text()) == (422, "expected the video section to be recvonly, and it is sendonly\n")
