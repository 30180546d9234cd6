"""The proxy's own HTTP server: the control room's page, the anonymised pictures, status, the panic button, health and metrics.

1. Nothing here can show a raw pixel: pictures come from the HLS sink or out of a camera's process, so they went through the gate.
2. Who gets in, and how far, is decided in ``guard.py`` before a request is read.
3. Requests are small, few and quick, see ``limits.py``; files are served only by names that the HLS sink gives.
4. What is for a camera's own process goes through its door, see ``doors.py``.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import web

from proxy.control.bench import NEEDS as BENCH_NEEDS
from proxy.control.bench import Bench
from proxy.control.blocking import awaited, content, reached, wanted
from proxy.control.doors import Doors, add_routes
from proxy.control.guard import ROLE, Guard
from proxy.control.history import SPANS, History
from proxy.control.limits import Visitors
from proxy.control.operations import CoverBody, Covering, read
from proxy.control.refusals import Refusals
from proxy.control.roles import Grant, Role
from proxy.control.rows import Facts, row
from proxy.telemetry.claims import ClaimBook
from proxy.telemetry.status import StatusBoard
from proxy.webrtc.sdp import LIMIT

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

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
NEEDS: Final = {"cover": Role.OPERATOR, "cover-all": Role.OPERATOR}
"""The role that a route asks for, by its name."""
SCRIPTS: Final = ("add", "app", "camera", "change", "dom", "history", "live", "shell", "trial", "words", "zones")
PAGE_FILES: Final = {
    "style.css": "style.css",
    "icon.svg": "icon.svg",
    "hls.js": "vendor/hls.light.min.js",
    **{f"{name}.js": f"{name}.js" for name in SCRIPTS},
}


@dataclass(frozen=True, slots=True)
class Control:
    """What the server shows, and what it lets visitors do.

    Args:
        board: the cameras' status.
        live: the folder with the HLS files of each camera that is shown.
        metrics: Prometheus' text, made anew at each call.
        token: what a client must present (Bearer, or as the password of Basic), or ``None`` on loopback; it may do everything.
        claims: what was signed of each camera.
        keys: the public JWK of each camera that signs.
        doors: the ways into the cameras' own processes.
        grants: further tokens, each with its role.
        covering: the panic button, where there is one.
        facts: what the settings say of each camera.
        refusals: what is said of those who were refused.
        bench: where settings are changed, where that is possible.
        history: what became of each camera, where that is kept.
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
    grants: tuple[Grant, ...] = ()
    covering: Covering | None = None
    facts: Mapping[str, Facts] = field(default_factory=dict)
    refusals: Refusals = field(default_factory=Refusals)
    bench: Bench | None = None
    history: History | None = None
    visitors: Visitors = field(default_factory=Visitors)
    unheard: set[object] = field(default_factory=set)

    def application(self) -> web.Application:
        """The aiohttp application."""
        own = (Grant(self.token),) if self.token else ()
        guard = Guard((*own, *self.grants), self.doors, NEEDS | BENCH_NEEDS, self.visitors, self.refusals, self.unheard)
        app = web.Application(middlewares=[guard.middleware()], client_max_size=LIMIT)
        app.on_response_prepare.append(_harden)
        add_routes(app, self.doors)
        app.router.add_get("/", self._page)
        app.router.add_get("/static/{name}", self._static)
        app.router.add_get("/live/{camera}/{name}", self._hls)
        app.router.add_get("/api/cameras", self._cameras)
        app.router.add_get("/api/cameras/{camera}/claims", self._claims)
        if self.history is not None:
            app.router.add_get("/api/cameras/{camera}/history", self._history)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)
        if self.covering is not None:
            app.router.add_post("/api/cover", self._cover, name="cover-all")
            app.router.add_post("/api/cameras/{camera}/cover", self._cover, name="cover")
        if self.bench is not None:
            self.bench.add_routes(app)
        return app

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
        covering, cameras = self.covering, tuple(self.board.cameras.values())
        rows = [
            row(
                camera,
                covered=covering is not None and covering.covered(camera.name),
                whep=("whep", camera.name) in self.doors,
                facts=self.facts.get(camera.name, Facts()),
                claim=self.claims.last(camera.name),
            )
            for camera in cameras
        ]
        told = {"cameras": rows, "role": request[ROLE], "everything_covered": covering is not None and covering.everything}
        told["changeable"] = self.bench is not None
        return web.json_response(told, dumps=lambda value: json.dumps(value, default=str))

    async def _cover(self, request: web.Request) -> web.Response:
        """Cover at once, and say whether a restart remembers it."""
        if self.covering is None:
            raise AssertionError("the route exists only where there is a panic button")
        camera = request.match_info.get("camera")
        if camera is not None and camera not in self.board.cameras:
            raise web.HTTPNotFound(text="no such camera\n")
        asked = await read(request, CoverBody)
        kept = self.covering.cover(camera, covered=asked.covered)
        await self.covering.settled()
        return web.json_response({"covered": asked.covered, "kept": kept})

    async def _history(self, request: web.Request) -> web.Response:
        camera, span = request.match_info["camera"], request.query.get("span", "day")
        if self.history is None or camera not in self.board.cameras:
            raise web.HTTPNotFound(text="no such camera\n")
        if span not in SPANS:
            raise web.HTTPBadRequest(text=f"span: expected one of {', '.join(SPANS)}\n")
        try:
            told = await asyncio.to_thread(self.history.of, camera, span, now_s=int(time.time()))
        except OSError as error:
            raise web.HTTPServiceUnavailable(text=f"{error}\n") from error
        return web.json_response(told)

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


def _file_of_pages(name: str, request: web.Request) -> web.Response:
    response = web.Response(body=(PAGES / name).read_bytes(), headers={"Content-Type": TYPES[Path(name).suffix]})
    response.enable_compression()
    return response
