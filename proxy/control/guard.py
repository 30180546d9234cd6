"""Who gets in, how far, and how that is decided before a request is read.

1. Without a token it answers to the names of this machine only, so that no page of the web reaches it under a name of its own.
2. What changes something takes a role, and comes as JSON from the proxy's own page or from a program: a browser sends such a
   request for a page of another origin only after asking, and nobody answers that question here.
3. Refusals are counted by visitor and reason, and said once.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from proxy.control.doors import Doors, door_of, endless, shared
from proxy.control.limits import HANDLER_S, WRONG_TOKEN_COSTS, Visitors
from proxy.control.refusals import Refusals
from proxy.control.roles import Grant, Role, Unknown, role_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BASIC: Final = 'Basic realm="veilcast", charset="UTF-8"'
BEARER: Final = 'Bearer realm="veilcast"'
"""How a token is asked for: of people in a browser, and of programs that speak WHIP or WHEP."""
ROLE: Final = web.RequestKey("role", Role)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Guard:
    """Decides about each request.

    Args:
        grants: the tokens that are known; with none at all only this machine is answered, and may do everything.
        doors: the ways into the cameras' own processes.
        needs: the role that a path asks for where it is not the usual one, by the route's name.
        visitors: how much each visitor may still ask.
        refusals: what is said of those who were refused.
        unheard: the addresses of connections from which no whole request has come yet.
    """

    grants: tuple[Grant, ...]
    doors: Doors
    needs: Mapping[str, Role] = field(default_factory=dict)
    visitors: Visitors = field(default_factory=Visitors)
    refusals: Refusals = field(default_factory=Refusals)
    unheard: set[object] = field(default_factory=set)

    def middleware(self) -> Middleware:
        """What aiohttp asks before each handler."""

        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.unheard.discard(request.transport and request.transport.get_extra_info("peername"))
            refusal, door = self.refusal(request), door_of(request, self.doors)
            if refusal is not None:
                self.refusals.note(request.remote or "", (refusal.text or "").strip())
                return shared(refusal, door) if door and "kind" in request.match_info else refusal
            try:
                async with asyncio.timeout(None if endless(request) else HANDLER_S):
                    return await handler(request)
            except TimeoutError:
                return web.Response(status=408, text="too slow\n")
            except web.HTTPRequestEntityTooLarge:
                self.refusals.note(request.remote or "", "too large")
                raise

        return watch

    def refusal(self, request: web.Request) -> web.Response | None:
        """Why ``request`` goes no further, if it does not."""
        visitor, now = request.remote or "", time.monotonic()
        if not self.visitors.take(visitor, now):
            return web.Response(status=429, text="too many requests\n", headers={"Retry-After": "1"})
        door = door_of(request, self.doors)
        if request.path == "/healthz" or (door is not None and request.method == "OPTIONS"):
            return None
        grants = (*self.grants, *((Grant(door.token, Role.OPERATOR),) if door and door.token else ()))
        if not grants:
            if not at_home(request):
                return web.Response(status=421, text="ask for 127.0.0.1, or set a token\n")
            request[ROLE] = Role.ADMIN
        else:
            try:
                request[ROLE] = role_of(request, grants)
            except Unknown as unknown:
                return self._asked_for_a_token(request, str(unknown), now)
        needed = self._needed(request)
        if not request[ROLE].may(needed):
            return web.Response(status=403, text=f"this takes the role {needed}\n")
        changes = request.method not in _SAFE and request.path.startswith("/api/") and request.match_info.http_exception is None
        return _forged(request) if changes else None

    def _needed(self, request: web.Request) -> Role:
        kind, name = request.match_info.get("kind"), request.match_info.route.name
        if kind is not None:
            return Role.OPERATOR if kind == "whip" else Role.VIEWER
        usual = Role.VIEWER if request.method in _SAFE else Role.ADMIN
        return self.needs.get(name or "", usual)

    def _asked_for_a_token(self, request: web.Request, why: str, now: float) -> web.Response:
        if "Authorization" in request.headers:
            self.visitors.take(request.remote or "", now, cost=WRONG_TOKEN_COSTS)
        challenge = BEARER if "kind" in request.match_info else BASIC
        return web.Response(status=401, text=f"{why}\n", headers={"WWW-Authenticate": challenge})


def _forged(request: web.Request) -> web.Response | None:
    """The answer to what may have been sent by a page of another origin, in a visitor's name."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (origin is not None and urlsplit(origin).netloc != request.host):
        return web.Response(status=403, text="not from this page\n")
    if request.content_type != "application/json":
        return web.Response(status=415, text="expected application/json\n")
    return None


def at_home(request: web.Request) -> bool:
    """Whether the visitor asked for this machine by a name that only this machine has."""
    name = request.host.rpartition(":")[0] if re.search(r":\d*$", request.host) else request.host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
