"""Requests to the gateway that are almost right, in name, token, content type or body: each is answered, and never by a 5xx."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from proxy.gateway.api import FORM, Api, Role, Route
from proxy.gateway.room import Room
from proxy.gateway.whip import Whip
from proxy.telemetry.status import StatusBoard
from tests.fuzz.mutants import SECONDS, SEED, mutants
from tests.gateway.gates import gate, registered

pytestmark = pytest.mark.timeout(int(SECONDS * 4) + 120)
ADMIN = b"admin-token-01234567"
BODIES = (
    b"name=door&token=%s&clientid=7&call=publish",
    b'{"cameras": ["door", "yard"], "admission": "anonymise", "max_streams": 2}',
    b'{"action": "cover"}',
    b'{"expires_days": 30}',
    b'{"url": "rtsp://user:password@127.0.0.1:554/stream"}',
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
)
TYPES = (FORM.encode(), b"application/json", b"application/sdp", b"multipart/form-data; boundary=x", b"text/plain; charset=utf-8")


async def test_requests_to_every_route(tmp_path: Path) -> None:
    made, _, _ = gate(tmp_path)
    token = registered(made, "door", "yard").encode()

    async def passed_on(request: web.Request, camera: str) -> web.Response:
        return web.Response(status=201)

    api = Api(made, StatusBoard(()), bytes, {ADMIN.decode(): Role.ADMIN}, frozenset({"127.0.0.1"}), Whip(made, passed_on))
    faults: list[object] = []
    api = Api(**{name: getattr(api, name) for name in Api.__slots__} | {"room": Room(watch=passed_on), "say": faults.append})
    names, tokens = (b"door", b"acme", b"camera", b"all", b"1", b"0"), (ADMIN, token, b"Og==")
    async with TestServer(api.application()) as server:
        for number, (name, odd) in enumerate(mutants([*BODIES, *TYPES, *names, *tokens])):
            chance = random.Random(f"{SEED} {number}")
            sent = request(chance.choice(api.routes()), chance, odd, [*names, token], tokens)
            said = await answer(server, sent)
            assert said.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4", b"HTTP/1.0 400")), f"{name}: {sent!r} got {said!r}, {faults}"


def request(route: Route, chance: random.Random, odd: bytes, names: list[bytes], tokens: tuple[bytes, ...]) -> bytes:
    """A request of ``route``, of which at least one part is ``odd``."""
    parts = [chance.choice(names), b"Bearer " + chance.choice(tokens), chance.choice(TYPES), chance.choice(BODIES)]
    for place in chance.sample(range(4), chance.choice((1, 1, 2))):
        parts[place] = odd
    name, shown, kind, body = parts
    path = "/".join(quote_from_bytes(name, safe="") if part.startswith("{") else part for part in route.path.split("/"))
    shown, kind = (bytes(byte for byte in part if byte not in b"\r\n\0")[:4000] for part in (shown, kind))
    head = f"{route.method} {path[:4000]}{'?since=' + quote_from_bytes(odd)[:99] if route.method == 'GET' else ''} HTTP/1.1\r\n"
    rest = b"Host: x\r\nConnection: close\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head.encode() + rest % (shown, kind, len(body)) + body


async def answer(server: TestServer, sent: bytes) -> bytes:
    """The first bytes of what ``server`` says to it."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        said = await reader.read(400)
        writer.close()
        return said
