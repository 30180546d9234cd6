"""NAL units out of whatever a container makes of them: start codes, or lengths in front (ISO/IEC 14496-15). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from proxy.encoding.annexb import nal_units
from proxy.encoding.packet import NalCodec, VideoCodec

_AVCC_LEAST: Final = 7
_HVCC_LEAST: Final = 23


@dataclass(frozen=True, slots=True)
class Framing:
    """How a stream's access units are framed.

    Attributes:
        length_bytes: bytes of the length in front of each NAL unit, or 0 for start codes.
        parameter_sets: those that the container keeps beside the stream.
    """

    length_bytes: int
    parameter_sets: tuple[bytes, ...]

    @classmethod
    def of(cls, extradata: bytes, codec: NalCodec) -> Framing:
        """What a container's description of a stream says: avcC, hvcC, or Annex B parameter sets."""
        if extradata[:1] == b"\x01" and codec is VideoCodec.H264 and len(extradata) >= _AVCC_LEAST:
            return cls((extradata[4] & 3) + 1, tuple(_avcc_sets(extradata)))
        if extradata[:1] == b"\x01" and codec is VideoCodec.HEVC and len(extradata) >= _HVCC_LEAST:
            return cls((extradata[21] & 3) + 1, tuple(_hvcc_sets(extradata)))
        return cls(0, tuple(nal_units(extradata)))

    def units(self, data: bytes) -> list[bytes]:
        """The NAL units of an access unit, without what frames them; what is cut short is left out."""
        return list(_by_lengths(data, self.length_bytes)) if self.length_bytes else nal_units(data)


def _by_lengths(data: bytes, size: int) -> Iterator[bytes]:
    at = 0
    while at + size <= len(data):
        length = int.from_bytes(data[at : at + size], "big")
        at += size
        unit = data[at : at + length].rstrip(b"\x00")
        at += length
        if at <= len(data) and unit:
            yield unit


def _avcc_sets(data: bytes) -> Iterator[bytes]:
    found, at = _sets(data, 6, data[5] & 0x1F)
    yield from found
    if at < len(data):
        yield from _sets(data, at + 1, data[at])[0]


def _hvcc_sets(data: bytes) -> Iterator[bytes]:
    at = _HVCC_LEAST
    for _ in range(data[22]):
        found, at = _sets(data, at + 3, int.from_bytes(data[at + 1 : at + 3], "big"))
        yield from found


def _sets(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """``count`` parameter sets from ``at`` on, each behind its length in two bytes, and where they end."""
    found = []
    for _ in range(count):
        length = int.from_bytes(data[at : at + 2], "big")
        unit = data[at + 2 : at + 2 + length].rstrip(b"\x00")
        at += 2 + length
        if unit and at <= len(data):
            found.append(unit)
    return found, at
