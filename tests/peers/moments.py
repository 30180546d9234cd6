"""When an aiortc peer sees flashes and hears claps, by the sender's own reports, as browsers align sound and picture.

It knows nothing of the code under test. Made before media flows::

    moments = Moments(connection)
    moments.saw(frame); moments.heard(frame)        # each decoded frame
    moments.told()                                  # {"video": [[seconds, level], ...], "audio": ...}
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import av
import numpy as np
from aiortc import RTCPeerConnection
from aiortc.clock import datetime_from_ntp
from aiortc.rtp import RtcpSrPacket

CLOCK: Final = {"video": 90_000, "audio": 48_000}
STEP: Final = 240
"""Samples over which the level of sound is taken: 5 ms."""
KEPT: Final = 20_000
"""The most levels that are remembered of each: some 100 s of sound."""


class Moments:
    """Listens to the reports that ``connection`` gets, and remembers the level of what it decodes."""

    def __init__(self, connection: RTCPeerConnection) -> None:
        self._receivers = {one.track.kind: one for one in connection.getReceivers() if one.track}
        self._reported: dict[str, list[tuple[float, int]]] = {kind: [] for kind in CLOCK}
        self._levels: dict[str, deque[tuple[int, float]]] = {kind: deque(maxlen=KEPT) for kind in CLOCK}
        for kind, receiver in self._receivers.items():
            receiver._handle_rtcp_packet = partial(self._report, kind, receiver._handle_rtcp_packet)  # type: ignore[method-assign]

    def saw(self, frame: av.VideoFrame) -> None:
        """A decoded picture."""
        self._levels["video"].append((frame.pts or 0, float(frame.to_ndarray(format="gray").mean())))

    def heard(self, frame: av.AudioFrame) -> None:
        """A decoded block of sound."""
        left = np.abs(frame.to_ndarray().reshape(-1)[::2].astype(np.float64))
        self._levels["audio"] += [((frame.pts or 0) + at, float(left[at : at + STEP].mean())) for at in range(0, len(left), STEP)]

    def told(self) -> dict[str, list[tuple[float, float]]]:
        """The levels of pictures and of sound, each with its time in seconds; what nothing was reported of is left out."""
        zeros = {kind: self._zero(kind) for kind in self._receivers if self._levels[kind] and self._reported[kind]}
        return {kind: [(zero + pts / CLOCK[kind], level) for pts, level in self._levels[kind]] for kind, zero in zeros.items()}

    async def _report(self, kind: str, handle: Callable[[object], Awaitable[None]], packet: object) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            self._reported[kind].append((datetime_from_ntp(info.ntp_timestamp).timestamp(), info.rtp_timestamp))
        await handle(packet)

    def _zero(self, kind: str) -> float:
        """When the first packet of ``kind`` was, from which aiortc counts the pts of what it decodes."""
        origin = self._receivers[kind]._RTCRtpReceiver__timestamp_mapper._origin  # type: ignore[attr-defined]
        since = [(rtp - origin + 2**31) % 2**32 - 2**31 for _, rtp in self._reported[kind]]
        return float(np.median([when - ticks / CLOCK[kind] for (when, _), ticks in zip(self._reported[kind], since, strict=True)]))
