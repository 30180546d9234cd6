"""A playlist and its segments over HTTP, straight from where they are kept."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from aiohttp import web

from proxy.sinks._hls.store import SegmentStore

TYPES: Final = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".ts": "video/mp2t",
}


def answers(store: SegmentStore) -> web.Application:
    """``GET /NAME`` of whatever is in ``store``, which must answer at once."""

    async def show(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        kind, body = TYPES.get(PurePath(name).suffix), store.get(name)
        if kind is None or body is None:
            raise web.HTTPNotFound(text="not there, or not yet\n")
        return web.Response(body=body, headers={"Content-Type": kind})

    app = web.Application()
    app.router.add_get("/{name}", show)
    return app
