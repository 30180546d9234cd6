"""The gateway's HTTP: the hooks that the ingest calls, an API for people and programs, and a page made of it.

1. Hooks are answered to the ingest's addresses only. A refusal is a 403 with the reason, which the ingest turns into its own.
   Publishers over WebRTC (WHIP) show their token themselves, and are told in its own words.
2. Everything else asks for a token (Bearer, or as the password of Basic); a token has a role, and each role may do what the ones
   before it may: viewer, operator, admin.
3. Every change is made through the gate, which writes it into the ledger together with who made it.
4. What is wrong with a request is said in JSON with a 4xx; what was typed is never repeated. What is wrong here is a 500 that
   tells nothing, and a line in the log with no more than its kind.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web
from pydantic import BaseModel, ValidationError

from proxy.errors import ConfigError
from proxy.gateway.admission import Admission, Refused, Scope
from proxy.gateway.bodies import Names, PublisherBody, PullBody, SwitchBody, TokenBody
from proxy.gateway.gate import Gate
from proxy.gateway.ledger import entries
from proxy.gateway.openapi import FORM, Operation, Shape, described
from proxy.gateway.registry import CameraTaken
from proxy.gateway.room import BASIC, Room, forged, password
from proxy.gateway.whip import Whip, bearer, said
from proxy.media.redact import redact
from proxy.sources import rtsp
from proxy.telemetry.logs import Level, Line, Log
from proxy.telemetry.status import StatusBoard
from proxy.webrtc.endpoint import FRAGMENT, OFFER

B = TypeVar("B", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LIMIT: Final = 1 << 16
FIELDS: Final = 64
"""More fields than the ingest tells of a publisher."""
PAGE: Final = 1000
_OFFERED: Final = Shape(201, OFFER, OFFER)
_TRICKLED: Final = Shape(204, "", FRAGMENT)
_FILE: Final = Shape(gives="*/*")
_ENDED: Final = Shape(gives="text/plain")
_EMPTY: Final = Shape(204, "")
_OWN: Final = Shape(publisher=True)
DAY_MS: Final = 24 * 3600 * 1000
HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
OPEN: Final = frozenset({"/healthz", "/openapi.json"})


class Role(IntEnum):
    """Who asks. Each may do what the ones before may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be asked for; ``role`` is ``None`` where nobody is asked who he is."""

    method: str
    path: str
    role: Role | None
    summary: str
    handler: Handler
    body: type[BaseModel] | None = None
    shape: Shape = field(default_factory=Shape)

    @property
    def hook(self) -> bool:
        """Whether the ingest asks, rather than somebody with a token."""
        return self.path.startswith("/hooks/")


@dataclass(frozen=True, slots=True)
class Api:
    """The gateway over HTTP.

    Args:
        gate: decides and does.
        board: how the streams are.
        metrics: Prometheus' text, made anew at each call.
        tokens: who may ask.
        hooks_from: the ingest's addresses.
        whip: answers publishers over WebRTC.
        verifies: whether it is known whose proof is trusted.
        room: the page.
        say: writes into the log.
    """

    gate: Gate
    board: StatusBoard
    metrics: Callable[[], bytes]
    tokens: Mapping[str, Role]
    hooks_from: frozenset[str]
    whip: Whip
    verifies: bool = False
    room: Room = field(default_factory=Room)
    say: Callable[[Line], None] = field(default_factory=lambda: Log().say)

    def routes(self) -> tuple[Route, ...]:
        """Everything that can be asked for."""
        viewer, operator, admin = Role
        return (
            Route(
                "POST",
                "/hooks/rtmp/publish",
                None,
                "nginx-rtmp's on_publish",
                self._publish,
                shape=Shape(fields=("name", "token", "clientid")),
            ),
            Route(
                "POST",
                "/hooks/srt/may",
                None,
                "the SRT door's question, before it takes a caller",
                self._may,
                shape=Shape(fields=("name", "token")),
            ),
            Route(
                "POST",
                "/hooks/rtmp/done",
                None,
                "nginx-rtmp's on_publish_done",
                self._done,
                shape=Shape(fields=("name", "clientid")),
            ),
            Route(
                "POST",
                "/whip/{camera}",
                None,
                "publish over WebRTC; asks for the publisher's token",
                self.whip.offer,
                shape=replace(_OFFERED, publisher=True),
            ),
            Route(
                "PATCH",
                "/whip/{camera}/{session}",
                None,
                "candidates for such a session",
                self.whip.session,
                shape=replace(_TRICKLED, publisher=True),
            ),
            Route(
                "DELETE",
                "/whip/{camera}/{session}",
                None,
                "end such a session",
                self.whip.session,
                shape=replace(_ENDED, publisher=True),
            ),
            Route("OPTIONS", "/whip/{camera}", None, "what browsers ask before they publish", self.whip.preflight, shape=_EMPTY),
            Route(
                "OPTIONS",
                "/whip/{camera}/{session}",
                None,
                "what browsers ask before they end it",
                self.whip.preflight,
                shape=_EMPTY,
            ),
            Route(
                "GET", "/why/{camera}", None, "whether a publisher's token may publish now, and why not", self.whip.why, shape=_OWN
            ),
            Route("GET", "/", viewer, "the page", self.room.page, shape=Shape(gives="text/html")),
            Route("GET", "/static/{name}", viewer, "a file of the page", self.room.static, shape=_FILE),
            Route("POST", "/whep/{camera}", viewer, "watch what leaves of a camera, over WebRTC", self._watched, shape=_OFFERED),
            Route("PATCH", "/whep/{camera}/{session}", viewer, "candidates for such a session", self._watched, shape=_TRICKLED),
            Route("DELETE", "/whep/{camera}/{session}", viewer, "end such a session", self._watched, shape=_ENDED),
            Route(
                "GET", "/live/{camera}/{name}", viewer, "the same by HLS: index.m3u8, and what it names", self._watched, shape=_FILE
            ),
            Route("GET", "/api/cameras", viewer, "every registered camera, how it is, switches and findings", self._cameras),
            Route("GET", "/api/streams", viewer, "what is admitted, and how it is", self._streams),
            Route("GET", "/api/switches", viewer, "what operators have cut or covered", self._switches),
            Route("PUT", "/api/switches/{scope}/{target}", operator, "cut or cover now, until lifted", self._set, SwitchBody),
            Route("DELETE", "/api/switches/{scope}/{target}", operator, "lift a switch", self._lift),
            Route("GET", "/api/distrusted", viewer, "cameras whose proof counts for nothing any more", self._distrusted),
            Route("DELETE", "/api/distrusted/{camera}", admin, "let a camera's proof count again", self._trust_again),
            Route(
                "GET", "/api/ledger", viewer, "rows of the ledger, from ?since on", self._ledger, shape=Shape(numbers=("since",))
            ),
            Route("GET", "/api/publishers", admin, "who may publish", self._publishers),
            Route("PUT", "/api/publishers/{publisher}", admin, "register or change a publisher", self._put, PublisherBody),
            Route("DELETE", "/api/publishers/{publisher}", admin, "revoke a publisher; its streams end", self._revoke),
            Route("PUT", "/api/cameras/{camera}/pull", admin, "fetch a registered camera's stream by RTSP", self._pull, PullBody),
            Route("DELETE", "/api/cameras/{camera}/pull", admin, "fetch it no longer", self._pull_no_more),
            Route(
                "POST",
                "/api/publishers/{publisher}/tokens",
                admin,
                "a new token, told this once",
                self._token,
                TokenBody,
                shape=Shape(201),
            ),
            Route("DELETE", "/api/publishers/{publisher}/tokens/{token}", admin, "revoke a token", self._revoke_token),
            Route("GET", "/metrics", viewer, "Prometheus' text", self._metrics, shape=Shape(gives="text/plain")),
            Route("GET", "/readyz", viewer, "whether the database answers", self._ready),
            Route("GET", "/healthz", None, "whether the gateway answers", self._health),
            Route("GET", "/openapi.json", None, "this description", self._described),
        )

    def application(self, which: Callable[[Route], bool] = lambda _: True) -> web.Application:
        """The aiohttp application, of ``which`` routes."""
        app = web.Application(middlewares=[self._guard], client_max_size=LIMIT)
        for route in filter(which, self.routes()):
            app.router.add_route(route.method, route.path, route.handler)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._admit(request)
            if not all(map(str.isprintable, request.match_info.values())):
                raise web.HTTPNotFound(text="no such name")
            response = await handler(request)
        except web.HTTPException as refusal:
            response = said(refusal.status, refusal.text or HTTPStatus(refusal.status).phrase)
            if refusal.status == 401 and (request.path == "/" or request.path.startswith("/static/")):
                response.headers["WWW-Authenticate"] = BASIC
        except Exception as fault:  # noqa: BLE001 - whatever it is, who asked learns nothing of it, and the gateway goes on
            self.say(Line(Level.ERROR, "request failed", (("kind", type(fault).__name__), ("method", request.method))))
            response = said(500, "the gateway failed at this; its log says more")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _admit(self, request: web.Request) -> None:
        path = request.path
        if path.startswith("/hooks/"):
            if request.remote not in self.hooks_from:
                raise web.HTTPForbidden(text="hooks are answered to the ingest only")
            return
        if path in OPEN or path.startswith(("/whip/", "/why/")):
            return
        role = self._role(request)
        if role is None:
            raise web.HTTPUnauthorized(text="a token is needed: Authorization: Bearer …")
        place = request.match_info.route.resource
        asked = {(route.method, route.path): route.role for route in self.routes()}
        needed = asked.get((request.method, place.canonical)) if place is not None else None
        if needed is not None and role < needed:
            raise web.HTTPForbidden(text=f"this takes the role {needed.name.lower()}")
        if forged(request):
            raise web.HTTPForbidden(text="not from this page; programs show their token as Bearer")

    def _role(self, request: web.Request) -> Role | None:
        # what was sent may be no UTF-8
        shown = (bearer(request) or password(request)).encode(errors="surrogateescape")
        found = [role for token, role in self.tokens.items() if hmac.compare_digest(token.encode(), shown)]
        return max(found, default=None)

    async def _publish(self, request: web.Request) -> web.Response:
        form = await _form(request)
        camera, token, client = (form.get(name, "") for name in ("name", "token", "clientid"))
        answer = self.gate.publish(camera, token, client=client)
        if isinstance(answer, Refused):
            return said(403, answer.reason)
        return web.json_response({"camera": camera, "admission": answer.admission})

    async def _may(self, request: web.Request) -> web.Response:
        form = await _form(request)
        answer = self.gate.may(form.get("name", ""), form.get("token", ""))
        return said(403, answer.reason) if isinstance(answer, Refused) else web.json_response({"admission": answer.admission})

    async def _done(self, request: web.Request) -> web.Response:
        form = await _form(request)
        self.gate.left(form.get("name", ""), client=form.get("clientid", ""))
        return web.json_response({})

    async def _cameras(self, request: web.Request) -> web.Response:
        return self.room.cameras(self._actor(request))

    async def _streams(self, request: web.Request) -> web.Response:
        rows = []
        for stream in self.gate.streams():
            status = self.board.cameras.get(stream.camera)
            rows.append(asdict(stream) | {"status": asdict(status) if status else None})
        return web.json_response({"streams": rows}, dumps=_dumped)

    async def _switches(self, request: web.Request) -> web.Response:
        rows = [{"scope": scope, "target": target, "action": action} for (scope, target), action in self.gate.switches().items()]
        return web.json_response({"switches": rows})

    async def _set(self, request: web.Request) -> web.Response:
        scope, target = _place(request)
        body = await _body(request, SwitchBody)
        if not self._is_registered(scope, target):
            raise web.HTTPNotFound(text=f"no such {scope} is registered")
        self.gate.switch(scope, target, body.action, actor=self._actor(request))
        await self.gate.done()
        return web.json_response({"scope": scope, "target": target, "action": body.action})

    def _is_registered(self, scope: Scope, target: str) -> bool:
        match scope:
            case Scope.CAMERA:
                return self.gate.registry.owner(target) is not None
            case Scope.PUBLISHER:
                return bool(self.gate.registry.publishers(target))
            case Scope.ALL:
                return True

    async def _watched(self, request: web.Request) -> web.Response:
        if not self._is_registered(Scope.CAMERA, request.match_info["camera"]):
            raise web.HTTPNotFound(text="no such camera is registered")
        return await self.room.session(request)

    async def _lift(self, request: web.Request) -> web.Response:
        scope, target = _place(request)
        if (scope, target) not in self.gate.switches():
            raise web.HTTPNotFound(text="no such switch is set")
        self.gate.switch(scope, target, None, actor=self._actor(request))
        return web.json_response({})

    async def _distrusted(self, request: web.Request) -> web.Response:
        rows = [{"camera": camera, "since_ms": since_ms} for camera, since_ms in self.gate.distrusted().items()]
        return web.json_response({"distrusted": rows})

    async def _trust_again(self, request: web.Request) -> web.Response:
        if not self.gate.trust_again(request.match_info["camera"], actor=self._actor(request)):
            raise web.HTTPNotFound(text="no such camera, or its proof counts")
        return web.json_response({})

    async def _ledger(self, request: web.Request) -> web.Response:
        since = _number(request.query.get("since", "0"), "since")
        rows = [asdict(entry) for entry in entries(self.gate.connection, since=since, limit=PAGE)]
        return web.json_response({"entries": rows})

    async def _publishers(self, request: web.Request) -> web.Response:
        registry = self.gate.registry
        rows = [asdict(one) | {"tokens": list(map(asdict, registry.tokens(one.name)))} for one in registry.publishers()]
        return web.json_response({"publishers": rows})

    async def _put(self, request: web.Request) -> web.Response:
        body = await _body(request, PublisherBody)
        name = _named(request)
        if body.admission is Admission.VERIFY and not self.verifies:
            raise web.HTTPBadRequest(text="admission: verify needs [proof] trust in gateway.toml")
        try:
            publisher = self.gate.put_publisher(
                name,
                admission=body.admission,
                max_streams=body.max_streams,
                cameras=tuple(dict.fromkeys(body.cameras)),
                actor=self._actor(request),
            )
        except CameraTaken as error:
            raise web.HTTPConflict(text=f"camera {error} belongs to another publisher") from None
        await self.gate.done()
        return web.json_response(asdict(publisher))

    async def _revoke(self, request: web.Request) -> web.Response:
        if not self.gate.revoke_publisher(request.match_info["publisher"], actor=self._actor(request)):
            raise web.HTTPNotFound(text="no such publisher, or revoked before")
        await self.gate.done()
        return web.json_response({})

    async def _pull(self, request: web.Request) -> web.Response:
        body = await _body(request, PullBody)
        address, camera = body.url.get_secret_value(), request.match_info["camera"]
        try:
            if not address.startswith(("rtsp://", "rtsps://")) or not address.isprintable() or " " in address:
                raise ConfigError("expected rtsp:// or rtsps://, without spaces and control characters")
            rtsp.Options.from_url(address)
        except ConfigError as error:
            raise web.HTTPBadRequest(text=f"url: {error.message}") from None
        if not self.gate.put_pull(camera, address, actor=self._actor(request)):
            raise web.HTTPNotFound(text="no publisher has such a camera")
        return web.json_response({"camera": camera, "from": redact(address)})

    async def _pull_no_more(self, request: web.Request) -> web.Response:
        camera = request.match_info["camera"]
        if self.gate.registry.address(camera) is None:
            raise web.HTTPNotFound(text="no such camera, or it is not fetched")
        self.gate.put_pull(camera, None, actor=self._actor(request))
        return web.json_response({})

    async def _token(self, request: web.Request) -> web.Response:
        body = await _body(request, TokenBody)
        name = request.match_info["publisher"]
        found = self.gate.registry.publishers(name)
        if not found:
            raise web.HTTPNotFound(text="no such publisher")
        cameras = None if body.cameras is None else tuple(dict.fromkeys(body.cameras))
        if not set(cameras or ()) <= set(found[0].cameras):
            raise web.HTTPBadRequest(text="cameras: not all of them are this publisher's")
        expires_ms = None if body.expires_days is None else self.gate.now_ms() + round(body.expires_days * DAY_MS)
        number, token = self.gate.new_token(name, expires_ms=expires_ms, cameras=cameras, actor=self._actor(request))
        return web.json_response({"id": number, "token": token, "expires_ms": expires_ms, "cameras": cameras}, status=201)

    async def _revoke_token(self, request: web.Request) -> web.Response:
        number = _number(request.match_info["token"], "token")
        if not self.gate.revoke_token(request.match_info["publisher"], number, actor=self._actor(request)):
            raise web.HTTPNotFound(text="no such token, or revoked before")
        await self.gate.done()
        return web.json_response({})

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=self.metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _ready(self, request: web.Request) -> web.Response:
        try:
            return web.json_response({"streams": len(self.gate.streams())})
        except sqlite3.Error:
            return said(503, "the database does not answer")

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"health": "ok"})

    async def _described(self, request: web.Request) -> web.Response:
        return web.json_response(described(_operation(route) for route in self.routes()))

    def _actor(self, request: web.Request) -> str:
        role = self._role(request)
        return role.name.lower() if role else "nobody"


def _operation(route: Route) -> Operation:
    role = "" if route.role is None else route.role.name.lower()
    return Operation(route.method, route.path, role, route.summary, route.body, route.shape)


async def _form(request: web.Request) -> dict[str, str]:
    """The fields of a form, of which the last of a name counts."""
    if request.content_type != FORM:
        raise web.HTTPUnsupportedMediaType(text=f"expected {FORM}")
    try:
        return dict(parse_qsl((await request.read()).decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS))
    except ValueError:
        raise web.HTTPBadRequest(text=f"no form of at most {FIELDS} fields in UTF-8") from None


async def _body(request: web.Request, kind: type[B]) -> B:
    try:
        return kind.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        problems = [": ".join(part for part in (".".join(map(str, one["loc"])), one["msg"]) if part) for one in found]
        raise web.HTTPBadRequest(text="; ".join(problems)) from None


def _place(request: web.Request) -> tuple[Scope, str]:
    scope, target = request.match_info["scope"], request.match_info["target"]
    if scope not in set(Scope):
        raise web.HTTPNotFound(text=f"a switch is about: {', '.join(Scope)}")
    if Scope(scope) is Scope.ALL:
        if target != "all":
            raise web.HTTPNotFound(text="everything is switched at /api/switches/all/all")
        return Scope.ALL, ""
    if len(target) > 64:
        raise web.HTTPNotFound(text="no such name")
    return Scope(scope), target


def _named(request: web.Request) -> str:
    try:
        return Names.validate_python(request.match_info["publisher"])
    except ValidationError:
        raise web.HTTPBadRequest(text="a publisher's name is lower-case letters, digits and hyphens") from None


def _number(text: str, name: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise web.HTTPBadRequest(text=f"{name}: expected a number")
    return int(text)


def _dumped(value: object) -> str:
    return json.dumps(value, default=str)
