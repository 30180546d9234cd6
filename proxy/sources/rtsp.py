"""An RTSP camera: H.264, HEVC or MJPEG over TCP or UDP, with Basic or Digest authentication."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal
from urllib.parse import urlsplit

import av
from pydantic import Field, SecretStr

from proxy.errors import ConfigError, SourceUnreachable
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.redact import redact
from proxy.options import Options as PluginOptions
from proxy.sources.protocol import Damage
from proxy.sources.reading import Input, pulled


class Options(PluginOptions):
    """An RTSP camera."""

    type: Literal["rtsp"] = "rtsp"
    url: SecretStr
    """``rtsp://user:password@host:port/path`` or ``rtsps://…``."""
    transport: Literal["tcp", "udp"] = "tcp"
    """How RTP travels: in the RTSP connection, or in datagrams of its own."""
    open_timeout_s: float = Field(default=5.0, gt=0, le=60)
    """How long the camera may take to answer."""
    read_timeout_s: float = Field(default=8.0, gt=1, le=120)
    """How long the camera may send nothing."""
    threads: int = Field(default=1, ge=0, le=16)
    """Decoder threads; 0 lets the decoder choose."""

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from an RTSP URL.

        Raises:
            ConfigError: the URL names no host.
        """
        if not urlsplit(url).hostname:
            raise ConfigError("an RTSP URL names a host", hint="write rtsp://user:password@192.168.1.10/stream")
        return cls(url=SecretStr(url))


class RtspSource:
    """Pulls one stream of a camera until it ends or fails."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        self._options = options
        self._sound = sound
        self.damage = Damage()

    @property
    def live(self) -> bool:
        """Always: a camera does not wait."""
        return True

    @property
    def name(self) -> str:
        """The URL without user, password and query."""
        return redact(self._options.url.get_secret_value())

    async def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        """Pictures and sound; see :class:`~proxy.sources.protocol.Source`."""
        options = self._options
        url = options.url.get_secret_value()
        await self._resolve(url)
        reading = Input(
            url,
            self.name,
            format="rtsp",
            options={
                "rtsp_transport": options.transport,
                "analyzeduration": "500000",
                "max_delay": "100000",
                "reorder_queue_size": "64" if options.transport == "udp" else "0",
            },
            sound=self._sound,
            open_s=options.open_timeout_s,
            silence_s=options.read_timeout_s,
            threads=options.threads,
        )
        try:
            async with aclosing(pulled(reading, self.damage)) as items:
                async for item in items:
                    yield item
        except (av.error.ExitError, av.error.InvalidDataError):
            raise SourceUnreachable(f"{self.name} does not answer", hint="check that it is an RTSP camera") from None

    async def _resolve(self, url: str) -> None:
        """Look the host up first: libav's error for an unknown one says only that something failed."""
        host = urlsplit(url).hostname or ""
        try:
            async with asyncio.timeout(self._options.open_timeout_s):
                await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError):
            raise SourceUnreachable(f"there is no host called {host}", hint="check the camera's address") from None
