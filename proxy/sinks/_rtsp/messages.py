"""RTSP 1.0 messages of a client, and its answer to a server that asks who it is (RFC 2326, 2617, 7616). Pure."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

_STATUS: Final = re.compile(r"RTSP/1\.\d (\d{3}) ?([^\r\n]{0,200})")
_PARAMETER: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_HEAD_LIMIT: Final = 16_384
_BODY_LIMIT: Final = 65_536
_HASHES: Final = {"": hashlib.md5, "md5": hashlib.md5, "sha-256": hashlib.sha256}


class Violation(Exception):
    """The peer does not speak RTSP."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered; header names in lower case."""

    status: int
    reason: str
    headers: dict[str, list[str]]

    def first(self, name: str) -> str:
        """The first header of that name; empty where there is none."""
        return next(iter(self.headers.get(name, [])), "")

    @property
    def session(self) -> str:
        """The session's id, without its timeout."""
        return self.first("session").partition(";")[0].strip()


@dataclass(slots=True)
class Incoming:
    """What came from the server and is not understood yet. Packets in between are skipped."""

    _bytes: bytearray = field(default_factory=bytearray)

    def receive_data(self, data: bytes) -> list[Response]:
        """The responses that became whole with ``data``.

        Raises:
            Violation: this is no RTSP.
        """
        self._bytes += data
        responses = []
        while self._bytes:
            if self._bytes[0] == ord("$"):
                if len(self._bytes) < 4 or len(self._bytes) < (size := 4 + int.from_bytes(self._bytes[2:4])):
                    break
                del self._bytes[:size]
                continue
            taken = self._response()
            if taken is None:
                break
            responses.append(taken)
        return responses

    def _response(self) -> Response | None:
        end = self._bytes.find(b"\r\n\r\n")
        if end < 0:
            if len(self._bytes) > _HEAD_LIMIT or (len(self._bytes) > 4 and not self._bytes.startswith(b"RTSP")):
                raise Violation("no RTSP response")
            return None
        first, *lines = self._bytes[:end].decode("utf-8", "replace").split("\r\n")
        status = _STATUS.match(first)
        if status is None:
            raise Violation("no RTSP response")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        length = headers.get("content-length", ["0"])[0]
        size = int(length) if length.isdecimal() and len(length) < 7 else 0
        if size > _BODY_LIMIT:
            raise Violation("a response without end")
        if len(self._bytes) < end + 4 + size:
            return None
        del self._bytes[: end + 4 + size]
        return Response(int(status[1]), "".join(letter for letter in status[2] if letter.isprintable()), headers)


def request(method: str, url: str, headers: dict[str, str], body: str = "") -> bytes:
    """A request for ``url``, which holds no user."""
    lines = [f"{method} {url} RTSP/1.0", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@dataclass(slots=True)
class Login:
    """A user's answer to challenges; Digest where the server offers it, else Basic."""

    user: str
    password: str = field(repr=False)
    _challenge: dict[str, str] | None = None
    _basic: bool = False
    _count: int = 0

    def challenged(self, response: Response) -> bool:
        """Take the challenges of a 401; false when there is none that can be answered."""
        for text in response.headers.get("www-authenticate", []):
            scheme, _, rest = text.partition(" ")
            parameters = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
            if scheme.lower() == "digest" and parameters.get("algorithm", "").lower() in _HASHES and "nonce" in parameters:
                self._challenge, self._basic, self._count = parameters, False, 0
                return True
            self._basic = self._basic or scheme.lower() == "basic"
        return self._basic

    def header(self, method: str, url: str, *, nonce: str) -> dict[str, str]:
        """The header that answers, if anything asked; ``nonce`` is ours, at random."""
        if self._challenge is not None:
            return {"Authorization": self._digest(self._challenge, method, url, nonce)}
        if self._basic:
            return {"Authorization": "Basic " + _base64(f"{self.user}:{self.password}")}
        return {}

    def _digest(self, asked: dict[str, str], method: str, url: str, nonce: str) -> str:
        def hashed(text: str) -> str:
            return _HASHES[asked.get("algorithm", "").lower()](text.encode()).hexdigest()

        realm, theirs = asked.get("realm", ""), asked["nonce"]
        who, what = hashed(f"{self.user}:{realm}:{self.password}"), hashed(f"{method}:{url}")
        parts = {"username": self.user, "realm": realm, "nonce": theirs, "uri": url}
        if "auth" in (option.strip() for option in asked.get("qop", "").split(",")):
            self._count += 1
            count = f"{self._count:08x}"
            proof = hashed(f"{who}:{theirs}:{count}:{nonce}:auth:{what}")
            rest = f', qop=auth, nc={count}, cnonce="{nonce}"'
        else:
            proof, rest = hashed(f"{who}:{theirs}:{what}"), ""
        quoted = ", ".join(f'{name}="{_quotable(value)}"' for name, value in {**parts, "response": proof}.items())
        extra = "".join(f', {name}="{_quotable(asked[name])}"' for name in ("opaque",) if name in asked)
        algorithm = f", algorithm={asked['algorithm']}" if "algorithm" in asked else ""
        return f"Digest {quoted}{extra}{algorithm}{rest}"


def _quotable(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
