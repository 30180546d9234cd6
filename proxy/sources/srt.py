"""SRT in: a transport stream from a camera or encoder that we call, or that calls us."""

from __future__ import annotations

import threading
import time
from typing import Final, Literal

from pydantic import Field, SecretStr

from proxy import options
from proxy.errors import ConfigError, SourceError, SourceRejected, SourceUnreachable, SourceUnsupported
from proxy.sources.hardware import HardwareDecoding
from proxy.sources.opening import Input
from proxy.sources.reading import Intake
from proxy.srt.address import Address
from proxy.srt.connection import Connection, Listener
from proxy.srt.failures import SrtError, SrtMissing, SrtRejected, SrtUnreachable

LISTEN_S: Final = 3600.0
"""How long a listener waits for its caller before that is an error, which is tried again."""
_PROBED_BYTES: Final = "2000000"


class Options(options.Options):
    """A camera or encoder that speaks SRT."""

    type: Literal["srt"] = "srt"
    url: SecretStr
    """`srt://host:port` calls, `srt://:port` listens; `mode`, `streamid`, `passphrase`, `latency` (ms) and `pbkeylen` may follow"""
    streamid: SecretStr = SecretStr("")
    """what is asked for; as a listener, what a caller has to ask for"""
    passphrase: SecretStr = SecretStr("")
    """encrypts the connection, 10 to 79 bytes; whoever does not have it is refused"""
    latency_ms: int | None = Field(default=None, ge=0, le=8000)
    """how long packets wait for lost ones to be sent again; 200 if unset"""
    connect_timeout_s: float = Field(default=5.0, gt=0, le=60)
    """how long the peer may take to answer a call"""
    read_timeout_s: float = Field(default=10.0, ge=2, le=15)
    """how long nothing may come"""
    threads: int = Field(default=1, ge=0, le=16)
    """decoder threads; 0 lets the decoder choose"""
    hardware: HardwareDecoding = HardwareDecoding.AUTO
    """which device decodes, where it opens; otherwise software does"""

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

    def input(self, *, sound: bool = True) -> Input:
        """What is to be read."""
        address = self.address()
        return Input(
            "",
            address.name,
            format="mpegts",
            options={"analyzeduration": "1000000", "probesize": _PROBED_BYTES},
            sound=sound,
            open_s=LISTEN_S + self.read_timeout_s if address.listener else self.connect_timeout_s + self.read_timeout_s,
            silence_s=self.read_timeout_s,
            threads=self.threads,
            hardware=self.hardware,
            fetch=Stream(address, self),
        )


class SrtSource(Intake):
    """Reads one stream until it fails."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        super().__init__(options.input(sound=sound))


class Stream:
    """The bytes of a connection, for a demuxer. Blocking: the first read connects, and may wait long for a caller."""

    def __init__(self, address: Address, options: Options) -> None:
        self._address, self._options = address, options
        self._stop = threading.Event()
        self._pending = b""
        self._listener: Listener | None = None
        self._connection: Connection | None = None

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none when told to stop.

        Raises:
            SourceUnreachable, SourceRejected: there is no connection, the stream ended, or nothing came for too long.
            SourceUnsupported: this machine has no libsrt.
        """
        try:
            connection = self._connection or self._connected()
            if not self._pending and connection is not None:
                self._pending = self._next(connection)
        except SrtError as error:
            raise source_error(error) from error
        taken, self._pending = self._pending[:size], self._pending[size:]
        return taken

    def stop(self) -> None:
        """End a read that waits, from any thread, and let every later one end at once."""
        self._stop.set()

    def close(self) -> None:
        """Hang up and stop listening; again is harmless."""
        for held in (self._connection, self._listener):
            if held is not None:
                held.close()
        self._connection = self._listener = None

    def _connected(self) -> Connection | None:
        if self._stop.is_set():
            return None
        if self._address.listener:
            self._listener = self._listener or Listener(self._address)
            self._connection = self._listener.wait(self._stop, timeout_s=LISTEN_S)
        else:
            self._connection = Connection.call(self._address, timeout_s=self._options.connect_timeout_s)
        return self._connection

    def _next(self, connection: Connection) -> bytes:
        silence_s = self._options.read_timeout_s
        deadline = time.monotonic() + silence_s
        while not self._stop.is_set():
            message = connection.receive()
            if message:
                return message
            if time.monotonic() >= deadline:
                raise SrtUnreachable(f"{self._address.name}: silent for {silence_s:g} s", hint="check the sender")
        return b""


def source_error(error: SrtError) -> SourceError:
    """What ``error`` means for a source."""
    kind = (
        SourceUnsupported
        if isinstance(error, SrtMissing)
        else SourceRejected
        if isinstance(error, SrtRejected)
        else SourceUnreachable
    )
    return kind(error.message, hint=error.hint)
