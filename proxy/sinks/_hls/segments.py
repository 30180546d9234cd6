"""Segments made from packets, each by a muxer of its own. No I/O."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from proxy.encoding.packet import EncodedPacket, StreamSet
from proxy.sinks.mux import Muxer


class Container(StrEnum):
    """What segments are made of."""

    FMP4 = "fmp4"
    TS = "ts"


@dataclass(frozen=True, slots=True)
class Muxed:
    """A segment's bytes. ``header`` (``ftyp`` and ``moov``) is the same for all of a programme; empty for MPEG-TS."""

    header: bytes
    media: bytes


def muxed(packets: Sequence[EncodedPacket], container: Container, *, origin: int, number: int) -> Muxed:
    """A segment that holds ``packets``, of one programme, with ``origin`` ticks as time 0.

    Args:
        packets: at least one.
        container: what to make.
        origin: the same for all segments of a programme.
        number: counts the segments, from 0.
    """
    streams = packets[0].streams
    if container is Container.TS:
        return Muxed(b"", _transported(packets, streams, origin))
    written = list(boxes(_fragmented(packets, streams, origin, number)))
    header = b"".join(data for kind, data in written if kind in (b"ftyp", b"moov"))
    return Muxed(header, b"".join(data for kind, data in written if kind in (b"moof", b"mdat")))


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The top-level boxes of an MP4 (ISO/IEC 14496-12): type, and the whole box."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8:
            raise AssertionError("the muxer writes boxes with a size of 32 bits")
        yield data[at + 4 : at + 8], data[at : at + size]
        at += size


def _fragmented(packets: Sequence[EncodedPacket], streams: StreamSet, origin: int, number: int) -> bytes:
    flags = "+empty_moov+default_base_moof+frag_discont+skip_trailer"
    options = {"movflags": flags, "fragment_index": str(number + 1), "use_editlist": "0"}
    return _written(packets, "mp4", streams, options, origin)


def _transported(packets: Sequence[EncodedPacket], streams: StreamSet, origin: int) -> bytes:
    return _written(packets, "mpegts", streams, {"mpegts_flags": "+initial_discontinuity", "mpegts_copyts": "1"}, origin)


def _written(packets: Sequence[EncodedPacket], container: str, streams: StreamSet, options: dict[str, str], origin: int) -> bytes:
    target = io.BytesIO()
    # Without this the muxer would move a segment's first timestamp to 0.
    muxer = Muxer(target, container, streams, options={**options, "avoid_negative_ts": "disabled"}, origin=origin)
    for packet in packets:
        muxer.write(packet)
    muxer.close()
    return target.getvalue()
