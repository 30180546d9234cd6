"""Where one of our own HTTP servers listens, and the certificate with which it shows who it is."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path

from pydantic import Field, model_validator

from proxy.errors import ConfigError
from proxy.options import Options
from proxy.settings.problems import refusal


class ServingSettings(Options):
    """The settings of whatever serves HTTP here."""

    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    tls_cert: Path | None = Field(default=None, description="serve HTTPS with this certificate and its chain, PEM")
    tls_key: Path | None = Field(default=None, description="the certificate's private key, PEM")

    @model_validator(mode="after")
    def _both_halves(self) -> ServingSettings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise refusal("tls_cert and tls_key belong together", field="tls_key" if self.tls_cert else "tls_cert")
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def tls(self) -> ssl.SSLContext | None:
        """What to listen with; ``None`` where it is plain HTTP.

        Raises:
            ConfigError: the files cannot be used.
        """
        if self.tls_cert is None or self.tls_key is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.tls_cert, self.tls_key)
        except OSError as error:
            problem = error.strerror or "not a certificate and its key"
            raise ConfigError(
                f"tls_cert and tls_key cannot be used: {problem}", hint="two PEM files are needed, readable by this user"
            ) from error
        return context
