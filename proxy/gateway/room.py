"""The gateway's page and what it alone asks for: files, all cameras at a glance, and pictures of what leaves.

1. A browser shows its visitor's token as the password of Basic, which it sends by itself; so what changes something and came with
   it must not come from a page of another origin.
2. Pictures come from the process that sends the stream on: nothing that was sent to the gateway can be seen here.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from proxy.gateway.whip import PassOn

BASIC: Final = 'Basic realm="veilcast gateway", charset="UTF-8"'
POLICY: Final = "default-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; frame-ancestors 'none'"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FIRST: Final = "index.html"


class PageFile(Protocol):
    """One file of the page, and its content type."""

    @property
    def body(self) -> bytes:
        """What it holds."""
        ...

    @property
    def kind(self) -> str:
        """What it is."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """What the page is made of.

    Args:
        told: every camera, switch and finding, as JSON.
        files: the page's files by name; none where there is no page.
        watch: takes what a viewer asks for to the process of its camera, and gives the answer; ``None`` where nobody can watch.
    """

    told: Callable[[], dict[str, object]] = dict
    files: Mapping[str, PageFile] = field(default_factory=dict)
    watch: PassOn | None = None

    async def page(self, request: web.Request) -> web.Response:
        """``GET /``."""
        return self._file(FIRST)

    async def static(self, request: web.Request) -> web.Response:
        """``GET /static/NAME``."""
        return self._file(request.match_info["name"])

    async def session(self, request: web.Request) -> web.Response:
        """``/whep/CAMERA``, a viewer's session, and ``GET /live/CAMERA/NAME``, a playlist or a segment."""
        if self.watch is None:
            raise web.HTTPNotFound(text="pictures are not shown here")
        return await self.watch(request, request.match_info["camera"])

    def cameras(self, role: str) -> web.Response:
        """``GET /api/cameras``, for a visitor of that role."""
        return web.json_response(self.told() | {"role": role}, dumps=lambda value: json.dumps(value, default=str))

    def _file(self, name: str) -> web.Response:
        file = self.files.get(name)
        if file is None:
            raise web.HTTPNotFound(text="no such file")
        response = web.Response(body=file.body, headers={"Content-Type": file.kind, "Content-Security-Policy": POLICY})
        response.enable_compression()
        return response


def password(request: web.Request) -> str:
    """The token that a browser shows as the password of Basic; empty where it shows none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def forged(request: web.Request) -> bool:
    """Whether ``request`` would change something and may have been sent by a page of another origin in a visitor's name."""
    if request.method in _SAFE or not password(request):
        return False
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return True
    return site not in (None, "same-origin") or (origin is not None and urlsplit(origin).netloc != request.host)
