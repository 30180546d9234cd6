"""The one way by which text that may hold a URL, password or stream key is made fit to be read."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"

_URL: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>[^\s'\"<>]+)", re.IGNORECASE)
_HOST: Final = re.compile(r"(\[[^\]]*\]|[^:]*)(:\d*)?\W*")
_KEYED: Final = frozenset({"rtmp", "rtmps", "srt", "whip", "whips"})
_PATHS: Final = frozenset({"file", "hls", "device"})


def redact(text: str) -> str:
    """``text`` with the secrets of every URL in it replaced by ``***``.

    Userinfo and query values go from every URL; for schemes that carry a stream key in the path (RTMP, WHIP) everything after
    the first path segment goes too. Host, port and application stay: they say which peer is meant. A password may hold ``/``,
    ``?`` or ``#``, so userinfo reaches to the last ``@``, and what follows a host's colon must be a number to stay.
    """
    return _URL.sub(_redact_url, text)


def _redact_url(match: re.Match[str]) -> str:
    scheme, rest = match["scheme"].lower(), match["rest"]
    if scheme in _PATHS:
        return match[0]
    user, at, place = rest.rpartition("@")
    address, _, query = re.sub("[?#]", "?", place, count=1).partition("?")
    authority, slash, path = address.partition("/")
    host = authority if at or _HOST.fullmatch(authority) else HIDDEN
    if scheme in _KEYED and "/" in path:
        path = f"{path.partition('/')[0]}/{HIDDEN}"
    hidden_user = f"{HIDDEN}@" if user else ""
    hidden_query = f"?{HIDDEN}" if query else ""
    return f"{scheme}://{hidden_user}{host}{slash}{path}{hidden_query}"
