"""What is kept of a stream is handed out by name, and nothing else is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from proxy.sinks._hls.answers import answers
from proxy.sinks._hls.store import MemoryStore


@pytest.fixture
async def client() -> AsyncIterator[TestClient]:
    store = MemoryStore()
    store.put("index.m3u8", b"#EXTM3U\n")
    store.put("segment-000000-1.m4s", b"pictures")
    store.put("notes.txt", b"kept")
    asking = TestClient(TestServer(answers(store)))
    await asking.start_server()
    yield asking
    await asking.close()


@pytest.mark.parametrize(
    ("name", "kind", "body"),
    [
        ("index.m3u8", "application/vnd.apple.mpegurl", b"#EXTM3U\n"),
        ("segment-000000-1.m4s", "video/iso.segment", b"pictures"),
    ],
)
async def test_a_playlist_and_a_segment_say_what_they_are(client: TestClient, name: str, kind: str, body: bytes) -> None:
    answer = await client.get(f"/{name}")
    assert (answer.status, answer.content_type, await answer.read()) == (200, kind, body)


@pytest.mark.parametrize("name", ["segment-000000-2.m4s", "notes.txt", "", "a/index.m3u8", "..%2Findex.m3u8"])
async def test_what_is_not_there_or_no_part_of_a_stream_is_not_found(client: TestClient, name: str) -> None:
    assert (await client.get(f"/{name}")).status == 404


async def test_nothing_can_be_put_there(client: TestClient) -> None:
    assert (await client.put("/index.m3u8", data=b"x")).status == 405
