"""What the proxy's own HTTP passes on to cameras' processes: the few requests of WHIP and WHEP, and for JPEG pictures and HLS.

1. Small requests and bounded answers go through, by a list of methods and headers.
2. A door may have a token of its own, so that a publisher or viewer need not know the one that opens everything.
3. Pages of other origins may use a door only with such a token: a browser never sends one by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web

from proxy.webrtc.endpoint import CROSS_ORIGIN, OFFER, PREFLIGHT
from proxy.webrtc.signalling import whole

TIMEOUT_S: Final = 15.0
CLOSED_S: Final = 4.0
LOOK_S: Final = 0.1
STALLED_S: Final = 15.0
PICTURE_LIMIT: Final = 1 << 24
VIDEO: Final = "video.mjpg"
ENDLESS: Final = "pictures"
ASKED: Final = ("Content-Type", "If-Match")
TOLD: Final = ("Content-Type", "ETag", "Accept-Patch", "Link", "Retry-After", "Allow")


@dataclass(frozen=True, slots=True)
class Door:
    """The local socket on which a camera's process answers, and the token that it asks for, if it has its own."""

    socket: Path
    token: str | None = None


Doors = Mapping[tuple[str, str], Door]
"""``("whep", camera)`` → its door."""


def add_routes(app: web.Application, doors: Doors) -> None:
    """Answer ``/whip/CAMERA`` and ``/whep/CAMERA``, and the sessions below them, for every door."""

    def refusing(methods: tuple[str, ...]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def refuse(request: web.Request) -> web.StreamResponse:
            door = door_of(request, doors)
            if door is None:
                raise web.HTTPNotFound(text="no such camera, or not this way\n")
            told = f"this address takes {' and '.join(methods[:-1])}\n"
            return shared(web.Response(status=405, text=told, headers={"Allow": ", ".join(methods)}), door)

        return refuse

    async def relay(request: web.Request) -> web.Response:
        door = door_of(request, doors)
        if door is None:
            raise web.HTTPNotFound(text="no such camera, or not this way\n")
        return shared(_preflight() if request.method == "OPTIONS" else await passed_on(request, door), door)

    async def show(request: web.Request) -> web.StreamResponse:
        door = door_of(request, doors)
        if door is None:
            raise web.HTTPNotFound(text="no such camera, or no mjpeg sink\n")
        return await (_streamed if request.path.endswith(VIDEO) else passed_on)(request, door)

    app.router.add_get(r"/live/{camera}/{picture:picture\.jpg}", show)
    app.router.add_get(r"/live/{camera}/{picture:video\.mjpg}", show, name=ENDLESS)
    for path, methods in (("", ("POST", "OPTIONS")), ("/{session:[A-Za-z0-9_-]{1,64}}", ("PATCH", "DELETE", "OPTIONS"))):
        for method in methods:
            app.router.add_route(method, "/{kind:whip|whep}/{camera}" + path, relay)
        # a route of its own, so that whoever holds the door's token is known by it here too
        app.router.add_route("*", "/{kind:whip|whep}/{camera}" + path, refusing(methods))


def door_of(request: web.Request, doors: Doors) -> Door | None:
    """The door that ``request`` is for."""
    kind = "mjpeg" if "picture" in request.match_info else request.match_info.get("kind", "")
    return doors.get((kind, request.match_info.get("camera", "")))


def shared(answer: web.Response, door: Door) -> web.Response:
    """``answer``, which pages of other origins may read where ``door`` asks for a token of its own."""
    if door.token:
        answer.headers.update(CROSS_ORIGIN)
    return answer


def endless(request: web.Request) -> bool:
    """Whether the answer to ``request`` goes on for as long as the visitor takes it."""
    return request.match_info.route.name == ENDLESS


def _preflight() -> web.Response:
    return web.Response(status=204, headers={"Accept-Post": OFFER, **PREFLIGHT})


async def passed_on(request: web.Request, door: Door, *, within_s: float = CLOSED_S) -> web.Response:
    """The answer from behind ``door``; a door that opens within ``within_s`` is waited for, as between two publishers."""
    body = await request.read()
    deadline = time.monotonic() + within_s
    connector = aiohttp.UnixConnector(str(door.socket))
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
        while True:
            try:
                return await _asked(session, request, body)
            except aiohttp.ClientConnectorError:
                if time.monotonic() >= deadline:
                    return _closed()
                await asyncio.sleep(LOOK_S)
            except (aiohttp.ClientError, TimeoutError, ValueError):
                return _closed()


async def _asked(session: aiohttp.ClientSession, request: web.Request, body: bytes) -> web.Response:
    headers = {name: request.headers[name] for name in ASKED if name in request.headers}
    async with session.request(request.method, _behind(request), data=body, headers=headers, allow_redirects=False) as answer:
        return await _told(answer, request)


async def _streamed(request: web.Request, door: Door) -> web.StreamResponse:
    """Pictures from behind ``door``, one after another; a visitor that takes nothing for ``STALLED_S`` is let go."""
    connector = aiohttp.UnixConnector(str(door.socket))
    timeout = aiohttp.ClientTimeout(total=None, sock_read=STALLED_S)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.get(_behind(request)) as answer,
        ):
            if answer.status != 200:
                return await _told(answer, request)
            response = web.StreamResponse(headers={"Content-Type": answer.headers.get("Content-Type", "")})
            await response.prepare(request)
            with suppress(ConnectionError, TimeoutError, aiohttp.ClientError):
                async for piece in answer.content.iter_any():
                    async with asyncio.timeout(STALLED_S):
                        await response.write(piece)
            return response
    except (aiohttp.ClientError, TimeoutError):
        return _closed()


def _behind(request: web.Request) -> str:
    match = request.match_info
    return f"http://camera/{match.get('picture') or match.get('name') or match.get('session', '')}"


def _closed() -> web.Response:
    return web.Response(status=503, text="the camera's process does not answer now\n", headers={"Retry-After": "1"})


async def _told(answer: aiohttp.ClientResponse, request: web.Request) -> web.Response:
    response = web.Response(status=answer.status, body=await whole(answer, PICTURE_LIMIT))
    for name in TOLD:
        for value in answer.headers.getall(name, []):
            response.headers.add(name, value)
    if "Location" in answer.headers:
        response.headers["Location"] = request.path.rstrip("/") + answer.headers["Location"]
    return response
