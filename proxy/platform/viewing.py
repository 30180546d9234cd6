"""What leaves of streams, for whoever watches at the gateway: over WebRTC, and in files (HLS) where that finds no way.

1. Both are further sinks of the process that sends a stream on: what came in can be seen nowhere.
2. While a relay gives way to a process that anonymises, both run, so each has sockets of its own.
3. Files are kept in memory, and go with the process: of what is cut nothing stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from proxy.control.doors import Door, passed_on
from proxy.sinks import hls, whep

SEGMENT_S: Final = 1.0
AT_ONCE_S: Final = 0.0
"""A player asks again by itself."""


@dataclass(frozen=True, slots=True)
class Viewing:
    """Where viewers are answered.

    Args:
        runtime: the folder of the sockets.
        addresses: where WebRTC peers are met; none stands for all of this machine's.
    """

    runtime: Path
    addresses: tuple[str, ...]

    def sinks(self, camera: str, *, verified: bool) -> tuple[whep.Options, hls.Options]:
        """What the process of ``camera`` has besides; ``verified``: the one that sends on what is proven."""
        files = self._door(camera, "hls", verified=verified)
        return (
            whep.Options(door=self._door(camera, "whep", verified=verified), addresses=self.addresses, essential=False),
            hls.Options(path=files.with_suffix(""), door=files, segment_s=SEGMENT_S, essential=False),
        )

    async def session(self, request: web.Request, camera: str, *, verified: bool) -> web.Response:
        """What that process says to a viewer over WebRTC."""
        return await passed_on(request, Door(self._door(camera, "whep", verified=verified)))

    async def file(self, request: web.Request, camera: str, *, verified: bool) -> web.Response:
        """A playlist or segment of that process."""
        return await passed_on(request, Door(self._door(camera, "hls", verified=verified)), within_s=AT_ONCE_S)

    def _door(self, camera: str, kind: str, *, verified: bool) -> Path:
        return self.runtime / f"{camera}{'.proven' if verified else ''}.{kind}"
