"""What publish asks of a way out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from proxy.encoding.packet import EncodedPacket


class Sink(Protocol):
    """One destination. It never retries: it returns when the packets end, or raises an error of ``errors.SinkError``."""

    @property
    def name(self) -> str:
        """The sink's redacted name, for logs."""
        ...

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Open, send every packet (the first one is a video keyframe), and close in bounded time.

        A packet whose ``streams`` is another object than before starts a new programme: the output is restarted or extended
        as its protocol allows. Every wait has a timeout. Cancellation closes what is open and keeps written files playable.

        Raises:
            SinkUnreachable, SinkRejected, SinkUnwritable: see ``errors``.
        """
        ...


@runtime_checkable
class Keeping(Protocol):
    """A sink that keeps what it was given, for whoever asks later."""

    def withdraw(self) -> None:
        """Give nobody what it was given so far; what comes next begins with a keyframe."""
        ...
