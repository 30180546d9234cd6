"""A stream that an RTMP server plays: what somebody else publishes there, such as the ingest of a platform."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from proxy import options
from proxy.errors import ConfigError
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.redact import redact
from proxy.sources.hardware import HardwareDecoding
from proxy.sources.opening import Input
from proxy.sources.protocol import Damage
from proxy.sources.reading import Intake

_ANALYSE_US: Final = "5000000"
"""The first picture may come some seconds after the first sound; and a rate is not waited for."""


class Options(options.Options):
    """A stream that an RTMP server plays."""

    type: Literal["rtmp"] = "rtmp"
    url: SecretStr
    """`rtmp://host:port/app/name`"""
    open_timeout_s: float = Field(default=10.0, gt=0, le=60)
    """how long the server may take until it plays"""
    read_timeout_s: float = Field(default=10.0, ge=2, le=120)
    """how long nothing may come"""
    threads: int = Field(default=1, ge=0, le=16)
    """decoder threads; 0 lets the decoder choose"""
    hardware: HardwareDecoding = HardwareDecoding.AUTO
    """which device decodes, where it opens; otherwise software does"""

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from an RTMP URL.

        Raises:
            ConfigError: the URL names no host, or no stream.
        """
        try:
            parts = urlsplit(url)
            named = bool(parts.hostname) and parts.port != 0 and len(parts.path.strip("/").split("/")) > 1
        except ValueError:
            named = False
        if not named:
            raise ConfigError("this RTMP URL names no host, application and stream", hint="write rtmp://host/app/name")
        return cls(url=SecretStr(url))

    def input(self, *, sound: bool = True) -> Input:
        """What is to be read."""
        url = self.url.get_secret_value()
        return Input(
            url,
            redact(url),
            format="live_flv",
            options={"rtmp_live": "live", "analyzeduration": _ANALYSE_US, "fpsprobesize": "0"},
            host=urlsplit(url).hostname,
            sound=sound,
            open_s=self.open_timeout_s,
            silence_s=self.read_timeout_s,
            threads=self.threads,
            hardware=self.hardware,
        )


class RtmpSource:
    """Pulls one stream of a server until it fails."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        self._intake = Intake(options.input(sound=sound))
        self._name = redact(options.url.get_secret_value())

    @property
    def live(self) -> bool:
        """Always: whoever publishes does not wait."""
        return True

    @property
    def name(self) -> str:
        """Host and application."""
        return self._name

    @property
    def damage(self) -> Damage:
        """What could not be decoded so far."""
        return self._intake.damage

    @property
    def decoder(self) -> str:
        """Which decoder works, once the stream is open."""
        return self._intake.decoder

    async def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        """Pictures and sound; see :class:`~proxy.sources.protocol.Source`."""
        async with aclosing(self._intake.items()) as items:
            async for item in items:
                yield item
