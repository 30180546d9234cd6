"""One publishing session, from the handshake to the end, without a socket.

::

    HANDSHAKE ──S0 S1 S2──▶ CONNECTING ──_result──▶ CREATING ──_result──▶ PUBLISHING ──Publish.Start──▶ LIVE

``receive_data`` takes what the peer sent, ``data_to_send`` gives what the peer must get. A peer's "no" raises ``Refused``, what
is no RTMP raises ``Violation``; either ends the session.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from proxy.media.redact import HIDDEN, redact
from proxy.sinks._rtmp import amf, chunks
from proxy.sinks._rtmp.address import Address
from proxy.sinks._rtmp.chunks import ChunkReader, Message, chunked

CHUNK_SIZE: Final = 65_536
AUDIO, VIDEO, DATA = 8, 9, 18
"""Types of message that carry FLV tags."""

_ACKNOWLEDGEMENT, _USER_CONTROL, _WINDOW_SIZE, _BANDWIDTH, _COMMAND_AMF3, _COMMAND = 3, 4, 5, 6, 17, 20
_PING, _PONG = 6, 7
_VERSION: Final = 3
_HANDSHAKE_BYTES: Final = 1536
_CHANNELS: Final = {AUDIO: 4, VIDEO: 6, DATA: 5}
_CONNECT, _RELEASE, _PREPARE, _CREATE, _PUBLISH, _UNPUBLISH, _DELETE = range(1, 8)
"""Transaction numbers of our commands."""


class Violation(ValueError):
    """The peer does not speak RTMP as it should."""


class Refused(Exception):
    """The peer said no; the message is its reason, redacted."""


class State(Enum):
    """How far the session is."""

    HANDSHAKE = auto()
    CONNECTING = auto()
    CREATING = auto()
    PUBLISHING = auto()
    LIVE = auto()


class PublishSession:
    """The client's side of publishing one stream.

    Args:
        address: where to, and the key.
        nonce: 1528 random bytes for the handshake.

    Attributes:
        state: how far it is.
    """

    def __init__(self, address: Address, *, nonce: bytes) -> None:
        self.state = State.HANDSHAKE
        self._address = address
        self._reader = ChunkReader()
        self._greeting = bytearray()
        self._stream = 0
        self._chunk_size = chunks.FIRST_CHUNK_SIZE
        self._received = self._acknowledged = 0
        self._window = 0
        self._out = bytearray(bytes([_VERSION]) + bytes(8) + nonce.ljust(_HANDSHAKE_BYTES - 8, b"\0")[: _HANDSHAKE_BYTES - 8])

    def data_to_send(self) -> bytes:
        """What must go to the peer now; taken once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def receive_data(self, data: bytes) -> None:
        """Go on with what the peer sent.

        Raises:
            Violation: it is no RTMP.
            Refused: the peer does not take the stream.
        """
        if self.state is State.HANDSHAKE:
            data = self._greet(data)
        try:
            for message in self._reader.feed(data):
                self._take(message)
        except (chunks.ChunkError, amf.AmfError) as error:
            raise Violation(str(error)) from error
        self._acknowledge(len(data))

    def send_tag(self, kind: int, timestamp: int, body: bytes) -> None:
        """Queue the body of one FLV tag: ``AUDIO``, ``VIDEO`` or ``DATA``; ``timestamp`` in ms."""
        if self.state is not State.LIVE:
            raise AssertionError("tags are sent only once the peer has accepted the stream")
        if kind == DATA:
            body = amf.encode("@setDataFrame") + body
        self._send(Message(kind, timestamp, self._stream, body), _CHANNELS[kind])

    def finish(self) -> None:
        """Queue the goodbye."""
        if self.state is State.LIVE:
            self._command("FCUnpublish", _UNPUBLISH, None, self._address.key)
            self._command("deleteStream", _DELETE, None, self._stream)

    def _greet(self, data: bytes) -> bytes:
        """Take S0, S1 and S2; return what came behind them."""
        self._greeting += data
        if self._greeting and self._greeting[0] != _VERSION:
            raise Violation("the peer's greeting is not RTMP")
        whole = 1 + 2 * _HANDSHAKE_BYTES
        if len(self._greeting) < whole:
            return b""
        rest = bytes(self._greeting[whole:])
        self._out += self._greeting[1 : 1 + _HANDSHAKE_BYTES]
        self._greeting.clear()
        self._send(Message(chunks.SET_CHUNK_SIZE, 0, 0, struct.pack(">I", CHUNK_SIZE)), 2)
        self._chunk_size = CHUNK_SIZE
        about: Mapping[str, amf.AmfValue] = {
            "app": self._address.app,
            "type": "nonprivate",
            "flashVer": "FMLE/3.0 (compatible; veilcast)",
            "tcUrl": self._address.base,
            "fourCcList": ["hvc1"],
        }
        self._command("connect", _CONNECT, about)
        self.state = State.CONNECTING
        return rest

    def _take(self, message: Message) -> None:
        body = message.body
        if message.kind == _USER_CONTROL and body[:2] == struct.pack(">H", _PING):
            self._send(Message(_USER_CONTROL, 0, 0, struct.pack(">H", _PONG) + body[2:6]), 2)
        elif message.kind == _WINDOW_SIZE and len(body) >= 4:
            self._window = int.from_bytes(body[:4], "big")
        elif message.kind == _BANDWIDTH and len(body) >= 4:
            self._send(Message(_WINDOW_SIZE, 0, 0, body[:4]), 2)
        elif message.kind in (_COMMAND, _COMMAND_AMF3):
            values = amf.decode(body[1:] if message.kind == _COMMAND_AMF3 else body)
            self._answer(values)

    def _answer(self, values: list[amf.AmfValue]) -> None:
        match values:
            case ["_result", number, *_] if number == _CONNECT and self.state is State.CONNECTING:
                self._connected()
            case ["_result", number, _, stream, *_] if number == _CREATE and self.state is State.CREATING:
                self._created(stream)
            case ["_error", number, *about] if number in (_CONNECT, _CREATE, _PUBLISH):
                raise Refused(self._reason(about))
            case ["onStatus", _, *about]:
                self._status(about)
            case ["close", *about]:
                raise Refused(self._reason(about))

    def _connected(self) -> None:
        self._command("releaseStream", _RELEASE, None, self._address.key)
        self._command("FCPublish", _PREPARE, None, self._address.key)
        self._command("createStream", _CREATE, None)
        self.state = State.CREATING

    def _created(self, stream: amf.AmfValue) -> None:
        if not isinstance(stream, float) or not 0 <= stream <= 0xFFFFFFFF:
            raise Violation("the peer gave the stream no number")
        self._stream = int(stream)
        self._command("publish", _PUBLISH, None, self._address.key, "live", stream=self._stream)
        self.state = State.PUBLISHING

    def _status(self, about: list[amf.AmfValue]) -> None:
        facts = next((value for value in about if isinstance(value, Mapping)), {})
        code = facts.get("code")
        if facts.get("level") == "error" or code in ("NetStream.Publish.BadName", "NetStream.Publish.Denied"):
            raise Refused(self._reason(about))
        if code == "NetStream.Publish.Start" and self.state is State.PUBLISHING:
            self.state = State.LIVE

    def _reason(self, about: list[amf.AmfValue]) -> str:
        """What the peer gives as reason: its words, without control characters, without the key."""
        facts = next((value for value in about if isinstance(value, Mapping)), {})
        words = " ".join(str(facts[name]) for name in ("code", "description") if facts.get(name)) or "no reason given"
        if self._address.key:
            words = words.replace(self._address.key, HIDDEN).replace(self._address.key.partition("?")[0] or HIDDEN, HIDDEN)
        return redact("".join(sign if sign.isprintable() else " " for sign in words))[:200]

    def _command(self, name: str, number: int, *values: amf.AmfValue, stream: int = 0) -> None:
        self._send(Message(_COMMAND, 0, stream, amf.encode(name, number, *values)), 3)

    def _send(self, message: Message, channel: int) -> None:
        self._out += chunked(message, channel=channel, chunk_size=self._chunk_size)

    def _acknowledge(self, count: int) -> None:
        self._received += count
        if self._window and self._received - self._acknowledged >= self._window:
            self._acknowledged = self._received
            self._send(Message(_ACKNOWLEDGEMENT, 0, 0, struct.pack(">I", self._received & 0xFFFFFFFF)), 2)
