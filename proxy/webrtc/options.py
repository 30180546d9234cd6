"""What the user may say about WebRTC: who helps to find a way to the other side, and on which addresses we are met."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from proxy import options
from proxy.errors import ConfigError

_SERVER: Final = r"^(stun:[^\s?<>\"]+|turns?:[^\s?<>\"]+(\?transport=(udp|tcp))?)$"


def _resolved(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return options.resolve(value)
    except ConfigError as error:
        raise ValueError(error.message) from error


def _is_address(text: str) -> str:
    ipaddress.ip_address(text)
    return text


class IceServer(options.Options):
    """A STUN or TURN server that helps peers behind NAT to meet."""

    url: str = Field(pattern=_SERVER, description="`stun:host:port`, `turn:host:port?transport=udp` or `turns:…?transport=tcp`")
    username: str = Field(default="", pattern=r"^[^\"\\\x00-\x1f]*$", description="for TURN")
    credential: Annotated[SecretStr, BeforeValidator(_resolved)] = Field(default=SecretStr(""), description="for TURN")

    def link(self) -> str:
        """The value of a Link header that tells a client of it (RFC 9725, section 4.6)."""
        told = f'<{self.url}>; rel="ice-server"'
        if not self.username:
            return told
        secret = self.credential.get_secret_value().replace("\\", "\\\\").replace('"', '\\"')
        return f'{told}; username="{self.username}"; credential="{secret}"; credential-type="password"'


class PeerOptions(options.Options):
    """The settings that every kind of WebRTC peer has."""

    ice_servers: tuple[IceServer, ...] = Field(default=(), description="STUN and TURN servers; nobody is asked unless named here")
    addresses: tuple[Annotated[str, AfterValidator(_is_address)], ...] = Field(
        default=(), description="this machine's own IP addresses on which media travels; unset: that of `control.host`"
    )
    connect_timeout_s: float = Field(default=10.0, gt=0, le=60, description="how long the other side may take to connect")
