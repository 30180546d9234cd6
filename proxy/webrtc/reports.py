"""Sender reports that tell the media's own time, by which whoever receives pictures and sound plays them together.

1. aiortc reports when a packet left, so pictures that leave late would be said to belong to the sounds that leave with them.
2. Here the tracks of a session share one time line, and a report says where on it the packet belongs, whenever it left.
3. Before a packet is known to have left there is no such report.
4. aiortc no longer recognises its own reports in what comes back, so its statistics have no round-trip times; nobody reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from aiortc import RTCRtpSender
from aiortc.clock import current_ntp_time
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import AnyRtcpPacket, RtcpRrPacket, RtcpSrPacket

_RTP: Final = 1 << 32
_NTP: Final = 1 << 64


class Timeline:
    """Where the media time of one session lies in NTP time (seconds since 1900, times 2^32): fixed once, for all its tracks.

    Args:
        now_ntp: tells the time.
    """

    def __init__(self, now_ntp: Callable[[], int] = current_ntp_time) -> None:
        self._now_ntp = now_ntp
        self._zero: int | None = None

    def ntp(self, timestamp: int, rate: int) -> int:
        """The NTP time of ``timestamp``, in units of 1/``rate`` seconds; the first one ever asked for is now."""
        since = timestamp * _RTP // rate
        if self._zero is None:
            self._zero = self._now_ntp() - since
        return (self._zero + since) % _NTP


def unwrapped(rtp: int, near: int) -> int:
    """The number closest to ``near`` of which ``rtp`` is the last 32 bits."""
    return near + (rtp - near + _RTP // 2) % _RTP - _RTP // 2


def report_media_time(sender: RTCRtpSender, timeline: Timeline) -> None:
    """Let the reports of ``sender``, which has not begun, tell the times of its packets by ``timeline``.

    aiortc 1.16 has no setting for it. ``tests/webrtc/test_reports.py`` holds what this leans on in it.
    """
    reports = _Reports(sender, timeline)
    setattr(sender, "_next_encoded_frame", reports.next_encoded_frame)  # noqa: B010 - where aiortc fetches what it sends
    setattr(sender, "_send_rtcp", reports.send_rtcp)  # noqa: B010 - where it sends reports


class _Reports:
    """Stands around the two steps of a sender."""

    def __init__(self, sender: RTCRtpSender, timeline: Timeline) -> None:
        self._sender = sender
        self._timeline = timeline
        self._fetch = sender._next_encoded_frame  # noqa: SLF001 - there is no other way
        self._send = sender._send_rtcp  # noqa: SLF001 - nor here
        self._rate = 0
        self._newest: int | None = None
        self._origin: int | None = None

    async def next_encoded_frame(self, codec: RTCRtpCodecParameters) -> RTCEncodedFrame | None:
        """What to send next; who asks for it has sent the one before as a whole, under a timestamp with an origin of its own."""
        if self._origin is None and self._newest is not None:
            sent: int = getattr(self._sender, "_RTCRtpSender__rtp_timestamp")  # noqa: B009 - private; there is no other way
            self._origin = sent - self._newest
        frame = await self._fetch(codec)
        if frame is not None:
            self._rate, self._newest = codec.clockRate, frame.timestamp
            self._timeline.ntp(self._newest, self._rate)
        return frame

    async def send_rtcp(self, packets: Sequence[AnyRtcpPacket]) -> None:
        """Send ``packets``, reports among them with the media's time."""
        await self._send([self._told(packet) if isinstance(packet, RtcpSrPacket) else packet for packet in packets])

    def _told(self, report: RtcpSrPacket) -> RtcpSrPacket | RtcpRrPacket:
        """``report`` by the time line; one of somebody who sends nothing while nothing is known to have left (RFC 3550, 6.4)."""
        if self._origin is None or self._newest is None:
            return RtcpRrPacket(ssrc=report.ssrc, reports=report.reports)
        timestamp = unwrapped(report.sender_info.rtp_timestamp - self._origin, self._newest)
        return replace(report, sender_info=replace(report.sender_info, ntp_timestamp=self._timeline.ntp(timestamp, self._rate)))
