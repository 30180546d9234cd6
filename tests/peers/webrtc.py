"""A WebRTC peer on loopback: aiortc in the test's own process, with HTTP to a door or to an address.

::

    async with viewing(door=tmp_path / "door") as viewer:
        frame = await viewer.picture()     # decoded by aiortc's own decoder
    async with publishing(client, "/"):
        ...                                # a test pattern and a tone arrive
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import aiohttp
import av
import numpy as np
from aiortc import MediaStreamTrack

from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer, send

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


class Pattern(MediaStreamTrack):
    """Pictures of 320x240 at 25 frames/s; their brightness changes with each."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    async def recv(self) -> av.VideoFrame:
        """The next picture, at its time."""
        await asyncio.sleep(1 / 25)
        luma = np.full((360, 320), 128, np.uint8)
        luma[:240] = 40 + self._number % 160
        frame = av.VideoFrame.from_ndarray(luma, "yuv420p")
        frame.pts, frame.time_base = self._number * 3600, Fraction(1, 90_000)
        self._number += 1
        return frame


class Tone(MediaStreamTrack):
    """440 Hz, in blocks of 20 ms."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._at = 0

    async def recv(self) -> av.AudioFrame:
        """The next block, at its time."""
        await asyncio.sleep(0.02)
        moments = (np.arange(960) + self._at) / 48_000
        tone = (12_000 * np.sin(2 * np.pi * 440 * moments)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self._at, Fraction(1, 48_000)
        self._at += 960
        return frame


@dataclass(frozen=True, slots=True)
class Publisher:
    """One publisher; ``location`` is where its session is."""

    peer: Peer
    location: str


def vanish(peer: Peer) -> None:
    """Let ``peer`` be gone without a word, as in a power cut."""
    for transceiver in peer.connection.getTransceivers():
        for protocol in transceiver.receiver.transport.transport._connection._protocols:
            protocol.transport.abort()


@asynccontextmanager
async def publishing(
    client: aiohttp.ClientSession, url: str = "/", *, codec: str = "video/H264", sound: bool = False, **headers: str
) -> AsyncIterator[Publisher]:
    """A publisher at the WHIP address ``url``, connected."""
    peer = Peer(LOOPBACK)
    try:
        send(peer, Pattern(), [codec])
        if sound:
            send(peer, Tone(), ["audio/opus"])
        async with client.post(url, data=await peer.offer(), headers=SDP | headers) as answer:
            text = await answer.text()
            assert answer.status == 201, f"{answer.status} {text}"
            await peer.accept(text)
        await peer.until_connected(10)
        yield Publisher(peer, answer.headers["Location"])
    finally:
        await peer.close()
