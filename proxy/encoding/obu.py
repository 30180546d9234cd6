"""Pictures of AV1: open bitstream units (OBU), each with its size in front (AV1 specification, section 5.3). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

DELIMITER: Final = b"\x12\x00"
"""The unit that begins each picture's bytes, where a format keeps it."""

_SEQUENCE_HEADER: Final = 1
_EXTENDED: Final = 0x04
_SIZED: Final = 0x02
_LONGEST_SIZE: Final = 8
_CUT: Final = "an OBU is cut short"


def units(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The units of one picture in order: type, and the whole unit.

    Raises:
        ValueError: it is cut short, or a unit has no size.
    """
    at = 0
    while at < len(data):
        if not data[at] & _SIZED:
            raise ValueError("an OBU has no size")
        size, body = _leb128(data, at + (2 if data[at] & _EXTENDED else 1))
        if body + size > len(data):
            raise ValueError(_CUT)
        yield data[at] >> 3 & 0x0F, data[at : body + size]
        at = body + size


def sequence_header(data: bytes) -> bytes:
    """The sequence header of one picture's bytes, without which no picture can be decoded; empty where there is none.

    Raises:
        ValueError: see ``units``.
    """
    return next((unit for kind, unit in units(data) if kind == _SEQUENCE_HEADER), b"")


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """The number at ``at``, and where it ends (section 4.10.5)."""
    value = 0
    for number, byte in enumerate(data[at : at + _LONGEST_SIZE]):
        value |= (byte & 0x7F) << 7 * number
        if not byte & 0x80:
            return value, at + number + 1
    raise ValueError(_CUT)
