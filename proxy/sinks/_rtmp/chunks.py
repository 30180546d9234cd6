"""RTMP's chunk stream (Adobe, "Real Time Messaging Protocol", 2012, section 5.3). Pure.

Messages are cut into chunks, each behind a header of one of four formats. Writing uses only the full header; reading knows all
four. A peer can make the reader hold at most ``MAX_STREAMS * MAX_MESSAGE`` bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

MAX_MESSAGE: Final = 256 * 1024
MAX_STREAMS: Final = 16

FIRST_CHUNK_SIZE: Final = 128
"""Payload bytes in a chunk until a side says otherwise."""

SET_CHUNK_SIZE: Final = 1
ABORT: Final = 2

_EXTENDED: Final = 0xFFFFFF
_HEADER_BYTES: Final = (11, 7, 3, 0)


class ChunkError(ValueError):
    """The peer breaks the protocol, or its bounds."""


@dataclass(frozen=True, slots=True)
class Message:
    """One RTMP message: ``kind`` is its type id, ``timestamp`` in ms modulo 2**32, ``stream`` the message stream's id."""

    kind: int
    timestamp: int
    stream: int
    body: bytes


def chunked(message: Message, *, channel: int, chunk_size: int) -> bytes:
    """The bytes that carry ``message`` on chunk stream ``channel`` (2..63)."""
    timestamp = message.timestamp & 0xFFFFFFFF
    extended = struct.pack(">I", timestamp) if timestamp >= _EXTENDED else b""
    head = bytes([channel]) + min(timestamp, _EXTENDED).to_bytes(3, "big") + len(message.body).to_bytes(3, "big")
    head += bytes([message.kind]) + struct.pack("<I", message.stream) + extended
    pieces = [head, message.body[:chunk_size]]
    following = bytes([0xC0 | channel]) + extended
    for begin in range(chunk_size, len(message.body), chunk_size):
        pieces += [following, message.body[begin : begin + chunk_size]]
    return b"".join(pieces)


@dataclass(slots=True)
class _Channel:
    timestamp: int = 0
    step: int = 0
    length: int = 0
    kind: int = 0
    stream: int = 0
    extended: bool = False
    body: bytearray = field(default_factory=bytearray)


class ChunkReader:
    """Puts a peer's chunks together again."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._chunk_size = FIRST_CHUNK_SIZE
        self._channels: dict[int, _Channel] = {}

    def feed(self, data: bytes) -> list[Message]:
        """The messages that ``data`` completes; chunk sizes and aborts are heeded here and not returned.

        Raises:
            ChunkError: the peer breaks the protocol; the connection cannot go on.
        """
        self._pending += data
        messages: list[Message] = []
        while (used := self._chunk(messages)) > 0:
            del self._pending[:used]
        return messages

    def _chunk(self, messages: list[Message]) -> int:
        """Read one chunk from the front, and return its length in bytes; 0 when it is not all there."""
        basic = self._basic_header()
        if basic is None:
            return 0
        at, form, number = basic
        header = self._pending[at : at + _HEADER_BYTES[form]]
        at += _HEADER_BYTES[form]
        channel = self._channels.get(number, _Channel())
        extended = header[:3] == b"\xff\xff\xff" if form < 3 else channel.extended
        stamp = self._pending[at : at + 4] if extended else b""
        at += 4 if extended else 0
        if len(self._pending) < at:
            return 0
        length = int.from_bytes(header[3:6], "big") if form < 2 else channel.length
        body = bytearray() if form < 3 else channel.body
        if length > MAX_MESSAGE:
            raise ChunkError(f"a message of {length} bytes")
        size = min(self._chunk_size, length - len(body))
        if len(self._pending) < at + size:
            return 0
        self._remember(number, channel)
        channel.body = body
        if form < 3 or not body:
            _begin(channel, form, bytes(header), bytes(stamp))
        channel.body += self._pending[at : at + size]
        if len(channel.body) >= channel.length:
            self._complete(channel, messages)
        return at + size

    def _basic_header(self) -> tuple[int, int, int] | None:
        """Length of the basic header, the format of what follows, and the chunk stream's number."""
        if not self._pending:
            return None
        form, number = self._pending[0] >> 6, self._pending[0] & 63
        size = {0: 2, 1: 3}.get(number, 1)
        if len(self._pending) < size:
            return None
        if size > 1:
            number = 64 + int.from_bytes(self._pending[1:size], "little")
        return size, form, number

    def _remember(self, number: int, channel: _Channel) -> None:
        if number not in self._channels and len(self._channels) >= MAX_STREAMS:
            raise ChunkError("too many chunk streams")
        self._channels[number] = channel

    def _complete(self, channel: _Channel, messages: list[Message]) -> None:
        message = Message(channel.kind, channel.timestamp, channel.stream, bytes(channel.body))
        channel.body = bytearray()
        if message.kind == SET_CHUNK_SIZE:
            self._chunk_size = _number(message.body)
            if not 1 <= self._chunk_size <= 0x7FFFFFFF:
                raise ChunkError(f"a chunk size of {self._chunk_size}")
        elif message.kind == ABORT:
            aborted = self._channels.get(_number(message.body))
            if aborted is not None:
                aborted.body = bytearray()
        else:
            messages.append(message)


def _begin(channel: _Channel, form: int, header: bytes, stamp: bytes) -> None:
    """Take a message header over into ``channel``; what a shorter format leaves out stays as it was."""
    if form < 3:
        channel.extended = bool(stamp)
        time = int.from_bytes(stamp or header[:3], "big")
        channel.step = 0 if form == 0 else time
        channel.timestamp = time if form == 0 else (channel.timestamp + time) & 0xFFFFFFFF
        if form < 2:
            channel.length, channel.kind = int.from_bytes(header[3:6], "big"), header[6]
        if form == 0:
            channel.stream = int.from_bytes(header[7:11], "little")
    else:
        channel.timestamp = (channel.timestamp + channel.step) & 0xFFFFFFFF


def _number(body: bytes) -> int:
    if len(body) < 4:
        raise ChunkError("a control message that is too short")
    return int.from_bytes(body[:4], "big")
