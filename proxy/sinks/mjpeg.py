"""Pictures for whatever can show nothing else: one JPEG, or one after another, at an address of the proxy's own HTTP.

1. A picture is made when somebody asks, of the anonymised frame that leaves next; where nobody does, this costs nothing.
2. Each viewer asks for its next picture when it has taken the last, so that a slow one sees fewer and harms nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Literal

from aiohttp import web
from pydantic import Field, SecretStr

from proxy import options
from proxy.door import opened
from proxy.encoding.packet import EncodedPacket, Still
from proxy.encoding.stills import Stills
from proxy.errors import SinkUnwritable

PICTURE_S: Final = 5.0
WRITE_S: Final = 10.0
BOUNDARY: Final = "veilcast-picture"


class Options(options.Options):
    """JPEG pictures at `/live/CAMERA/picture.jpg` and `/live/CAMERA/video.mjpg` of the proxy's own HTTP."""

    type: Literal["mjpeg"] = "mjpeg"
    rate: float = Field(default=5.0, gt=0, le=30, description="pictures in a second of `video.mjpg`, at most")
    quality: int = Field(default=80, ge=10, le=95, description="of the JPEG")
    viewers: int = Field(default=8, ge=1, le=100, description="the most viewers of `video.mjpg` at a time")
    token: SecretStr | None = Field(
        default=None, description="asked of viewers, as Bearer token or as password; unset: that of `[control]`"
    )
    door: Path | None = Field(default=None, description="local socket on which to answer; unset: where the proxy's own HTTP asks")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``mjpeg:``; the address is that of the proxy's own HTTP."""
        return cls()


class MjpegSink:
    """Gives pictures to everybody who asks.

    Args:
        options: how.
        stills: makes them.
    """

    def __init__(self, options: Options, stills: Stills) -> None:
        self._options = options
        self._stills = stills
        self._viewers = 0

    @property
    def name(self) -> str:
        """The sink's name for logs."""
        return "mjpeg"

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Answer until the programme ends.

        Raises:
            SinkUnwritable: there is no local socket to answer on.
        """
        door = self._options.door
        if door is None:
            raise SinkUnwritable("mjpeg: nobody passes viewers on", hint="it is a sink of veilcast run, with control.enabled")
        app = web.Application()
        app.router.add_get("/picture.jpg", self._picture)
        app.router.add_get("/video.mjpg", self._video)
        try:
            async with opened(door, app):
                async for _ in packets:
                    pass
        except OSError as error:
            raise SinkUnwritable(f"mjpeg: no socket at {door}: {error.strerror or error}", hint="check the folder") from error

    async def _picture(self, _request: web.Request) -> web.Response:
        try:
            still = await self._next()
        except TimeoutError:
            return _not_now("there is no picture now", retry_s=1)
        return web.Response(body=still.data, content_type="image/jpeg")

    async def _video(self, request: web.Request) -> web.StreamResponse:
        if self._viewers >= self._options.viewers:
            return _not_now(f"all {self._options.viewers} places are taken", retry_s=10)
        self._viewers += 1
        try:
            return await self._shown(request)
        finally:
            self._viewers -= 1

    async def _shown(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": f"multipart/x-mixed-replace; boundary={BOUNDARY}"})
        try:
            await response.prepare(request)
            while True:
                due = time.monotonic() + 1 / self._options.rate
                still = await self._next()
                async with asyncio.timeout(WRITE_S):
                    await response.write(_part(still))
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        except (ConnectionError, TimeoutError):
            return response

    async def _next(self) -> Still:
        async with asyncio.timeout(PICTURE_S):
            return await self._stills.next()


def _part(still: Still) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(still.data)}\r\n\r\n"
    return head.encode() + still.data + b"\r\n"


def _not_now(reason: str, *, retry_s: int) -> web.Response:
    return web.Response(status=503, text=f"{reason}\n", headers={"Retry-After": str(retry_s)})
