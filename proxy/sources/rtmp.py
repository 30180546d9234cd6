"""A stream that an RTMP server plays: what somebody else publishes there, such as the ingest of a platform."""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from proxy.errors import ConfigError
from proxy.media.redact import redact
from proxy.sources.hardware import HardwareDecoding
from proxy.sources.opening import Input
from proxy.sources.reading import Intake
from proxy.sources.trust import TlsOptions, trust_of

_TLS_PORT: Final = 443
_ANALYSE_US: Final = "5000000"
"""The first picture may come some seconds after the first sound; and a rate is not waited for."""


class Options(TlsOptions):
    """A stream that an RTMP server plays."""

    type: Literal["rtmp"] = "rtmp"
    url: SecretStr
    """`rtmp://host:port/app/name`, or `rtmps://…`"""
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
        parts = urlsplit(url)
        tls = parts.scheme.lower() == "rtmps"
        trust = trust_of(self, parts.hostname or "", parts.port or _TLS_PORT) if tls else None
        return Input(
            url,
            redact(url),
            format="live_flv",
            options={
                "rtmp_live": "live",
                "analyzeduration": _ANALYSE_US,
                "fpsprobesize": "0",
                **(trust.options() if trust else {}),
            },
            host=parts.hostname,
            sound=sound,
            open_s=self.open_timeout_s,
            silence_s=self.read_timeout_s,
            threads=self.threads,
            hardware=self.hardware,
            trust=trust,
        )


class RtmpSource(Intake):
    """Pulls one stream of a server until it fails."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        super().__init__(options.input(sound=sound))
