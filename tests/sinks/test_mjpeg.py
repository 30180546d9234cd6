"""Old dashboards get pictures, each as fast as it takes them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import cv2
import numpy as np
import pytest

from proxy.encoding.packet import EncodedPacket
from proxy.encoding.stills import Stills
from proxy.errors import SinkUnwritable
from proxy.sinks.mjpeg import BOUNDARY, MjpegSink, Options
from tests.peers.webrtc import http
from tests.programmes import STEP, pictures, stream


@asynccontextmanager
async def showing(door: Path, *, frames: bool = True, **more: object) -> AsyncIterator[list[int]]:
    """A sink at work, and a stand-in for the encoder that makes what is asked for; gives the times of what was made."""
    stills, made = Stills(), list[int]()
    over = asyncio.Event()

    async def encode() -> None:
        for number in range(10_000):
            await asyncio.sleep(0.005)
            if stills.asked and frames:
                (frame,) = pictures([number * STEP])
                stills.make(frame)
                frame.release()
                made.append(number)
                stills.show()

    async def packets() -> AsyncIterator[EncodedPacket]:
        await over.wait()
        return
        yield

    sink = MjpegSink(Options.model_validate({"door": door, "rate": 30, **more}), stills)
    async with asyncio.TaskGroup() as group:
        encoding = group.create_task(encode())
        group.create_task(sink.run(packets()))
        async with asyncio.timeout(5):
            while not there(door):
                await asyncio.sleep(0.01)
        yield made
        encoding.cancel()
        over.set()
    assert not there(door)


def there(path: Path) -> bool:
    return path.exists()


def is_picture(data: bytes) -> bool:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (96, 160, 3)


async def part(answer: aiohttp.ClientResponse) -> bytes:
    """The next picture of a stream."""
    head = b""
    async with asyncio.timeout(10):
        while not head.endswith(b"\r\n\r\n"):
            head += await answer.content.readexactly(1)
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is not None
        assert head.lstrip().startswith(f"--{BOUNDARY}\r\nContent-Type: image/jpeg".encode())
        return await answer.content.readexactly(int(length[1]))


async def test_without_a_door_or_where_none_can_be_it_says_so(tmp_path: Path) -> None:
    for door, words in ((None, "nobody passes viewers on"), (tmp_path / "missing" / "door", "no socket at")):
        with pytest.raises(SinkUnwritable, match=words):
            await MjpegSink(Options(door=door), Stills()).run(stream([]))


async def test_who_asks_for_a_picture_gets_the_next_one_and_nothing_is_made_for_nobody(tmp_path: Path) -> None:
    async with showing(tmp_path / "door") as made, http(tmp_path / "door") as client:
        await asyncio.sleep(0.05)
        assert made == []
        async with client.get("/picture.jpg") as answer:
            assert (answer.status, answer.content_type) == (200, "image/jpeg")
            assert is_picture(await answer.read())
        assert len(made) == 1
        both = await asyncio.gather(*(client.get("/picture.jpg") for _ in range(5)))
        assert all([is_picture(await answer.read()) for answer in both])
        assert len(made) <= 6


async def test_a_stream_goes_on_at_its_rate_and_ends_with_the_programme(tmp_path: Path) -> None:
    async with http(tmp_path / "door") as client:
        async with showing(tmp_path / "door", rate=20), asyncio.timeout(10):
            answer = await client.get("/video.mjpg")
            began = asyncio.get_running_loop().time()
            assert all([is_picture(await part(answer)) for _ in range(11)])
            assert asyncio.get_running_loop().time() - began >= 0.45, "ten steps of a twentieth of a second"
        answer.close()


async def test_places_are_limited_and_free_again_when_a_viewer_leaves(tmp_path: Path) -> None:
    async with showing(tmp_path / "door", viewers=1), http(tmp_path / "door") as client:
        first = await client.get("/video.mjpg")
        await part(first)
        refused = await client.get("/video.mjpg")
        assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
        assert (await client.get("/picture.jpg")).status == 200, "one picture needs no place"
        first.close()
        async with asyncio.timeout(5):
            while (again := await client.get("/video.mjpg")).status != 200:
                await asyncio.sleep(0.02)
        await part(again)
        again.close()


async def test_while_no_picture_comes_it_says_when_to_ask_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.sinks.mjpeg.PICTURE_S", 0.05)
    async with showing(tmp_path / "door", frames=False), http(tmp_path / "door") as client:
        answer = await client.get("/picture.jpg")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        async with client.get("/video.mjpg") as stream_:
            assert await stream_.read() == b""
