"""An RTSP camera: H.264, HEVC or MJPEG over TCP or UDP, with Basic or Digest authentication."""

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

_ANALYSE_US: Final = "500000"
_TLS_PORT: Final = 322
_DATAGRAMS: Final = {"buffer_size": "1048576"}
"""Room for a whole keyframe's datagrams, which come at once."""


class Options(TlsOptions):
    """An RTSP camera."""

    type: Literal["rtsp"] = "rtsp"
    url: SecretStr
    """`rtsp://user:password@host:port/path`, or `rtsps://…`"""
    transport: Literal["tcp", "udp"] = "tcp"
    """how the picture travels: in the RTSP connection, or in datagrams of its own"""
    open_timeout_s: float = Field(default=5.0, gt=0, le=60)
    """how long the camera may take to answer"""
    read_timeout_s: float = Field(default=10.0, ge=2, le=120)
    """how long the camera may send nothing"""
    threads: int = Field(default=1, ge=0, le=16)
    """decoder threads; 0 lets the decoder choose"""
    hardware: HardwareDecoding = HardwareDecoding.AUTO
    """which device decodes, where it opens; otherwise software does"""

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from an RTSP URL.

        Raises:
            ConfigError: the URL names no host, or a port that is none.
        """
        try:
            parts = urlsplit(url)
            named = bool(parts.hostname) and parts.port != 0
        except ValueError:
            named = False
        if not named:
            raise ConfigError("this RTSP URL names no host and port", hint="write rtsp://user:password@192.168.1.10:554/stream")
        return cls(url=SecretStr(url))

    def input(self, *, sound: bool = True) -> Input:
        """What is to be read."""
        url = self.url.get_secret_value()
        parts = urlsplit(url)
        tls = parts.scheme.lower() == "rtsps"
        trust = trust_of(self, parts.hostname or "", parts.port or _TLS_PORT) if tls else None
        return Input(
            url,
            redact(url),
            format="rtsp",
            options={
                "rtsp_transport": self.transport,
                "analyzeduration": _ANALYSE_US,
                "allowed_media_types": "video+audio" if sound else "video",
                **(_DATAGRAMS if self.transport == "udp" else {}),
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


class RtspSource(Intake):
    """Pulls one stream of a camera until it fails."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        super().__init__(options.input(sound=sound))
