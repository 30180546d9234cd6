"""Where to publish: the parts of an ``rtmp://`` address. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from proxy.media.redact import HIDDEN


@dataclass(frozen=True, slots=True)
class Address:
    """A platform's ingest. ``app`` is the application, ``key`` the stream key with its query; the key is in no text."""

    host: str
    port: int
    tls: bool
    app: str
    key: str = field(repr=False)

    @classmethod
    def parse(cls, url: str, *, key: str = "") -> Address:
        """The parts of ``rtmp[s]://host[:port]/app[/instance]/key``, or of an address without key when ``key`` is given.

        Raises:
            ValueError: it is no such address; the message does not repeat it.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("rtmp", "rtmps"):
            raise ValueError("expected rtmp:// or rtmps://")
        if "@" in parts.netloc:
            raise ValueError("user and password in the address are not supported: use the platform's stream key")
        try:
            port = parts.port
        except ValueError:
            raise ValueError("expected a port between 0 and 65535") from None
        path = parts.path.strip("/")
        if not parts.hostname or not path:
            raise ValueError("expected rtmp://host/app/key")
        app, _, last = (path, "", "") if key else path.rpartition("/")
        if not app:
            app, last = last, ""
        query = f"?{parts.query}" if parts.query else ""
        tls = parts.scheme == "rtmps"
        return cls(parts.hostname, port or (443 if tls else 1935), tls, app, key or last + query)

    @property
    def base(self) -> str:
        """The address without the key, as ``connect`` tells it to the peer."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.tls else 1935
        port = "" if self.port == default else f":{self.port}"
        return f"{'rtmps' if self.tls else 'rtmp'}://{host}{port}/{self.app}"

    @property
    def name(self) -> str:
        """The address for people, without what is secret in it."""
        base = self.base if "/" not in self.app else self.base.removesuffix(self.app) + self.app.partition("/")[0]
        return f"{base}/{HIDDEN}"
