"""A WebRTC peer on loopback: aiortc in the test's own process, with HTTP to a door or to an address.

::

    async with viewing(door=tmp_path / "door") as viewer:
        frame = await viewer.picture()     # decoded by aiortc's own decoder
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
import av

from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer

LOOPBACK: Final = PeerOptions(addresses=("127.0.0.1",))
SDP: Final = {"Content-Type": "application/sdp"}


def http(door: Path | None) -> aiohttp.ClientSession:
    """A client that talks to the local socket ``door``, or to addresses."""
    connector = aiohttp.UnixConnector(str(door)) if door else None
    return aiohttp.ClientSession(connector=connector, base_url="http://camera" if door else None)


class Viewer:
    """One viewer; ``location`` is where its session is."""

    def __init__(self, peer: Peer, location: str) -> None:
        self.peer = peer
        self.location = location
        self._tracks = {receiver.track.kind: receiver.track for receiver in peer.connection.getReceivers() if receiver.track}

    async def picture(self, within_s: float = 10.0) -> av.VideoFrame:
        """The next decoded picture."""
        async with asyncio.timeout(within_s):
            return await self._tracks["video"].recv()

    async def sound(self, within_s: float = 10.0) -> av.AudioFrame:
        """The next decoded block of sound."""
        async with asyncio.timeout(within_s):
            return await self._tracks["audio"].recv()


async def offered(*kinds: str) -> str:
    """An offer to receive ``kinds`` by somebody who is gone when this returns."""
    peer = Peer(LOOPBACK)
    try:
        return await _offer(peer, kinds)
    finally:
        await peer.close()


async def _offer(peer: Peer, kinds: tuple[str, ...]) -> str:
    for kind in kinds:
        peer.connection.addTransceiver(kind, direction="recvonly")
    return await peer.offer()


@asynccontextmanager
async def viewing(client: aiohttp.ClientSession, url: str = "/", *kinds: str, **headers: str) -> AsyncIterator[Viewer]:
    """A viewer of the WHEP address ``url``, connected."""
    peer = Peer(LOOPBACK)
    try:
        body = await _offer(peer, kinds or ("video", "audio"))
        async with client.post(url, data=body, headers=SDP | headers) as answer:
            text = await answer.text()
            assert answer.status == 201, f"{answer.status} {text}"
            await peer.accept(text)
        await peer.until_connected(10)
        yield Viewer(peer, answer.headers["Location"])
    finally:
        await peer.close()
