"""Access units and AAC frames as RTP packets, and the reports that tie their clocks together (RFC 3550, 6184, 7798, 3640). Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from proxy.encoding.annexb import nal_units
from proxy.encoding.packet import NalCodec, VideoCodec
from proxy.media.time import TICKS_PER_SECOND

PAYLOAD_LIMIT: Final = 1400
"""Bytes behind an RTP header, so that a packet fits into an Ethernet frame wherever it is passed on."""

_NTP_EPOCH: Final = 2_208_988_800
_FU_A: Final = 28
_FU_HEVC: Final = 49
_START: Final = 0x80
_END: Final = 0x40


@dataclass(slots=True)
class Track:
    """One stream's packets: what is counted, and its clock.

    Args:
        rate: of its clock, a second.
        sequence, offset: where counting begins, at random.
    """

    payload_type: int
    ssrc: int
    rate: int
    sequence: int
    offset: int
    packets: int = 0
    octets: int = 0

    def timestamp(self, pts: int) -> int:
        """The time in ticks ``pts`` on the track's own clock."""
        return (self.offset + pts * self.rate // TICKS_PER_SECOND) & 0xFFFFFFFF

    def packet(self, payload: bytes, *, pts: int, marker: bool) -> bytes:
        """The next packet."""
        mark = self.payload_type | (0x80 if marker else 0)
        header = struct.pack(">BBHII", 0x80, mark, self.sequence, self.timestamp(pts), self.ssrc)
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += len(payload)
        return header + payload

    def report(self, *, pts: int, unix_ns: int) -> bytes:
        """A sender report: what was at ``pts`` was at ``unix_ns`` on the wall clock."""
        seconds, rest = divmod(unix_ns, 1_000_000_000)
        fraction = (rest << 32) // 1_000_000_000
        return struct.pack(
            ">BBHIIIIII", 0x80, 200, 6, self.ssrc, (seconds + _NTP_EPOCH) & 0xFFFFFFFF, fraction, self.timestamp(pts),
            self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF,
        )  # fmt: skip


def picture(track: Track, data: bytes, codec: NalCodec, *, pts: int) -> list[bytes]:
    """The packets of one access unit, Annex B; the last one carries the mark."""
    payloads = [payload for unit in nal_units(data) for payload in _payloads(unit, codec)]
    return [track.packet(payload, pts=pts, marker=number == len(payloads)) for number, payload in enumerate(payloads, 1)]


def sound(track: Track, data: bytes, *, pts: int) -> bytes:
    """The packet of one AAC frame, in the mode AAC-hbr: 13 bits of size, 3 of index."""
    return track.packet(struct.pack(">HH", 16, len(data) << 3) + data, pts=pts, marker=True)


def interleaved(channel: int, packet: bytes) -> bytes:
    """``packet`` as it travels inside the RTSP connection."""
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet


def _payloads(unit: bytes, codec: NalCodec) -> Iterator[bytes]:
    if len(unit) <= PAYLOAD_LIMIT:
        yield unit
        return
    if codec is VideoCodec.H264:
        kind, head, body = unit[0] & 0x1F, bytes([unit[0] & 0xE0 | _FU_A]), unit[1:]
    else:
        kind, head, body = unit[0] >> 1 & 0x3F, bytes([unit[0] & 0x81 | _FU_HEVC << 1, unit[1]]), unit[2:]
    room = PAYLOAD_LIMIT - len(head) - 1
    for begin in range(0, len(body), room):
        piece = body[begin : begin + room]
        first = _START if begin == 0 else 0
        last = _END if begin + room >= len(body) else 0
        yield head + bytes([kind | first | last]) + piece
