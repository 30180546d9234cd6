"""Viewers get what leaves of a stream from the process that sends it, and from no other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from proxy.door import opened
from proxy.platform.viewing import Viewing


def of(name: str) -> web.Application:
    """What a process might say: who it is, and what it was asked."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"{name} {request.method} {request.path}")

    app = web.Application()
    app.router.add_route("*", "/{name:.*}", answer)
    return app


def watched(viewing: Viewing, *, verified: bool) -> web.Application:
    async def session(request: web.Request) -> web.Response:
        return await viewing.session(request, "yard", verified=verified)

    async def file(request: web.Request) -> web.Response:
        return await viewing.file(request, "yard", verified=verified)

    app = web.Application()
    app.router.add_post("/whep", session)
    app.router.add_get("/hls/{name}", file)
    return app


@pytest.fixture
async def connect(tmp_path: Path) -> AsyncIterator[Callable[..., TestClient]]:
    """A function that returns a client of what is proven, or of what is anonymised."""
    async with AsyncExitStack() as stack:
        viewing = Viewing(tmp_path, ("127.0.0.1",))
        clients = {}
        for verified in (True, False):
            for sink in viewing.sinks("yard", verified=verified):
                assert sink.door is not None
                await stack.enter_async_context(opened(sink.door, of(f"{sink.type} {'proven' if verified else 'anonymised'}")))
            clients[verified] = await stack.enter_async_context(TestClient(TestServer(watched(viewing, verified=verified))))
        yield lambda verified: clients[verified]


@pytest.mark.parametrize(("verified", "name"), [(True, "proven"), (False, "anonymised")])
async def test_each_is_answered_by_its_own_process(connect: Callable[..., TestClient], verified: bool, name: str) -> None:
    client = connect(verified)
    assert await (await client.post("/whep", data=b"v=0")).text() == f"whep {name} POST /"
    assert await (await client.get("/hls/index.m3u8")).text() == f"hls {name} GET /index.m3u8"


async def test_a_process_that_is_not_there_is_said_to_be_so_at_once(tmp_path: Path) -> None:
    async with TestClient(TestServer(watched(Viewing(tmp_path, ()), verified=True))) as client:
        answer = await client.get("/hls/index.m3u8")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


def test_sinks_for_viewers_end_no_stream_and_meet_where_they_are_told(tmp_path: Path) -> None:
    peers, files = Viewing(tmp_path, ("192.0.2.7",)).sinks("yard", verified=False)
    assert (peers.essential, files.essential) == (False, False)
    assert peers.addresses == ("192.0.2.7",)
    assert files.door is not None
    assert files.path != files.door
