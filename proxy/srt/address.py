"""Where to meet an SRT peer, and as whom. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

LATENCY_MS: Final = 200
_KNOWN: Final = frozenset({"mode", "streamid", "passphrase", "latency", "pbkeylen"})
_PASSPHRASE: Final = (10, 79)
_STREAMID_LIMIT: Final = 512
_LATENCY_LIMIT: Final = 8000


@dataclass(frozen=True, slots=True)
class Address:
    """One end of an SRT connection.

    Attributes:
        host: whom to call, or the address to listen on; empty for all of this machine's.
        port: UDP.
        listener: whether the peer calls us.
        streamid: what is asked for as a caller, what callers have to ask for as a listener; empty for anything.
        passphrase: encrypts; empty for none.
        latency_ms: how long packets wait for lost ones to be sent again.
        key_bytes: length of the key: 16, 24 or 32; 0 lets the peer choose.
    """

    host: str
    port: int
    listener: bool
    streamid: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    latency_ms: int = LATENCY_MS
    key_bytes: int = 0

    @classmethod
    def parse(cls, url: str, *, streamid: str = "", passphrase: str = "", latency_ms: int | None = None) -> Self:
        """The parts of ``srt://host:port?mode=…&streamid=…&passphrase=…&latency=…``; what is given apart wins.

        Raises:
            ValueError: it is no such address; the message does not repeat it.
        """
        parts = urlsplit(url)
        if parts.scheme != "srt":
            raise ValueError("expected srt://")
        try:
            port = parts.port
        except ValueError:
            port = None
        if not port or parts.path.strip("/") or "@" in parts.netloc:
            raise ValueError("expected a port between 1 and 65535, no path, and no user")
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        unknown = sorted(asked.keys() - _KNOWN)
        if unknown:
            raise ValueError(f"unknown option {unknown[0]}: known are {', '.join(sorted(_KNOWN))}")
        listener = _is_listener(asked.get("mode", ""), parts.hostname)
        latency = _number("latency", asked.get("latency", str(LATENCY_MS))) if latency_ms is None else latency_ms
        found = cls(
            parts.hostname or "",
            port,
            listener,
            streamid or asked.get("streamid", ""),
            passphrase or asked.get("passphrase", ""),
            latency,
            _number("pbkeylen", asked.get("pbkeylen", "0")),
        )
        found._check()
        return found

    @property
    def name(self) -> str:
        """The address for people, without what is secret in it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"srt://{host}:{self.port}" + (" (listening)" if self.listener else "")

    def _check(self) -> None:
        if self.passphrase and not _PASSPHRASE[0] <= len(self.passphrase.encode()) <= _PASSPHRASE[1]:
            raise ValueError("a passphrase has 10 to 79 bytes")
        if len(self.streamid.encode()) > _STREAMID_LIMIT:
            raise ValueError(f"a stream id has at most {_STREAMID_LIMIT} bytes")
        if not 0 <= self.latency_ms <= _LATENCY_LIMIT:
            raise ValueError(f"expected a latency of 0 to {_LATENCY_LIMIT} milliseconds")
        if self.key_bytes not in (0, 16, 24, 32):
            raise ValueError("expected a pbkeylen of 16, 24 or 32")


def _is_listener(mode: str, host: str | None) -> bool:
    if mode not in ("", "caller", "listener"):
        raise ValueError("expected mode=caller or mode=listener")
    if mode == "caller" and not host:
        raise ValueError("a caller needs a host")
    return mode == "listener" or not host


def _number(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise ValueError(f"expected a whole number as {name}")
    return int(text)
