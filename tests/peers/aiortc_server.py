"""A WebRTC platform made of aiortc and aiohttp alone: takes streams by WHIP, offers one by WHEP. Takes one JSON object.

It shares nothing with the code under test. What it saw is told at ``/stats``, and when it saw and heard it at ``/moments``.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import uuid
from fractions import Fraction
from functools import partial
from pathlib import Path

import aioice.ice
import av
import numpy as np
from aiohttp import web
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from tests.peers.moments import Moments

aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
SDP = "application/sdp"
CODES = {"forbidden": 403, "missing": 404, "taken": 409, "odd": 422, "broken": 500, "moved": 307}


class Pattern(MediaStreamTrack):
    """``shown``, or 320x240 that grow brighter, at 25 frames/s."""

    kind = "video"

    def __init__(self, shown: np.ndarray | None) -> None:
        super().__init__()
        self._number = 0
        self._shown = shown

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(1 / 25)
        luma = np.full((360, 320), 128, np.uint8)
        luma[:240] = 40 + self._number % 160 if self._shown is None else self._shown
        frame = av.VideoFrame.from_ndarray(luma, "yuv420p")
        frame.pts, frame.time_base = self._number * 3600, Fraction(1, 90_000)
        self._number += 1
        return frame


class Tone(MediaStreamTrack):
    """440 Hz in blocks of 20 ms."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._at = 0

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(0.02)
        tone = (12_000 * np.sin(2 * np.pi * 440 * (np.arange(960) + self._at) / 48_000)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self._at, Fraction(1, 48_000)
        self._at += 960
        return frame


class Server:
    def __init__(self, token: str, shown: np.ndarray | None, kept: Path | None) -> None:
        self._token, self._shown, self._kept = token, shown, kept
        self._sessions: dict[str, RTCPeerConnection] = {}
        self._moments: Moments | None = None
        self._seen = {"pictures": 0, "sounds": 0, "loudest": 0, "size": [0, 0], "begun": 0, "ended": 0, "codec": ""}

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/live/{key}", self._ingest)
        app.router.add_post("/watch", self._watch)
        app.router.add_delete("/session/{name}", self._delete)
        app.router.add_get("/stats", self._stats)
        app.router.add_get("/moments", self._told)
        return app

    async def _ingest(self, request: web.Request) -> web.Response:
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.on("track", partial(self._take, request.match_info["key"]))
        await peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        self._moments = Moments(peer)
        return await self._answered(peer)

    async def _watch(self, request: web.Request) -> web.Response:
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        offer = await request.text()
        peer.addTrack(Pattern(self._shown))
        if "m=audio" in offer:
            peer.addTrack(Tone())
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        return await self._answered(peer)

    def _refused(self, request: web.Request) -> web.Response | None:
        if self._token and request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.Response(status=401, text="no\n")
        code = CODES.get(request.match_info.get("key", ""))
        if code == 307:
            return web.Response(status=307, headers={"Location": "/live/there"})
        return web.Response(status=code, text="said the platform\n") if code else None

    async def _answered(self, peer: RTCPeerConnection) -> web.Response:
        await peer.setLocalDescription(await peer.createAnswer())
        name = str(uuid.uuid4())
        self._sessions[name] = peer
        self._seen["begun"] += 1
        body = peer.localDescription.sdp
        self._seen["codec"] = next((line for line in body.splitlines() if "rtpmap" in line and "90000" in line), "")
        return web.Response(status=201, text=body, content_type=SDP, headers={"Location": f"../session/{name}"})

    async def _delete(self, request: web.Request) -> web.Response:
        peer = self._sessions.pop(request.match_info["name"], None)
        if peer is not None:
            self._seen["ended"] += 1
            await peer.close()
        return web.Response(status=200 if peer else 404)

    async def _take(self, key: str, track: MediaStreamTrack) -> None:
        pictures = 0
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self._seen["pictures"] += 1
                    self._seen["size"] = [frame.width, frame.height]
                    self._moments.saw(frame)
                    if self._kept:
                        np.save(self._kept / f"{key}-{pictures:04}.npy", frame.to_ndarray(format="gray"))
                    pictures += 1
                else:
                    self._seen["sounds"] += 1
                    self._moments.heard(frame)
                    self._seen["loudest"] = max(self._seen["loudest"], int(np.abs(frame.to_ndarray()).max()))
        except MediaStreamError:
            return

    async def _told(self, _request: web.Request) -> web.Response:
        return web.json_response(self._moments.told() if self._moments else {})

    async def _stats(self, _request: web.Request) -> web.Response:
        return web.json_response(self._seen)


def main() -> None:
    asked = json.loads(sys.argv[1])
    context = None
    if asked["tls"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(asked["tls"])
    shown = np.load(asked["shown"]) if asked["shown"] else None
    server = Server(asked["token"], shown, Path(asked["kept"]) if asked["kept"] else None)
    web.run_app(server.application(), host="127.0.0.1", port=asked["port"], ssl_context=context, print=None)


main()
