"""Requests for a camera's own process are passed on, to whoever may make them, and no further than they should go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from proxy.control.doors import Door
from proxy.control.server import Control
from proxy.door import opened
from proxy.telemetry.status import StatusBoard

Connect = Callable[..., Awaitable[TestClient]]
SDP = {"Content-Type": "application/sdp"}


async def answer(request: web.Request) -> web.Response:
    """What a camera's process might say, and more than it should."""
    said = f"{request.method} {request.path} {request.headers.get('If-Match', '')} {len(await request.read())}"
    headers = {"Location": "/abc", "ETag": '"1"', "X-Secret": "kept", "Set-Cookie": "kept=1", "Authorization": "kept"}
    headers |= {"X-Cookie": request.headers.get("Cookie", "none"), "Link": '<stun:x>; rel="ice-server"'}
    return web.Response(status=201, text=said, headers=headers)


@pytest.fixture
async def connect(tmp_path: Path) -> AsyncIterator[Connect]:
    """A function that serves a control with a door, with tokens or without, and returns a client."""
    app = web.Application()
    app.router.add_route("*", "/{session:.*}", answer)
    clients = []

    async def start(token: str | None = None, own: str | None = None, *, socket: str = "door", kind: str = "whep") -> TestClient:
        doors = {(kind, "yard"): Door(tmp_path / socket, own)}
        client = TestClient(TestServer(Control(StatusBoard(("yard",)), {}, lambda: b"", token, doors=doors).application()))
        await client.start_server()
        clients.append(client)
        return client

    async with opened(tmp_path / "door", app):
        yield start
        for client in clients:
            await client.close()


async def test_methods_bodies_and_listed_headers_go_through_and_no_others(connect: Connect) -> None:
    client = await connect()
    made = await client.post("/whep/yard", data=b"x" * 3000, headers=SDP | {"Cookie": "a=b"})
    assert (made.status, await made.text()) == (201, "POST /  3000")
    assert made.headers["Location"] == "/whep/yard/abc"
    assert made.headers["ETag"] == '"1"'
    assert made.headers["Link"] == '<stun:x>; rel="ice-server"'
    assert not {"X-Secret", "X-Cookie", "Set-Cookie", "Authorization", "Access-Control-Allow-Origin"} & set(made.headers)
    assert await (await client.patch("/whep/yard/abc", headers={"If-Match": '"1"'})).text() == 'PATCH /abc "1" 0'
    assert await (await client.delete("/whep/yard/abc")).text() == "DELETE /abc  0"


async def test_pictures_come_through_whole_and_one_after_another(tmp_path: Path, connect: Connect) -> None:
    large = bytes(range(256)) * 4000

    async def picture(_request: web.Request) -> web.Response:
        return web.Response(body=large, content_type="image/jpeg")

    async def video(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "multipart/x-mixed-replace; boundary=b"})
        await response.prepare(request)
        for number in range(3):
            await response.write(f"--b {number}".encode())
        return response

    app = web.Application()
    app.router.add_get("/picture.jpg", picture)
    app.router.add_get("/video.mjpg", video)
    async with opened(tmp_path / "pictures", app):
        client = await connect("everything", "viewers", socket="pictures", kind="mjpeg")
        assert (await client.get("/live/yard/picture.jpg")).status == 401
        token = {"Authorization": "Basic YW55OnZpZXdlcnM="}
        answer = await client.get("/live/yard/picture.jpg", headers=token)
        assert (answer.content_type, await answer.read() == large) == ("image/jpeg", True)
        streamed = await client.get("/live/yard/video.mjpg", headers=token)
        assert streamed.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=b"
        assert "default-src 'self'" in streamed.headers["Content-Security-Policy"]
        assert await streamed.read() == b"--b 0--b 1--b 2"
        everything = {"Authorization": "Bearer everything"}
        assert (await client.get("/live/other/picture.jpg", headers=everything)).status == 404
        assert (await client.get("/live/yard/pictureXjpg", headers=everything)).status == 404
        assert (await client.post("/live/yard/picture.jpg", headers=everything)).status == 405


@pytest.mark.parametrize("path", ["/whep/other", "/whip/yard", "/whep/yard/../x", "/whep/yard/a%2Fb", f"/whep/yard/{'a' * 65}"])
async def test_other_paths_lead_nowhere(connect: Connect, path: str) -> None:
    assert (await (await connect()).post(path, headers=SDP)).status in (404, 405)


async def test_a_body_beyond_the_limit_stops_here(connect: Connect) -> None:
    assert (await (await connect()).post("/whep/yard", data=b"x" * 70_000, headers=SDP)).status == 413


async def test_only_writing_methods_are_known(connect: Connect) -> None:
    client = await connect()
    assert (await client.get("/whep/yard")).status == 405
    assert (await client.put("/whep/yard/abc")).status == 405


async def test_a_door_that_opens_soon_is_waited_for(connect: Connect, tmp_path: Path) -> None:
    client = await connect(socket="later")
    app = web.Application()
    app.router.add_route("*", "/{session:.*}", answer)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(client.post("/whep/yard", headers=SDP))
        await asyncio.sleep(0.05)
        assert not asking.done()
        async with opened(tmp_path / "later", app):
            await asyncio.wait([asking])
    assert asking.result().status == 201


async def test_a_process_that_is_not_there_is_to_be_asked_again(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.control.doors.CLOSED_S", 0.0)
    answer = await (await connect(socket="none")).post("/whep/yard", headers=SDP)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


async def test_the_doors_own_token_opens_it_and_nothing_else(connect: Connect) -> None:
    client = await connect("everything", "viewers")
    asked = await client.post("/whep/yard", headers=SDP)
    assert (asked.status, asked.headers["WWW-Authenticate"]) == (401, 'Bearer realm="veilcast"')
    assert (await client.post("/whep/yard", headers=SDP | {"Authorization": "Bearer wrong"})).status == 401
    for token in ("viewers", "everything"):
        assert (await client.post("/whep/yard", headers=SDP | {"Authorization": f"Bearer {token}"})).status == 201
    assert (await client.get("/api/cameras", headers={"Authorization": "Bearer viewers"})).status == 401
    assert (await client.delete("/whep/yard/abc")).status == 401


@pytest.mark.parametrize("kind", ["whip", "whep"])
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "", "POST, OPTIONS"),
        ("PUT", "", "POST, OPTIONS"),
        ("GET", "/abc", "PATCH, DELETE, OPTIONS"),
        ("POST", "/abc", "PATCH, DELETE, OPTIONS"),
    ],
)
async def test_another_method_is_told_which_are_allowed_to_whoever_holds_the_doors_token(
    connect: Connect, kind: str, method: str, path: str, allowed: str
) -> None:
    client = await connect("everything", "viewers", kind=kind)
    for token in ("viewers", "everything"):
        answer = await client.request(method, f"/{kind}/yard{path}", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (await client.request(method, f"/{kind}/yard{path}")).status == 401


@pytest.mark.parametrize(("token", "why"), [(None, "a token is needed"), ("wrong", "unknown token")])
async def test_a_refusal_says_why_and_pages_of_other_origins_can_read_it_at_a_door_with_a_token(
    connect: Connect, token: str | None, why: str
) -> None:
    shown = {"Authorization": f"Bearer {token}"} if token else {}
    for own, origin in (("viewers", "*"), (None, None)):
        answer = await (await connect("everything", own)).post("/whep/yard", headers=SDP | shown)
        assert (answer.status, await answer.text()) == (401, f"{why}\n")
        assert answer.headers.get("Access-Control-Allow-Origin") == origin


async def test_pages_of_other_origins_may_only_where_a_token_is_asked_for(connect: Connect) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    closed = await (await connect()).options("/whep/yard", headers=asked)
    assert "Access-Control-Allow-Origin" not in closed.headers
    opened_ = await (await connect("everything", "viewers")).options("/whep/yard", headers=asked)
    assert (opened_.status, opened_.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert opened_.headers["Accept-Post"] == "application/sdp"
