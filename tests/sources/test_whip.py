"""Publishers over WebRTC are received for as long as they send, one at a time, and every end is told."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from aiohttp.test_utils import TestServer

from proxy.control.doors import Door
from proxy.control.server import Control
from proxy.errors import SourceUnreachable, SourceVacant
from proxy.media.raw import RawAudio, RawFrame
from proxy.sources.whip import TAKE_OVER_S, Options, WhipSource
from proxy.telemetry.status import StatusBoard
from proxy.webrtc.peer import Peer, send
from tests.peers.ffmpeg import publishing_whip
from tests.peers.webrtc import LOOPBACK, SDP, Pattern, http, offered, publishing, vanish
from tests.sources.peering import frames, sounds


def source_at(door: Path | None, *, sound: bool = True, **more: object) -> WhipSource:
    return WhipSource(Options.model_validate({"door": door, "addresses": ["127.0.0.1"], **more}), sound=sound)


class Reading:
    """A source that is read: what it gave so far, and how it ended."""

    def __init__(self) -> None:
        self.got: list[RawFrame | RawAudio] = []
        self.error: Exception | None = None

    async def run(self, source: WhipSource) -> None:
        try:
            async with aclosing(source.frames()) as items:
                async for item in items:
                    self.got.append(item)
        except SourceUnreachable as error:
            self.error = error

    async def until(self, pictures: int, within_s: float = 15) -> None:
        async with asyncio.timeout(within_s):
            while len(frames(self.got)) < pictures:
                await asyncio.sleep(0.02)

    async def until_over(self, within_s: float = 15) -> Exception:
        async with asyncio.timeout(within_s):
            while self.error is None:
                await asyncio.sleep(0.02)
        return self.error


@asynccontextmanager
async def reading(source: WhipSource) -> AsyncIterator[Reading]:
    read = Reading()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(read.run(source))
        async with asyncio.timeout(5):
            while not (door := source._options.door) or not there(door):
                await asyncio.sleep(0.01)
        yield read
        running.cancel()


def there(path: Path) -> bool:
    return path.exists()


async def test_without_a_door_or_where_none_can_be_it_says_so(tmp_path: Path) -> None:
    for door, words in ((None, "nobody passes publishers on"), (tmp_path / "missing" / "door", "no socket at")):
        with pytest.raises(SourceUnreachable, match=words):
            await anext(source_at(door).frames())


@pytest.mark.peer
@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
async def test_what_is_published_becomes_pictures_in_time_order(tmp_path: Path, codec: str) -> None:
    door = tmp_path / "door"
    async with reading(source_at(door)) as read, http(door) as client, publishing(client, codec=codec):
        await read.until(40)
    got = frames(read.got)
    assert {(frame.format.width, frame.format.height) for frame in got} == {(320, 240)}
    assert got[0].pts == 0
    steps = np.diff([frame.pts for frame in got])
    assert (steps > 0).all()
    assert np.median(steps) == 3600
    assert not got[0].planes.y.flags.writeable


@pytest.mark.peer
async def test_sound_comes_beside_the_picture_and_only_when_asked_for(tmp_path: Path) -> None:
    door = tmp_path / "door"
    async with reading(source_at(door)) as read, http(door) as client, publishing(client, sound=True):
        await read.until(50)
    heard = sounds(read.got)
    assert all(block.samples.dtype == np.float32 and block.format.sample_rate == 48_000 for block in heard)
    samples = np.concatenate([block.samples[0] for block in heard])[-24_000:]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) * 2 == pytest.approx(440, abs=4)
    assert abs(heard[-1].pts - frames(read.got)[-1].pts) < 90_000 // 4
    async with reading(source_at(door, sound=False)) as read, http(door) as client, publishing(client, sound=True):
        await read.until(20)
    assert not sounds(read.got)


@pytest.mark.peer
async def test_a_publisher_that_leaves_is_told_at_once_and_the_next_is_received(tmp_path: Path) -> None:
    door = tmp_path / "door"
    for _ in range(2):
        async with reading(source_at(door)) as read, http(door) as client:
            async with publishing(client) as publisher:
                await read.until(5)
                assert (await client.delete(publisher.location)).status == 200
                error = await read.until_over(5)
            assert isinstance(error, SourceVacant)
            assert "left" in error.message


@pytest.mark.peer
async def test_a_publisher_that_vanishes_is_given_up_within_the_timeout(tmp_path: Path) -> None:
    door = tmp_path / "door"
    async with reading(source_at(door, read_timeout_s=2)) as read, http(door) as client, publishing(client) as publisher:
        await read.until(5)
        vanish(publisher.peer)
        error = await read.until_over(8)
    assert isinstance(error, SourceVacant)
    assert "no picture for 2 s" in error.message


@pytest.mark.peer
async def test_who_would_only_watch_is_refused_and_keeps_nobody_out(tmp_path: Path) -> None:
    door = tmp_path / "door"
    async with reading(source_at(door)) as read, http(door) as client:
        for kinds in (("video",), ("video", "audio")):
            answer = await client.post("/", data=await offered(*kinds), headers=SDP)
            assert answer.status == 422
            assert await answer.text() == "expected the video section to be sendonly, and it is recvonly\n"
        async with publishing(client):
            await read.until(5)


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_the_time_until_an_ice_server_is_given_up_does_not_count_against_the_publisher(tmp_path: Path) -> None:
    """The server is a socket that never answers, for which aioice waits five seconds."""
    door = tmp_path / "door"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        servers = [{"url": f"stun:127.0.0.1:{silent.getsockname()[1]}"}]
        async with reading(source_at(door, ice_servers=servers)), http(door) as client, asyncio.TaskGroup() as group:
            peer = Peer(LOOPBACK)
            send(peer, Pattern(), ["video/H264"])
            offer = await peer.offer()
            began = time.monotonic()
            first = group.create_task(client.post("/", data=offer, headers=SDP))
            await asyncio.wait([first])
            assert first.result().status == 201
            assert time.monotonic() - began > TAKE_OVER_S, "otherwise this proves nothing"
            assert (await client.post("/", data=offer, headers=SDP)).status == 409
            await peer.close()


@pytest.mark.peer
async def test_a_second_publisher_is_refused_and_takes_over_when_the_first_has_vanished(tmp_path: Path) -> None:
    door = tmp_path / "door"
    async with reading(source_at(door, read_timeout_s=60)) as read, http(door) as client, publishing(client) as first:
        await read.until(5)
        peer = Peer(LOOPBACK)
        send(peer, Pattern(), ["video/H264"])
        offer = await peer.offer()
        refused = await client.post("/", data=offer, headers=SDP)
        assert (refused.status, "already" in await refused.text()) == (409, True)
        await peer.close()
        vanish(first.peer)
        while (await client.post("/", data=offer, headers=SDP)).status == 409:
            await asyncio.sleep(0.2)
        seen = len(frames(read.got))
        # that offer's sender is gone by now, so its place is free again when it has not connected in time
        source_time = frames(read.got)[-1].pts
        while True:
            try:
                async with publishing(client):
                    await read.until(seen + 10)
                break
            except AssertionError:
                await asyncio.sleep(0.3)
    assert frames(read.got)[-1].pts > source_time
    assert (np.diff([frame.pts for frame in frames(read.got)]) > 0).all()


@pytest.mark.peer
async def test_an_offer_without_a_picture_is_refused(tmp_path: Path) -> None:
    door = tmp_path / "door"
    async with reading(source_at(door)), http(door) as client:
        answer = await client.post("/", data="v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", headers=SDP)
        assert answer.status == 422


@pytest.mark.peer
@pytest.mark.parametrize("sound", [False, True])
async def test_ffmpeg_publishes(tmp_path: Path, sound: bool) -> None:
    """ffmpeg talks to addresses only, so the door's requests come by one here, as they do by the proxy's own HTTP."""
    door = tmp_path / "door"
    async with reading(source_at(door, sound=sound)) as read, relayed(door) as url:
        with publishing_whip(url, log=tmp_path / "ffmpeg.log", sound=True):
            try:
                await read.until(50)
            except TimeoutError:
                pytest.fail((tmp_path / "ffmpeg.log").read_text(errors="replace")[-3000:])
    assert {(frame.format.width, frame.format.height) for frame in frames(read.got)} == {(320, 240)}
    assert bool(sounds(read.got)) is sound


@asynccontextmanager
async def relayed(door: Path) -> AsyncIterator[str]:
    """The address of a real control server in front of ``door``."""
    control = Control(StatusBoard(("yard",)), {}, lambda: b"", None, doors={("whip", "yard"): Door(door)})
    async with TestServer(control.application()) as server:
        yield str(server.make_url("/whip/yard"))
