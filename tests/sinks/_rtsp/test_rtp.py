"""What is cut into packets comes together again, byte for byte."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.encoding.packet import NAL_CODECS, VideoCodec
from proxy.sinks._rtsp.rtp import PAYLOAD_LIMIT, Track, interleaved, picture, sound


def track(rate: int = 90_000, *, sequence: int = 65_533, offset: int = 2**32 - 5) -> Track:
    return Track(96, 0x01020304, rate, sequence, offset)


def joined(packets: list[bytes], codec: VideoCodec) -> list[bytes]:
    """The NAL units in RTP packets, put together as RFC 6184 (5.8) and RFC 7798 (4.4.3) say."""
    units: list[bytes] = []
    for packet in packets:
        payload = packet[12:]
        head = 1 if codec is VideoCodec.H264 else 2
        kind = payload[0] & 0x1F if codec is VideoCodec.H264 else payload[0] >> 1 & 0x3F
        if kind != (28 if codec is VideoCodec.H264 else 49):
            units.append(payload)
            continue
        fragment = payload[head]
        if fragment & 0x80:
            if codec is VideoCodec.H264:
                units.append(bytes([payload[0] & 0xE0 | fragment & 0x1F]))
            else:
                units.append(bytes([payload[0] & 0x81 | (fragment & 0x3F) << 1, payload[1]]))
        units[-1] += payload[head + 1 :]
    return units


SIZES = st.lists(st.integers(3, 4 * PAYLOAD_LIMIT), min_size=1, max_size=5)


@given(SIZES, st.sampled_from([*NAL_CODECS.values()]), st.integers(0, 2**40))
def test_an_access_unit_is_cut_and_joined_without_loss(sizes: list[int], codec: VideoCodec, pts: int) -> None:
    head = b"\x65" if codec is VideoCodec.H264 else b"\x26\x01"
    units = [head + bytes(1 + (number + place) % 255 for place in range(size)) for number, size in enumerate(sizes)]
    sent = track()
    packets = picture(sent, b"".join(b"\x00\x00\x00\x01" + unit for unit in units), codec, pts=pts)
    assert joined(packets, codec) == units
    assert all(len(packet) <= 12 + PAYLOAD_LIMIT for packet in packets)
    marks = [packet[1] >> 7 for packet in packets]
    assert marks == [0] * (len(packets) - 1) + [1]
    numbers = [struct.unpack_from(">H", packet, 2)[0] for packet in packets]
    assert numbers == [(65_533 + number) & 0xFFFF for number in range(len(packets))]
    assert {struct.unpack_from(">I", packet, 4)[0] for packet in packets} == {(2**32 - 5 + pts) & 0xFFFFFFFF}
    assert (sent.packets, sent.octets) == (len(packets), sum(len(packet) - 12 for packet in packets))


def test_sound_carries_its_size_and_its_own_clock() -> None:
    packet = sound(track(48_000, offset=0), b"\x21" * 300, pts=90_000)
    assert packet[12:16] == struct.pack(">HH", 16, 300 << 3)
    assert packet[16:] == b"\x21" * 300
    assert struct.unpack_from(">I", packet, 4)[0] == 48_000


def test_a_report_ties_a_track_to_the_wall_clock() -> None:
    counted = track(48_000, offset=100)
    sound(counted, b"x" * 10, pts=0)
    first, kind, words, ssrc, seconds, fraction, stamp, packets, octets = struct.unpack(
        ">BBHIIIIII", counted.report(pts=180_000, unix_ns=1_700_000_000_500_000_000)
    )
    assert (first, kind, words, ssrc) == (0x80, 200, 6, 0x01020304)
    assert seconds - 2_208_988_800 == 1_700_000_000
    assert fraction / 2**32 == pytest.approx(0.5)
    assert (stamp, packets, octets) == (100 + 96_000, 1, 14)


def test_a_packet_travels_behind_its_channel_and_length() -> None:
    assert interleaved(2, b"abc") == b"$\x02\x00\x03abc"
