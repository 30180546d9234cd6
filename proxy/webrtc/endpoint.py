"""The HTTP of WHIP (RFC 9725) and of WHEP: an offer makes a session, which can be added to, and deleted.

1. ``POST /`` with an offer answers 201 with the answer, the session's address, its entity tag, and the ICE servers to use.
2. ``PATCH /ID`` takes candidates that trickle in; an ICE restart is refused with 422, as the RFC has it.
3. ``DELETE /ID`` ends the session. Nothing else is allowed.
4. Whoever runs the endpoint sweeps it: sessions that do not connect, or that are gone, are closed.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from aiohttp import web

from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer, Refused
from proxy.webrtc.sdp import LIMIT, parse_fragment, username_of

OFFER: Final = "application/sdp"
FRAGMENT: Final = "application/trickle-ice-sdpfrag"
CROSS_ORIGIN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, ETag, Accept-Patch, Link, Retry-After",
}
"""What lets pages of other origins read an answer; for addresses with a token of their own, which no browser shows by itself."""
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "POST, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Max-Age": "600",
}
"""What such pages may ask."""


class Session(Protocol):
    """What an offer led to."""

    @property
    def peer(self) -> Peer:
        """The connection."""
        ...


S = TypeVar("S", bound=Session)


class NotNow(Exception):
    """No session can begin at present; says why, and after how many seconds to ask again."""

    def __init__(self, reason: str, *, retry_s: int, status: int = 503) -> None:
        super().__init__(reason)
        self.retry_s = retry_s
        self.status = status


@dataclass(frozen=True, slots=True)
class _Open(Generic[S]):
    session: S
    tag: str
    username: str
    since: float


@dataclass(slots=True)
class Endpoint(Generic[S]):
    """One address at which sessions begin.

    Args:
        begin: makes what an offer is answered with; raises ``NotNow`` when there must be none at present, ``Refused`` for an offer
            that can lead to nothing.
        options: the peers' settings.
        limit: how many sessions there may be at a time.
    """

    begin: Callable[[str], S]
    options: PeerOptions
    limit: int
    _open: dict[str, _Open[S]] = field(default_factory=dict)
    _beginning: int = 0

    @property
    def sessions(self) -> list[S]:
        """Every session that was agreed on, connected or not."""
        return [held.session for held in self._open.values()]

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=LIMIT)
        app.router.add_post("/", self._post)
        app.router.add_patch("/{session}", self._patch)
        app.router.add_delete("/{session}", self._delete)
        return app

    async def sweep(self) -> None:
        """Close the sessions that are gone, and those that do not connect in time."""
        late = time.monotonic() - self.options.connect_timeout_s
        for name, held in list(self._open.items()):
            peer = held.session.peer
            if peer.gone or (not peer.connected and held.since < late):
                await self._end(name)

    async def close(self) -> None:
        """End every session."""
        for name in list(self._open):
            await self._end(name)

    async def _end(self, name: str) -> bool:
        held = self._open.pop(name, None)
        if held is not None:
            await held.session.peer.close()
        return held is not None

    async def _post(self, request: web.Request) -> web.Response:
        if request.content_type != OFFER:
            raise web.HTTPUnsupportedMediaType(text=f"expected Content-Type: {OFFER}\n")
        offer = await _text(request)
        if len(self._open) + self._beginning >= self.limit:
            return _not_now(NotNow(f"all {self.limit} places are taken", retry_s=10))
        self._beginning += 1
        try:
            return await self._begun(offer)
        except NotNow as refusal:
            return _not_now(refusal)
        except Refused as refusal:
            return web.Response(status=422, text=f"{refusal}\n")
        finally:
            self._beginning -= 1

    async def _begun(self, offer: str) -> web.Response:
        session = self.begin(offer)
        try:
            answer = await session.peer.answer(offer)
        except BaseException:
            await session.peer.close()
            raise
        name, tag = secrets.token_urlsafe(16), f'"{secrets.token_hex(8)}"'
        self._open[name] = _Open(session, tag, username_of(offer), time.monotonic())
        headers = [("Location", f"/{name}"), ("ETag", tag), ("Accept-Patch", FRAGMENT)]
        headers += [("Link", server.link()) for server in self.options.ice_servers]
        response = web.Response(status=201, text=answer, content_type=OFFER)
        for header, value in headers:
            response.headers.add(header, value)
        return response

    async def _patch(self, request: web.Request) -> web.Response:
        held = self._open.get(request.match_info["session"])
        if held is None:
            raise web.HTTPNotFound(text="no such session\n")
        if request.content_type != FRAGMENT:
            raise web.HTTPUnsupportedMediaType(text=f"expected Content-Type: {FRAGMENT}\n")
        if (refusal := _precondition(request.headers.get("If-Match"), held.tag)) is not None:
            return refusal
        try:
            fragment = parse_fragment(await _text(request))
            if fragment.username and fragment.username != held.username:
                return web.Response(status=422, text="ICE restarts are not supported: end this session and begin another\n")
            await held.session.peer.trickle(fragment)
        except (Refused, ValueError) as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from error
        return web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.Response:
        if not await self._end(request.match_info["session"]):
            raise web.HTTPNotFound(text="no such session\n")
        return web.Response(text="ended\n")


async def _text(request: web.Request) -> str:
    """The body as UTF-8, whatever else its sender calls it: descriptions are (RFC 8866)."""
    try:
        return (await request.read()).decode()
    except UnicodeDecodeError:
        raise web.HTTPBadRequest(text="expected UTF-8\n") from None


def _precondition(asked: str | None, tag: str) -> web.Response | None:
    if asked is None:
        return web.Response(status=428, text="name the session's entity tag in If-Match\n")
    if asked == "*":
        return web.Response(status=422, text="ICE restarts are not supported: end this session and begin another\n")
    if asked != tag:
        return web.Response(status=412, text="this is not the session's entity tag\n")
    return None


def _not_now(refusal: NotNow) -> web.Response:
    return web.Response(status=refusal.status, text=f"{refusal}\n", headers={"Retry-After": str(refusal.retry_s)})
