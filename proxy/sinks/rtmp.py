"""A platform's ingest over RTMP or RTMPS: H.264 in FLV, HEVC in enhanced RTMP, AAC.

1. libavformat makes the FLV tags, in memory; asyncio does the network, so every wait has an end and can be cancelled.
2. Over TLS the platform's certificate and name are verified, always.
3. What is not sent when a connection breaks or its process is killed is never sent: little waits in the kernel, and that is
   thrown away with the socket.
4. Timestamps start at 0 with each connection and never run backwards. A new programme is a new connection.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr

from proxy import options
from proxy.encoding.packet import EncodedPacket
from proxy.errors import ConfigError, SinkError, SinkRejected, SinkUnreachable
from proxy.sinks._rtmp.address import Address
from proxy.sinks._rtmp.flv import Tagger
from proxy.sinks._rtmp.session import PublishSession, Refused, State, Violation
from proxy.sinks._rtmp.tags import Tag
from proxy.sinks.connecting import first_told, network_mapped, trusting
from proxy.sinks.upcoming import Upcoming

_READ_BYTES = 65_536
_CLOSE_S = 2.0
_UNSENT_BYTES = 16_384
"""How much may wait in the kernel for a slow line: 65 ms at 2 Mbit/s."""
_TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", None)
_CHECK_KEY = "check the stream key, and that nobody else publishes with it"


class Options(options.Options):
    """A platform's ingest."""

    type: Literal["rtmp"] = "rtmp"
    url: SecretStr = Field(description="`rtmp://host/app/key` or `rtmps://…`; without the key where `key` is given")
    key: SecretStr = Field(default=SecretStr(""), description="the stream key, apart from the address")
    ca_file: Path | None = Field(default=None, description="certificates to trust instead of the system's, PEM")
    connect_timeout_s: float = Field(default=5.0, gt=0, le=60, description="how long the platform may take until it accepts")
    write_timeout_s: float = Field(default=10.0, gt=0, le=120, description="how long the platform may take nothing at all")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``rtmp[s]://host[:port]/app/key``.

        Raises:
            ConfigError: it is no such address.
        """
        chosen = cls(url=SecretStr(url))
        chosen.address()
        return chosen

    def address(self) -> Address:
        """Where to publish.

        Raises:
            ConfigError: ``url`` is no address of an ingest.
        """
        try:
            return Address.parse(self.url.get_secret_value(), key=self.key.get_secret_value())
        except ValueError as error:
            raise ConfigError(f"rtmp address: {error}", hint="rtmp://host/app/key, as the platform shows it") from None


class RtmpSink:
    """Publishes to one platform."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._address = options.address()

    @property
    def name(self) -> str:
        """The sink's name for logs: host and application."""
        return self._address.name

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Connect, and send every packet.

        Raises:
            SinkUnreachable: no such host, refused, silent, or cut in the middle.
            SinkRejected: the platform does not take the stream, or its certificate is not to be trusted.
        """
        upcoming = Upcoming(aiter(packets))
        while True:
            async with _Connection(self._address, self._options) as connection:
                await connection.publish(upcoming)
            if upcoming.ended:
                return


class _Connection:
    """One connection to a platform, which has accepted the stream once it is entered."""

    def __init__(self, address: Address, options: Options) -> None:
        self._address = address
        self._options = options
        self._session = PublishSession(address, nonce=os.urandom(1528))
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        limit_s = self._options.connect_timeout_s
        with self._mapped(f"no answer within {limit_s:g} s"):
            tls = trusting(self._options.ca_file) if self._address.tls else None
            async with asyncio.timeout(limit_s):
                self._reader, self._writer = await asyncio.open_connection(
                    self._address.host,
                    self._address.port,
                    ssl=tls,
                    limit=_READ_BYTES,
                )
                self._hold_little()
                try:
                    await self._until_live()
                except BaseException:
                    self._writer.transport.abort()
                    raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Say goodbye after the last packet, where there is time for it; the socket is closed in any case."""
        if kind is not None:
            self._writer.transport.abort()
            return
        try:
            with suppress(OSError, TimeoutError, ssl.SSLError):
                async with asyncio.timeout(_CLOSE_S):
                    self._session.finish()
                    self._write()
                    await self._writer.drain()
                    self._linger(on=False)
                    self._writer.close()
                    await self._writer.wait_closed()
        finally:
            self._writer.transport.abort()

    def _hold_little(self) -> None:
        """Let :meth:`_flush` wait until the kernel has a picture, the kernel take little ahead, and a broken socket drop that."""
        self._writer.transport.set_write_buffer_limits(high=1, low=0)
        if _TCP_NOTSENT_LOWAT is not None:
            self._writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
        self._linger(on=True)

    def _linger(self, *, on: bool) -> None:
        """Whether closing the socket throws away what was not sent."""
        option = struct.pack("ii", on, 0)
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)

    async def publish(self, upcoming: Upcoming) -> None:
        """Send a programme to its end, while listening to what the platform says."""
        try:
            async with asyncio.TaskGroup() as group:
                listener = group.create_task(self._listen())
                await self._send(upcoming)
                listener.cancel()
        except BaseExceptionGroup as failures:
            raise first_told(failures) from failures

    async def _until_live(self) -> None:
        while self._session.state is not State.LIVE:
            self._write()
            await self._writer.drain()
            data = await self._reader.read(_READ_BYTES)
            if not data:
                raise self._closed_early()
            self._session.receive_data(data)

    def _closed_early(self) -> SinkError:
        if self._session.state in (State.CREATING, State.PUBLISHING):
            return SinkRejected(f"{self._address.name} closed the connection when it saw the stream key", hint=_CHECK_KEY)
        return SinkUnreachable(f"{self._address.name} closed the connection", hint="check the address, and rtmp against rtmps")

    async def _listen(self) -> None:
        with self._mapped("closed"):
            while data := await self._reader.read(_READ_BYTES):
                self._session.receive_data(data)
                self._write()
        raise SinkUnreachable(f"{self._address.name} closed the connection", hint="the platform ended the stream, or is restarting")

    async def _send(self, upcoming: Upcoming) -> None:
        tagger: Tagger | None = None
        with self._mapped(f"took nothing for {self._options.write_timeout_s:g} s"):
            async for packet in upcoming.programme():
                if tagger is None:
                    tagger = Tagger(packet.streams, origin=packet.dts)
                await self._flush(tagger.write(packet))
            if tagger is not None:
                await self._flush(tagger.close())

    async def _flush(self, tags: list[Tag]) -> None:
        for tag in tags:
            self._session.send_tag(tag.kind, tag.timestamp, tag.body)
        self._write()
        async with asyncio.timeout(self._options.write_timeout_s):
            await self._writer.drain()

    def _write(self) -> None:
        """Pass on what the session has to say. A closed socket is told the same way on every event loop."""
        if self._writer.is_closing():
            raise ConnectionResetError(errno.ECONNRESET, "the connection is closed")
        self._writer.write(self._session.data_to_send())

    @contextmanager
    def _mapped(self, silence: str) -> Iterator[None]:
        """Turn what the network and the peer do into this project's errors; ``silence`` says what a timeout means."""
        name = self._address.name
        with network_mapped(name, silence, scheme="rtmp"):
            try:
                yield
            except Refused as refusal:
                raise SinkRejected(f"{name} refused the stream: {refusal}", hint=_CHECK_KEY) from refusal
            except Violation as violation:
                raise SinkUnreachable(f"{name} does not speak RTMP: {violation}", hint="check the address") from violation
