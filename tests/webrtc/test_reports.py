"""What aiortc's own senders report is where on the session's time line their packets belong, whenever they left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction
from unittest.mock import patch

import pytest
from aiortc import RTCRtpSender
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpSrPacket, RtpPacket, is_rtcp
from hypothesis import given
from hypothesis import strategies as st

from proxy.encoding.opus import SAMPLE
from proxy.media.time import TICK
from proxy.sinks._webrtc.tracks import PacketTrack
from proxy.webrtc.reports import Timeline, report_media_time, unwrapped

PICTURE = b"\0\0\0\1\x65" + bytes(4000)
"""What takes several RTP packets."""
CODECS = {
    "video": RTCRtpCodecParameters(mimeType="video/H264", clockRate=90_000, payloadType=99),
    "audio": RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48_000, channels=2, payloadType=96),
}
NOW = (3_900_000_000 << 32) + 12_345


class Wire:
    """In place of a DTLS transport, of which a sender uses this much; what is sent stays here."""

    state = "connected"

    def __init__(self) -> None:
        self.media: list[RtpPacket] = []
        self.reports: list[RtcpSrPacket | RtcpRrPacket] = []

    def _register_rtp_sender(self, sender: object, parameters: object) -> None: ...

    def _unregister_rtp_sender(self, sender: object) -> None: ...

    async def _send_rtp(self, data: bytes) -> None:
        if is_rtcp(data):
            self.reports += [one for one in RtcpPacket.parse(data) if isinstance(one, (RtcpSrPacket, RtcpRrPacket))]
        else:
            self.media.append(RtpPacket.parse(data))


@asynccontextmanager
async def sending(wire: Wire, track: PacketTrack, timeline: Timeline) -> AsyncIterator[RTCRtpSender]:
    """A sender of aiortc's own that sends ``track`` over ``wire``, and reports without pause."""
    sender = RTCRtpSender(track, wire)  # type: ignore[arg-type]
    report_media_time(sender, timeline)
    with patch("aiortc.rtcrtpsender.random.random", return_value=-0.5):
        await sender.send(RTCRtpSendParameters(codecs=[CODECS[track.kind]]))
        try:
            await until(lambda: track.wanted)
            yield sender
        finally:
            await sender.stop()


async def until(true: object) -> None:
    async with asyncio.timeout(5):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0)


async def sent(wire: Wire, track: PacketTrack, pts: int) -> None:
    """Send a packet of ``pts``, and wait for a report after it."""
    packets = len(wire.media)
    track.put(PICTURE if track.kind == "video" else b"\xfc\xff\xfe", pts, start=True)
    await until(lambda: len(wire.media) > packets and wire.media[-1].marker)
    reports = len(wire.reports)
    await until(lambda: len(wire.reports) > reports + 1)


def seconds_at(wire: Wire, rtp: int, rate: int) -> Fraction:
    """When the RTP timestamp ``rtp`` was, by the last report, in seconds of NTP."""
    info = wire.reports[-1].sender_info
    return Fraction(info.ntp_timestamp, 1 << 32) + Fraction(unwrapped(rtp - info.rtp_timestamp, 0), rate)


@pytest.fixture
def tracks() -> tuple[PacketTrack, PacketTrack]:
    return PacketTrack("video", TICK), PacketTrack("audio", SAMPLE)


async def test_both_tracks_report_one_time_line_however_late_pictures_leave(
    tracks: tuple[PacketTrack, PacketTrack],
) -> None:
    """The clock that aiortc itself reports by stands ten seconds later for the pictures."""
    picture, sound = tracks
    seen, heard, timeline = Wire(), Wire(), Timeline(lambda: NOW)
    async with sending(seen, picture, timeline), sending(heard, sound, timeline):
        for number in range(3):
            await sent(heard, sound, 48_000 + number * 960)
        with patch("aiortc.clock.current_ntp_time", return_value=NOW + (10 << 32)):
            for number in range(3):
                await sent(seen, picture, 90_000 + number * 3600)
        first_seen = seconds_at(seen, seen.media[0].timestamp, 90_000)
        first_heard = seconds_at(heard, heard.media[0].timestamp, 48_000)
    assert abs(first_seen - first_heard) < 1e-6
    assert abs(first_heard - Fraction(NOW, 1 << 32)) < 1e-6
    assert {type(report) for report in (seen.reports[-1], heard.reports[-1])} == {RtcpSrPacket}


async def test_a_report_is_of_the_packet_that_left_last(tracks: tuple[PacketTrack, PacketTrack]) -> None:
    picture, wire = tracks[0], Wire()
    async with sending(wire, picture, Timeline(lambda: NOW)):
        for number in (0, 1, 25, 2000):
            await sent(wire, picture, number * 3600)
            assert wire.reports[-1].sender_info.rtp_timestamp == wire.media[-1].timestamp
    assert wire.reports[-1].sender_info.ntp_timestamp == NOW + (80 << 32)
    assert wire.reports[-1].sender_info.packet_count == len(wire.media)


async def test_before_a_packet_is_known_to_have_left_a_sender_tells_no_time(tracks: tuple[PacketTrack, PacketTrack]) -> None:
    wire = Wire()
    async with sending(wire, tracks[0], Timeline(lambda: NOW)):
        await until(lambda: len(wire.reports) > 2)
    assert {type(report) for report in wire.reports} == {RtcpRrPacket}


@given(st.integers(0, 2**40), st.integers(-(2**31), 2**31 - 1))
def test_a_timestamp_is_found_again_wherever_it_wrapped(near: int, step: int) -> None:
    assert unwrapped((near + step) % 2**32, near) == near + step


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_time_line_keeps_the_distances_of_media_time(first: int, later: int) -> None:
    timeline = Timeline(lambda: NOW + (1 << 50))
    assert timeline.ntp(first, 90_000) == NOW + (1 << 50)
    seconds = (timeline.ntp(later, 90_000) - timeline.ntp(first, 90_000)) / 2**32
    assert seconds == pytest.approx((later - first) / 90_000, abs=1e-6)
