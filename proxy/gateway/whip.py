"""Publishers over WebRTC, in the words of WHIP (RFC 9725): who shows a good token is passed on to its camera's process.

1. The token is the publisher's own, as Bearer. Who shows none that is good is told why, and nobody behind hears of it.
2. The same publisher may begin anew while it is taken to publish still: the process knows best whether pictures come.
3. Pages of any origin may publish: a browser shows nobody's token by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from proxy.gateway.admission import Admitted, Refusal, Refused, Way
from proxy.gateway.gate import Gate
from proxy.webrtc.endpoint import CROSS_ORIGIN, OFFER, PREFLIGHT

PassOn = Callable[[web.Request, str], Awaitable[web.Response]]
CLIENT: Final = "whip"
"""What the gateway calls the connection of such a publisher."""
_STATUSES: Final = {
    Refusal.UNKNOWN_TOKEN: 401,
    Refusal.REVOKED: 401,
    Refusal.EXPIRED: 401,
    Refusal.BUSY: 409,
    Refusal.TOO_MANY: 429,
}
"""How WHIP says why not, where it is not 403."""


@dataclass(frozen=True, slots=True)
class Whip:
    """The publishers of one gateway.

    Args:
        gate: decides and does.
        pass_on: takes what a publisher says over to the process of its camera, and gives the answer; ``None`` where nobody does.
    """

    gate: Gate
    pass_on: PassOn | None

    async def offer(self, request: web.Request) -> web.Response:
        """``POST /whip/CAMERA``: somebody wants to publish."""
        camera, token = request.match_info["camera"], bearer(request)
        if self.pass_on is None:
            raise web.HTTPNotFound(text="nobody takes WebRTC here")
        if request.content_type != OFFER:
            raise web.HTTPUnsupportedMediaType(text=f"expected an offer, {OFFER}")
        answer = self.gate.publish(camera, token, client=CLIENT, way=Way.WHIP)
        if isinstance(answer, Refused) and not (answer.reason is Refusal.BUSY and self._publishes(camera, token)):
            return _shared(said(_STATUSES.get(answer.reason, 403), answer.reason))
        response = await self.pass_on(request, camera)
        if response.status >= 400 and isinstance(answer, Admitted):
            self.gate.left(camera, client=CLIENT)
        return _shared(response)

    async def session(self, request: web.Request) -> web.Response:
        """``PATCH`` and ``DELETE /whip/CAMERA/SESSION``: more about it, or its end."""
        camera, token = request.match_info["camera"], bearer(request)
        if self.pass_on is None or not self._publishes(camera, token):
            return _shared(said(401, "no session of this token's"))
        response = await self.pass_on(request, camera)
        if request.method == "DELETE" and response.status < 300:
            self.gate.left(camera, client=CLIENT)
        return _shared(response)

    async def why(self, request: web.Request) -> web.Response:
        """``GET /why/CAMERA``: what whoever shows a token would be told now; for protocols that can give no reason."""
        answer = self.gate.may(request.match_info["camera"], bearer(request))
        if isinstance(answer, Refused):
            return said(_STATUSES.get(answer.reason, 403), answer.reason)
        return web.json_response({"admission": answer.admission})

    async def preflight(self, request: web.Request) -> web.Response:
        """``OPTIONS``: what browsers ask first."""
        return _shared(web.Response(status=204, headers={"Accept-Post": OFFER, **PREFLIGHT}))

    def _publishes(self, camera: str, token: str) -> bool:
        """Whether ``token`` is of whoever publishes ``camera`` over WebRTC now."""
        running = any(stream.camera == camera and stream.way is Way.WHIP for stream in self.gate.streams())
        return running and self.gate.owns(camera, token)


def bearer(request: web.Request) -> str:
    """The token that ``request`` shows; empty where it shows none."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    return shown if scheme.lower() == "bearer" else ""


def said(status: int, text: str) -> web.Response:
    """A refusal, and why."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return web.json_response({"error": text}, status=status, headers=headers)


def _shared(response: web.Response) -> web.Response:
    response.headers.update(CROSS_ORIGIN)
    return response
