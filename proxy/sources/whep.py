"""A stream that is played from an address over WebRTC (WHEP): H.264 or VP8, and sound."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from typing import Final, Literal

from pydantic import Field, SecretStr

from proxy.errors import SourceRejected, SourceUnreachable
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.time import TICKS_PER_SECOND
from proxy.media.timeline import Timeline
from proxy.sources._webrtc.received import Received, expect
from proxy.sources.protocol import Damage
from proxy.webrtc.peer import Peer
from proxy.webrtc.signalling import CallerOptions, Declined, Unanswered, agreed, reaching

_LOOK_S: Final = 0.5
_JUMP: Final = 10 * TICKS_PER_SECOND
_NS: Final = 1_000_000_000


class Options(CallerOptions):
    """A stream that is played over WebRTC."""

    type: Literal["whep"] = "whep"
    url: SecretStr = Field(description="`wheps://host/path`, or `whep://…` without TLS")
    read_timeout_s: float = Field(default=10.0, ge=2, le=120, description="how long no picture may come")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``whep[s]://host[:port]/path``.

        Raises:
            ConfigError: it names no host, or a port that is none.
        """
        chosen = cls(url=SecretStr(url))
        chosen.address()
        return chosen


class WhepSource:
    """Plays one stream until it ends."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        address = options.address()
        self._options = reaching(options, address.host)
        self._name = address.name
        self._sound = sound
        self._damage = Damage()

    @property
    def live(self) -> bool:
        """Always: the other side does not wait."""
        return True

    @property
    def name(self) -> str:
        """The address without query and key."""
        return self._name

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
        peer = Peer(self._options)
        received = Received(peer, Timeline(jump=_JUMP), self._damage)
        expect(peer, ("video", "audio") if self._sound else ("video",), sound=self._sound)
        try:
            async with agreed(peer, self._options):
                while True:
                    items = await received.items(_LOOK_S)
                    for item in items:
                        yield item
                    self._look_after(received, came=bool(items))
        except Declined as error:
            raise SourceRejected(str(error), hint=error.hint) from error
        except Unanswered as error:
            raise SourceUnreachable(str(error), hint=error.hint) from error

    def _look_after(self, received: Received, *, came: bool) -> None:
        """See why nothing comes, or too much."""
        if received.falls_behind:
            raise SourceUnreachable(f"{self._name}: pictures come faster than they can be decoded", hint="play a smaller variant")
        if came:
            return
        if received.peer.gone:
            raise SourceUnreachable(f"{self._name} ended the stream", hint="check the other side")
        if time.monotonic_ns() - received.pictured_ns > self._options.read_timeout_s * _NS:
            limit_s = self._options.read_timeout_s
            raise SourceUnreachable(f"{self._name}: no picture for {limit_s:g} s", hint="check the other side and the network")
