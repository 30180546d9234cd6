"""An address at which a camera, an encoder or a browser publishes to us over WebRTC (WHIP, RFC 9725).

1. The peer, its decoder and its pictures live in the camera's process; only offers and answers come in by the proxy's own HTTP.
2. One publisher at a time. Another one is refused as long as pictures come, and takes over once they do not.
3. The address is there for as long as the source runs, whether somebody publishes or not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr

from proxy.door import opened
from proxy.errors import SourceUnreachable, SourceVacant
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.time import TICKS_PER_SECOND
from proxy.media.timeline import Timeline
from proxy.sources._webrtc.received import Received, expect
from proxy.sources.protocol import Damage
from proxy.webrtc.endpoint import Endpoint, NotNow
from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer, sections

TAKE_OVER_S: Final = 3.0
"""A publisher without a picture for so long gives way to another."""

_LOOK_S: Final = 0.5
_JUMP: Final = 10 * TICKS_PER_SECOND
_NS: Final = 1_000_000_000


class Options(PeerOptions):
    """Publishers over WebRTC, at `/whip/CAMERA` of the proxy's own HTTP."""

    type: Literal["whip"] = "whip"
    token: SecretStr | None = Field(default=None, description="asked of publishers as Bearer token; unset: that of `[control]`")
    read_timeout_s: float = Field(default=10.0, ge=2, le=120, description="how long a publisher may send no picture")
    door: Path | None = Field(default=None, description="local socket on which to answer; unset: where the proxy's own HTTP asks")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``whip:``; the address is that of the proxy's own HTTP."""
        return cls()


class WhipSource:
    """Waits for a publisher, and gives what it sends until it leaves."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        self._options = options
        self._sound = sound
        self._damage = Damage()
        self._timeline = Timeline(jump=_JUMP)
        self._endpoint = Endpoint(self._begin, options, 2)
        self._publisher: Received | None = None
        self._came = asyncio.Event()

    @property
    def live(self) -> bool:
        """Always: a publisher does not wait."""
        return True

    @property
    def name(self) -> str:
        """The source's name for logs."""
        return "whip"

    @property
    def damage(self) -> Damage:
        """What could not be decoded so far."""
        return self._damage

    @property
    def decoder(self) -> str:
        """Which decoder works: WebRTC's own, in software."""
        return "webrtc (software)"

    async def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        """Pictures and sound; see :class:`~proxy.sources.protocol.Source`."""
        door = self._options.door
        if door is None:
            raise SourceUnreachable(
                "whip: nobody passes publishers on", hint="it is a source of veilcast run, with control.enabled"
            )
        try:
            async with opened(door, self._endpoint.application()):
                try:
                    while True:
                        for item in await self._next():
                            yield item
                finally:
                    await self._endpoint.close()
        except OSError as error:
            raise SourceUnreachable(f"whip: no socket at {door}: {error.strerror or error}", hint="check the folder") from error

    async def _next(self) -> list[RawFrame | RawAudio]:
        publisher = self._publisher
        if publisher is None:
            await self._wait_for_one()
            return []
        items = await publisher.items(_LOOK_S)
        if publisher.falls_behind:
            raise SourceVacant("pictures come faster than they can be decoded", hint="publish smaller pictures, or fewer")
        if not items and publisher is self._publisher:
            await self._look_after(publisher)
        return items

    async def _wait_for_one(self) -> None:
        self._came.clear()
        try:
            async with asyncio.timeout(_LOOK_S):
                await self._came.wait()
        except TimeoutError:
            await self._sweep()

    async def _look_after(self, publisher: Received) -> None:
        """See why nothing comes: not connected yet or at all, gone, or silent."""
        await self._sweep()
        if publisher.peer.gone:
            self._publisher = None
            if publisher.pictured:
                raise SourceVacant("the publisher left", hint="it may come back at any time")
        elif publisher.peer.connected and _silent_ns(publisher) > self._options.read_timeout_s * _NS:
            raise SourceVacant(f"the publisher sent no picture for {self._options.read_timeout_s:g} s", hint="check the publisher")

    async def _sweep(self) -> None:
        for session in self._endpoint.sessions:
            if session is not self._publisher:
                await session.peer.close()
        await self._endpoint.sweep()

    def _begin(self, offer: str) -> Received:
        present = self._publisher
        if present is not None and not present.peer.gone and _silent_ns(present) < TAKE_OVER_S * _NS:
            raise NotNow("somebody publishes here already", retry_s=round(TAKE_OVER_S), status=409)
        kinds = sections(offer, "sendonly")
        self._publisher = Received(Peer(self._options), self._timeline, self._damage)
        expect(self._publisher.peer, kinds, sound=self._sound)
        self._came.set()
        return self._publisher


def _silent_ns(publisher: Received) -> int:
    """For how long no picture came that could have: before the answer, which may wait for an ICE server, none can."""
    answered = publisher.peer.described_ns
    return 0 if answered is None else time.monotonic_ns() - max(publisher.pictured_ns, answered)
