"""SRT out: a transport stream to a platform that we call, or to everybody who calls us.

1. libavformat makes the transport stream in memory; libsrt sends it from a thread of this sink's own, in bounded time.
2. Tables come before every picture, so that whoever calls can begin at the next keyframe.
3. As a listener the sink runs whether or not anybody watches. A slow or gone caller is let go, and harms nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Final, Literal, Protocol, TypeVar

import av
from pydantic import Field, SecretStr

from proxy import options
from proxy.encoding.packet import EncodedPacket, StreamSet
from proxy.errors import ConfigError, SinkError, SinkRejected, SinkUnreachable, SinkUnwritable
from proxy.media.redact import redact
from proxy.sinks.mux import Muxer
from proxy.srt.address import Address
from proxy.srt.connection import PAYLOAD, Connection, Listener, hang_up
from proxy.srt.failures import SrtError, SrtMissing, SrtRejected, SrtUnreachable

T = TypeVar("T")

VIEWERS: Final = 16
_STREAM: Final = {"mpegts_flags": "+pat_pmt_at_frames", "flush_packets": "1", "max_interleave_delta": "1000000"}
_STUCK_S: Final = 5.0
_CLOSE_S: Final = 2.5
_VIEWER_WAITS_S: Final = 0.0


class Options(options.Options):
    """A platform, recorder or player that speaks SRT."""

    type: Literal["srt"] = "srt"
    url: SecretStr = Field(
        description="`srt://host:port` calls, `srt://:port` listens; `mode`, `streamid`, `passphrase`, `latency` (ms) and "
        "`pbkeylen` may follow"
    )
    streamid: SecretStr = Field(
        default=SecretStr(""), description="what is published as; as a listener, what a caller has to ask for"
    )
    passphrase: SecretStr = Field(
        default=SecretStr(""), description="encrypts the connection, 10 to 79 bytes; whoever does not have it is refused"
    )
    latency_ms: int | None = Field(
        default=None, ge=0, le=8000, description="how long packets wait for lost ones to be sent again; 200 if unset"
    )
    connect_timeout_s: float = Field(default=5.0, gt=0, le=60, description="how long the peer may take to answer a call")
    write_timeout_s: float = Field(default=10.0, gt=0, le=120, description="how long the network may take nothing at all")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from an SRT URL.

        Raises:
            ConfigError: it is no such address.
        """
        chosen = cls(url=SecretStr(url))
        chosen.address()
        return chosen

    def address(self) -> Address:
        """Whom to call, or where to listen.

        Raises:
            ConfigError: ``url`` is no SRT address.
        """
        try:
            return Address.parse(
                self.url.get_secret_value(),
                streamid=self.streamid.get_secret_value(),
                passphrase=self.passphrase.get_secret_value(),
                latency_ms=self.latency_ms,
            )
        except ValueError as error:
            raise ConfigError(f"srt address: {error}", hint="srt://host:port to call, srt://:port to listen") from None


class SrtSink:
    """Sends one camera's programme."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._address = options.address()

    @property
    def name(self) -> str:
        """The sink's name for logs: host and port."""
        return self._address.name

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Connect or listen, and send every packet.

        Raises:
            SinkUnreachable: no such host, no answer, or cut in the middle.
            SinkRejected: wrong passphrase or stream id.
            SinkUnwritable: this machine has no libsrt.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="srt")
        line: _Line | None = None
        try:
            line = await self._answer(thread, self._connected, self._options.connect_timeout_s)
            async for packet in packets:
                await self._answer(thread, partial(line.write, packet), self._options.write_timeout_s)
        finally:
            if line is not None:
                closing = asyncio.wrap_future(thread.submit(line.close))
                with suppress(SinkError, av.FFmpegError, OSError):
                    await asyncio.wait([closing], timeout=_CLOSE_S)
            thread.shutdown(wait=False)

    def _connected(self) -> _Line:
        try:
            address, options = self._address, self._options
            peers: _Peers = _Callers(address) if address.listener else _Called(address, options)
        except SrtError as error:
            raise sink_error(error) from error
        return _Line(peers, address.name)

    async def _answer(self, thread: ThreadPoolExecutor, call: Callable[[], T], takes_s: float) -> T:
        answer = asyncio.get_running_loop().run_in_executor(thread, call)
        try:
            async with asyncio.timeout(takes_s + _STUCK_S):
                return await answer
        except TimeoutError:
            raise SinkUnreachable(f"{self.name} does not answer", hint="check the peer and the network") from None


class _Peers(Protocol):
    """Whoever gets the stream."""

    def send(self, messages: list[bytes], *, begins: bool) -> None:
        """Send; ``begins`` is whether somebody new can begin with these."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class _Called:
    """One peer that we called."""

    def __init__(self, address: Address, options: Options) -> None:
        self._timeout_s, self._latency_ms = options.write_timeout_s, address.latency_ms
        self._connection = Connection.call(address, timeout_s=options.connect_timeout_s)

    def send(self, messages: list[bytes], *, begins: bool) -> None:
        del begins
        for message in messages:
            self._connection.send(message, timeout_s=self._timeout_s)

    def close(self) -> None:
        hang_up([self._connection], latency_ms=self._latency_ms)


class _Callers:
    """Everybody who called us; each begins with a keyframe."""

    def __init__(self, address: Address) -> None:
        self._listener = Listener(address)
        self._latency_ms = address.latency_ms
        self._waiting: list[Connection] = []
        self._watching: list[Connection] = []

    def send(self, messages: list[bytes], *, begins: bool) -> None:
        while len(self._waiting) + len(self._watching) < VIEWERS and (caller := self._listener.accept()):
            self._waiting.append(caller)
        if begins:
            self._watching += self._waiting
            self._waiting = []
        for caller in list(self._watching):
            try:
                for message in messages:
                    caller.send(message, timeout_s=_VIEWER_WAITS_S)
            except SrtUnreachable:
                self._watching.remove(caller)
                caller.close()

    def close(self) -> None:
        self._listener.close()
        hang_up([*self._waiting, *self._watching], latency_ms=self._latency_ms)


class _Line:
    """The transport stream, cut into messages. Blocking: used from one thread."""

    def __init__(self, peers: _Peers, name: str) -> None:
        self._peers, self._name = peers, name
        self._made = _Made()
        self._muxer: Muxer | None = None
        self._streams: StreamSet | None = None
        self._origin: int | None = None

    def write(self, packet: EncodedPacket) -> None:
        try:
            if self._muxer is None or packet.streams is not self._streams:
                self._begin(packet)
            if self._muxer is not None:
                self._muxer.write(packet)
            self._peers.send(self._made.take(), begins=packet.is_video and packet.keyframe)
        except SrtError as error:
            raise sink_error(error) from error
        except (av.FFmpegError, ValueError) as error:
            raise SinkUnwritable(f"{self._name}: {redact(str(error))}", hint="use another codec") from error

    def close(self) -> None:
        """Send what the muxer still holds, and hang up."""
        try:
            if self._muxer is not None:
                self._muxer.close()
                self._peers.send(self._made.take(), begins=False)
        except SrtError:
            pass
        finally:
            self._peers.close()

    def _begin(self, packet: EncodedPacket) -> None:
        """A new programme goes on in the same connection and the same time."""
        if self._muxer is not None:
            self._muxer.close()
        if self._origin is None:
            self._origin = packet.dts
        self._streams = packet.streams
        self._muxer = Muxer(self._made, "mpegts", packet.streams, options=_STREAM, origin=self._origin)


class _Made:
    """Takes a muxer's bytes and hands them out as messages."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes, /) -> int:
        self._bytes += data
        return len(data)

    def take(self) -> list[bytes]:
        """Everything so far, in messages of at most ``PAYLOAD`` bytes."""
        made, self._bytes = bytes(self._bytes), bytearray()
        return [made[begin : begin + PAYLOAD] for begin in range(0, len(made), PAYLOAD)]


def sink_error(error: SrtError) -> SinkError:
    """What ``error`` means for a sink."""
    match error:
        case SrtMissing():
            return SinkUnwritable(error.message, hint=error.hint)
        case SrtRejected():
            return SinkRejected(error.message, hint=error.hint)
        case _:
            return SinkUnreachable(error.message, hint=error.hint)
