"""Messages beside the picture: SEI ``user_data_unregistered`` NAL units (ITU-T H.264 D.1.7, H.265 D.2.7). Pure.

A payload is 16 bytes that say whose message it is (an ISO/IEC 11578 UUID), and then whatever its owner likes. Decoders skip what
they do not know, and everything that carries access units carries these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from proxy.encoding.annexb import START, first_slice
from proxy.encoding.packet import NalCodec, VideoCodec

_USER_DATA: Final = 5
_STOP: Final = b"\x80"
_HEADERS: Final = {VideoCodec.H264: b"\x06", VideoCodec.HEVC: b"\x4e\x01"}
_TO_ESCAPE: Final = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_ESCAPED: Final = re.compile(rb"\x00\x00\x03")


def message(payload: bytes, codec: NalCodec) -> bytes:
    """A NAL unit with one message; ``payload`` begins with its owner's 16 bytes."""
    body = bytes([_USER_DATA]) + _sized(len(payload)) + payload + _STOP
    return _HEADERS[codec] + _escaped(body)


def with_messages(data: bytes, payloads: Sequence[bytes], codec: NalCodec) -> bytes:
    """An Annex B access unit with messages put in front of its first slice, behind its parameter sets."""
    at = first_slice(data, codec)
    return data[:at] + b"".join(START + message(payload, codec) for payload in payloads) + data[at:]


def is_message(unit: bytes, codec: NalCodec) -> bool:
    """Whether a NAL unit holds messages (SEI), whosever they are."""
    match codec:
        case VideoCodec.H264:
            return unit[0] & 0x1F == 6
        case VideoCodec.HEVC:
            return (unit[0] >> 1) & 0x3F in (39, 40)
        case _:
            assert_never(codec)


def payloads(unit: bytes, codec: NalCodec, owner: bytes) -> Iterator[bytes]:
    """What ``owner``, 16 bytes, says in a NAL unit of messages; what is cut short is not there."""
    body = _ESCAPED.sub(b"\x00\x00", unit[len(_HEADERS[codec]) :])
    at = 0
    while at + 2 < len(body):
        kind, at = _number(body, at)
        size, at = _number(body, at)
        payload = body[at : at + size]
        at += size
        if kind == _USER_DATA and len(payload) == size and payload.startswith(owner):
            yield payload[len(owner) :]


def _sized(size: int) -> bytes:
    return b"\xff" * (size // 255) + bytes([size % 255])


def _number(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    while at < len(body) and body[at] == 0xFF:
        value, at = value + 255, at + 1
    return (value + body[at], at + 1) if at < len(body) else (value, at)


def _escaped(body: bytes) -> bytes:
    """``body`` with what would look like a start code broken up (H.264 7.4.1, H.265 7.4.2)."""
    return _TO_ESCAPE.sub(b"\x00\x00\x03", body)
