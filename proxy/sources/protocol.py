"""What ingest asks of a way in."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from proxy.media.raw import RawAudio, RawFrame


@dataclass(slots=True)
class Damage:
    """What could not be decoded so far: how many packets, and in one redacted line what the decoder said last."""

    packets: int = 0
    detail: str = ""


class Source(Protocol):
    """One camera or file. It never retries: it ends, or raises an error of ``errors.SourceError``."""

    @property
    def live(self) -> bool:
        """Whether frames come at the world's pace (dropping old ones is right) or at ours (none may be lost)."""
        ...

    @property
    def name(self) -> str:
        """The source's redacted name, for logs."""
        ...

    @property
    def damage(self) -> Damage:
        """What could not be decoded so far."""
        ...

    @property
    def decoder(self) -> str:
        """Which decoder works, in words, once pictures come."""
        ...

    def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        """Open, then yield pictures and sound in the order they are decoded; return at the end of the input.

        Blocking libav calls run in a one-thread executor that the source owns, with open and read timeouts; closing the
        iterator (or cancelling its consumer) stops that thread in bounded time and closes the container there.

        Raises:
            SourceUnreachable, SourceRejected, SourceUnsupported, SourceDamaged: see ``errors``.
        """
        ...
