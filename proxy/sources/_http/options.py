"""The settings that every source over HTTP has."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr

from proxy import options
from proxy.errors import ConfigError
from proxy.sources._http.fetching import Place


class HttpOptions(options.Options):
    """Where to read from, and how long to wait."""

    url: SecretStr = Field(description="`http://user:password@host/path`, or `https://…`")
    ca_file: Path | None = Field(default=None, description="certificates to trust instead of the system's, PEM")
    hosts: tuple[str, ...] = Field(default=(), description="other hosts to which a playlist or a redirect may lead")
    open_timeout_s: float = Field(default=5.0, gt=0, le=60, description="how long an answer may take")
    read_timeout_s: float = Field(default=10.0, ge=2, le=120, description="how long nothing may come")

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Options from an HTTP URL.

        Raises:
            ConfigError: the URL names no host, or a port that is none.
        """
        chosen = cls(url=SecretStr(url))
        chosen.place()
        return chosen

    def place(self) -> Place:
        """Where to read from.

        Raises:
            ConfigError: the URL names no host, or a port that is none.
        """
        url = self.url.get_secret_value()
        try:
            return Place.parse(
                url, ca_file=self.ca_file, open_s=self.open_timeout_s, silence_s=self.read_timeout_s, hosts=self.hosts
            )
        except ValueError:
            hint = "write http://user:password@192.168.1.10/path, or https://…"
            raise ConfigError("this HTTP URL names no host and port", hint=hint) from None
