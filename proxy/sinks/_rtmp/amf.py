"""AMF0, the values in RTMP's commands (Adobe, "Action Message Format – AMF 0", 2007). Pure.

What a peer sends is bounded before it is believed: nesting, number of values, length of strings.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Final

AmfValue = float | bool | str | None | Mapping[str, "AmfValue"] | Sequence["AmfValue"]

MAX_DEPTH: Final = 8
MAX_VALUES: Final = 1024

_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _UNDEFINED = 0, 1, 2, 3, 5, 6
_ECMA_ARRAY, _OBJECT_END, _STRICT_ARRAY, _DATE, _LONG_STRING = 8, 9, 10, 11, 12


class AmfError(ValueError):
    """The bytes are not AMF0, or more of it than a peer has reason to send."""


def encode(*values: AmfValue) -> bytes:
    """The values one after another."""
    return b"".join(_encoded(value) for value in values)


def _encoded(value: AmfValue) -> bytes:
    match value:
        case None:
            return bytes([_NULL])
        case bool():
            return bytes([_BOOLEAN, value])
        case int() | float():
            return struct.pack(">Bd", _NUMBER, value)
        case str():
            return bytes([_STRING]) + _key(value)
        case Mapping():
            members = b"".join(_key(name) + _encoded(member) for name, member in value.items())
            return bytes([_OBJECT]) + members + bytes([0, 0, _OBJECT_END])
        case _:
            return struct.pack(">BI", _STRICT_ARRAY, len(value)) + b"".join(_encoded(member) for member in value)


def _key(text: str) -> bytes:
    data = text.encode()
    if len(data) > 0xFFFF:
        raise AmfError(f"expected at most 65535 bytes of text, got {len(data)}")
    return struct.pack(">H", len(data)) + data


def decode(data: bytes) -> list[AmfValue]:
    """Every value in ``data``.

    Raises:
        AmfError: the bytes break the format or its bounds.
    """
    reader = _Reader(data)
    values = []
    while not reader.ended:
        values.append(reader.value(0))
    return values


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._count = 0

    @property
    def ended(self) -> bool:
        return self._at >= len(self._data)

    def value(self, depth: int) -> AmfValue:
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_VALUES:
            raise AmfError("nested too deeply, or too many values")
        kind = self._take(1)[0]
        if kind == _NUMBER:
            return self._number()
        if kind == _BOOLEAN:
            return self._take(1) != b"\x00"
        if kind in (_STRING, _LONG_STRING):
            return self._text(2 if kind == _STRING else 4)
        if kind in (_NULL, _UNDEFINED):
            return None
        return self._compound(kind, depth)

    def _compound(self, kind: int, depth: int) -> AmfValue:
        if kind == _OBJECT:
            return self._members(depth)
        if kind == _ECMA_ARRAY:
            self._take(4)  # a count that nobody needs: members end with a mark of their own
            return self._members(depth)
        if kind == _STRICT_ARRAY:
            count = int.from_bytes(self._take(4), "big")
            if count > MAX_VALUES:
                raise AmfError("too many values")
            return [self.value(depth + 1) for _ in range(count)]
        if kind == _DATE:
            moment = self._number()
            self._take(2)
            return moment
        raise AmfError(f"unknown type {kind}")

    def _members(self, depth: int) -> dict[str, AmfValue]:
        members: dict[str, AmfValue] = {}
        while True:
            name = self._text(2)
            if not name and self._data[self._at : self._at + 1] == bytes([_OBJECT_END]):
                self._at += 1
                return members
            members[name] = self.value(depth + 1)

    def _number(self) -> float:
        number: float = struct.unpack(">d", self._take(8))[0]
        return number

    def _text(self, length_bytes: int) -> str:
        return self._take(int.from_bytes(self._take(length_bytes), "big")).decode("utf-8", "replace")

    def _take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise AmfError("the bytes end in the middle of a value")
        self._at += count
        return piece
