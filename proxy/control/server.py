"""The proxy's own HTTP server: a page with the anonymised pictures, their HLS files, status, health and metrics.

1. Nothing here can show a raw pixel: pictures come from the HLS sink, so they went through the gate.
2. Without a token it answers on loopback only; with one, every route but health asks for it.
3. Requests are small, few and quick, see ``limits.py``; files are served only by names that the HLS sink gives.
4. What is for a camera's own process goes through its door, see ``doors.py``.
5. Without a token it answers only to the names of this machine, so that no page of the web reaches it under a name of its own.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import ipaddress
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import web

from proxy.control.blocking import awaited, content, reached, wanted
from proxy.control.doors import Doors, add_routes, door_of, endless
from proxy.control.limits import HANDLER_S, WRONG_TOKEN_COSTS, Visitors
from proxy.telemetry.claims import ClaimBook
from proxy.telemetry.status import StatusBoard
from proxy.webrtc.sdp import LIMIT

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
BASIC: Final = 'Basic realm="veilcast", charset="UTF-8"'
BEARER: Final = 'Bearer realm="veilcast"'
"""How a token is asked for: of people in a browser, and of programs that speak WHIP or WHEP."""

HLS_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}\.(m3u8|m4s|mp4|ts)")
_PARTIAL: Final = re.compile(r"index\.m3u8$|part-")
TYPES: Final = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".ts": "video/mp2t",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGES: Final = files("proxy.control") / "pages"
PAGE_FILES: Final = {"app.js": "app.js", "style.css": "style.css", "hls.js": "vendor/hls.light.min.js"}


@dataclass(frozen=True, slots=True)
class Control:
    """What the server shows.

    Args:
        board: the cameras' status.
        live: the folder with the HLS files of each camera that is shown.
        metrics: Prometheus' text, made anew at each call.
        token: what a client must present (Bearer, or as the password of Basic), or ``None`` on loopback.
        claims: what was signed of each camera.
        keys: the public JWK of each camera that signs.
        doors: the ways into the cameras' own processes.
        visitors: how much each visitor may still ask.
        unheard: the addresses of connections from which no whole request has come yet.
    """

    board: StatusBoard
    live: Mapping[str, Path]
    metrics: Callable[[], bytes]
    token: str | None = None
    claims: ClaimBook = field(default_factory=lambda: ClaimBook(()))
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    doors: Doors = field(default_factory=dict)
    visitors: Visitors = field(default_factory=Visitors)
    unheard: set[object] = field(default_factory=set)

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(middlewares=[self._guard], client_max_size=LIMIT)
        app.on_response_prepare.append(_harden)
        add_routes(app, self.doors)
        app.router.add_get("/", self._page)
        app.router.add_get("/static/{name}", self._static)
        app.router.add_get("/live/{camera}/{name}", self._hls)
        app.router.add_get("/api/cameras", self._cameras)
        app.router.add_get("/api/cameras/{camera}/claims", self._claims)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.unheard.discard(request.transport and request.transport.get_extra_info("peername"))
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        try:
            async with asyncio.timeout(None if endless(request) else HANDLER_S):
                return await handler(request)
        except TimeoutError:
            return web.Response(status=408, text="too slow\n")

    def _refusal(self, request: web.Request) -> web.Response | None:
        """Why ``request`` goes no further, if it does not."""
        visitor, now = request.remote or "", time.monotonic()
        if not self.visitors.take(visitor, now):
            return web.Response(status=429, text="too many requests\n", headers={"Retry-After": "1"})
        door = door_of(request, self.doors)
        if request.path == "/healthz" or (door is not None and request.method == "OPTIONS"):
            return None
        tokens = [token for token in (self.token, door.token if door else None) if token]
        if not tokens:
            return None if _at_home(request) else web.Response(status=421, text="ask for 127.0.0.1, or set a token\n")
        if any(_presents(request, token) for token in tokens):
            return None
        if "Authorization" in request.headers:
            self.visitors.take(visitor, now, cost=WRONG_TOKEN_COSTS)
        challenge = BEARER if "kind" in request.match_info else BASIC
        return web.Response(status=401, text="a token is needed\n", headers={"WWW-Authenticate": challenge})

    async def _page(self, request: web.Request) -> web.Response:
        return _file_of_pages("index.html", request)

    async def _static(self, request: web.Request) -> web.Response:
        name = PAGE_FILES.get(request.match_info["name"])
        if name is None:
            raise web.HTTPNotFound(text="no such file\n")
        return _file_of_pages(name, request)

    async def _hls(self, request: web.Request) -> web.Response:
        camera, name = request.match_info["camera"], request.match_info["name"]
        folder = self.live.get(camera)
        if folder is None or not HLS_NAME.fullmatch(name):
            raise web.HTTPNotFound(text="no such stream\n")
        path = folder / name
        body = await _waited_for(path, request) if _PARTIAL.match(name) else content(path)
        if body is None:
            raise web.HTTPNotFound(text="not there, or not yet\n")
        return web.Response(body=body, headers={"Content-Type": TYPES[path.suffix]})

    async def _cameras(self, request: web.Request) -> web.Response:
        rows = [asdict(camera) | {"whep": ("whep", camera.name) in self.doors} for camera in self.board.cameras.values()]
        return web.json_response({"cameras": rows}, dumps=lambda value: json.dumps(value, default=str))

    async def _claims(self, request: web.Request) -> web.Response:
        camera, since = request.match_info["camera"], request.query.get("since", "0")
        if not re.fullmatch(r"[0-9]{1,15}", since):
            raise web.HTTPBadRequest(text="since: expected a sequence number\n")
        claims = self.claims.of(camera, since=int(since))
        if claims is None:
            raise web.HTTPNotFound(text="no such camera\n")
        rows = [{"sequence": claim.sequence, "jws": claim.text} for claim in claims]
        return web.json_response({"camera": camera, "key": self.keys.get(camera), "claims": rows})

    async def _health(self, request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, request: web.Request) -> web.Response:
        ready = self.board.ready()
        return web.Response(status=200 if ready else 503, text="ready\n" if ready else "not every camera shows a picture\n")

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=self.metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


async def _waited_for(path: Path, request: web.Request) -> bytes | None:
    """A part as soon as it is there, or the playlist as soon as it has what the query asks for."""
    if path.suffix != ".m3u8":
        return await awaited(path, lambda _: True) if content(path.with_name("index.m3u8")) else None
    try:
        what = wanted(request.query)
        if what is None or content(path) is None:
            return content(path)
        body = await awaited(path, lambda found: reached(found.decode(errors="replace"), what))
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from error
    if body is None:
        raise web.HTTPServiceUnavailable(text="not yet\n", headers={"Retry-After": "1"})
    return body


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY_HEADERS)


def _presents(request: web.Request, token: str) -> bool:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(value.encode(errors="surrogateescape"), token.encode())


def _at_home(request: web.Request) -> bool:
    """Whether the visitor asked for this machine by a name that only this machine has."""
    name = request.host.rpartition(":")[0] if re.search(r":\d*$", request.host) else request.host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _file_of_pages(name: str, request: web.Request) -> web.Response:
    response = web.Response(body=(PAGES / name).read_bytes(), headers={"Content-Type": TYPES[Path(name).suffix]})
    response.enable_compression()
    return response
