"""One place on the web that is read from: its URL, its credentials, its certificates, and its errors in our words. Blocking.

1. Certificates and names are verified, always; nobody is led from https to http, or to a host that the settings do not name.
2. User and password go to the scheme, host and port that they were given for, and to no other; no proxy is asked.
3. Every read has a timeout, and ``stop`` ends one that waits, from any thread.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from proxy.errors import SourceRejected, SourceUnreachable
from proxy.media.redact import redact

AGENT: Final = "veilcast"
_ELSEWHERE: Final = "name the place that it leads to as url; or, where it is meant to, its host in hosts"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to read from.

    Attributes:
        url: without user and password.
        name: redacted, for errors.
        user, password: for Basic or Digest authentication; empty for none.
        ca_file: certificates to trust instead of the system's.
        open_s: how long an answer may take.
        silence_s: how long nothing may come.
        hosts: those beside its own to which a playlist or a redirect may lead.
    """

    url: str
    name: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    open_s: float = 5.0
    silence_s: float = 10.0
    hosts: tuple[str, ...] = ()

    @classmethod
    def parse(cls, url: str, *, ca_file: Path | None, open_s: float, silence_s: float, hosts: tuple[str, ...] = ()) -> Place:
        """The place of ``http[s]://user:password@host:port/path``.

        Raises:
            ValueError: the URL is none, or names no host, or a port that is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("expected http:// or https:// with a host")
        bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(bare, redact(url), user, password, ca_file, open_s, silence_s, hosts)

    def refusal(self, url: str, *, since: str = "") -> str:
        """Why nobody may be led to ``url``, from ``since`` or from here; empty where one may."""
        parts, before = urlsplit(url), since or self.url
        if parts.scheme not in _allowed(before):
            return "leads from https to http" if parts.scheme == "http" else "leads to another scheme"
        known = {(urlsplit(self.url).hostname or "").lower(), *(host.lower() for host in self.hosts)}
        return "" if (parts.hostname or "").lower() in known else f"leads to another host, {str(parts.hostname)[:100]}"


class Fetcher:
    """Fetches what belongs to one place. Used by one thread, and stopped by any."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.stopped = threading.Event()
        # No descriptor may be closed, and its number taken by another, while ``stop`` looks at it.
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._opener: urllib.request.OpenerDirector | None = None

    def get(self, url: str) -> http.client.HTTPResponse:
        """The answer to a request for ``url``, whose body is still to be read.

        Raises:
            SourceUnreachable: no such host, refused, silent, or stopped.
            SourceRejected: it says no, or its certificate is not to be trusted.
        """
        with self.mapped():
            if refusal := self.place.refusal(url):
                raise SourceRejected(f"{self.place.name} {refusal}", hint=_ELSEWHERE)
            request = urllib.request.Request(url, headers={"User-Agent": AGENT, "Accept": "*/*"})  # noqa: S310 - checked above
            if self._opener is None:
                self._opener = self._made()
            answer: http.client.HTTPResponse = self._opener.open(request, timeout=self.place.open_s)
            if self._socket is not None:
                self._socket.settimeout(self.place.silence_s)
            return answer

    def read(self, answer: http.client.HTTPResponse, size: int) -> bytes:
        """What has come of ``answer``, at most ``size`` bytes; waits for some; nothing at its end.

        Raises:
            SourceUnreachable: nothing came for too long, or the connection broke.
        """
        with self.mapped():
            return answer.read1(size)

    def stop(self) -> None:
        """End whatever waits."""
        self.stopped.set()
        with self._guard:
            if self._socket is not None and self._socket.fileno() >= 0:
                _shut(self._socket)

    def close(self) -> None:
        """Close the connection in use; from the thread that reads."""
        self._hold(None)

    def connected(self, held: socket.socket) -> None:
        """Note the connection in use, and let the one before it go; called from within a request."""
        self._hold(held)
        if self.stopped.is_set():
            self.stop()

    def _hold(self, held: socket.socket | None) -> None:
        with self._guard:
            before, self._socket = self._socket, held
            # Answers that were given up half-way hold on to their socket: closing it would wait for them.
            if before is not None and before.fileno() >= 0:
                os.close(before.detach())

    @contextmanager
    def mapped(self) -> Iterator[None]:
        """Turn what the network, TLS and HTTP raise into errors of ours."""
        name = self.place.name
        try:
            yield
        except urllib.error.HTTPError as error:
            error.close()
            raise _refusal(name, error.code) from None
        except urllib.error.URLError as error:
            raise _unreached(name, error.reason) from None
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise _unreached(name, error) from None

    def _made(self) -> urllib.request.OpenerDirector:
        place = self.place
        try:
            context = ssl.create_default_context(cafile=place.ca_file)
        except OSError as error:
            reason = error.strerror or "no certificates in it"
            raise SourceRejected(f"ca_file {place.ca_file} cannot be used: {reason}", hint="a PEM file is needed") from None
        handlers: list[urllib.request.BaseHandler] = [
            urllib.request.ProxyHandler({}),
            _Plain(self),
            _Secure(self, context),
            _Redirects(self.place),
        ]
        if place.user:
            passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            passwords.add_password(None, _origin(place.url), place.user, place.password)
            handlers += [urllib.request.HTTPBasicAuthHandler(passwords), urllib.request.HTTPDigestAuthHandler(passwords)]
        return urllib.request.build_opener(*handlers)


def _shut(held: socket.socket) -> None:
    """End a connection that another thread may be reading from, without touching the object that it reads with."""
    with suppress(OSError), socket.socket(fileno=os.dup(held.fileno())) as same:
        same.shutdown(socket.SHUT_RDWR)


class _Plain(urllib.request.HTTPHandler):
    """HTTP whose sockets are noted."""

    def __init__(self, fetcher: Fetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        fetcher = self._fetcher

        class Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                fetcher.connected(self.sock)

        return self.do_open(Connection, request)


class _Secure(urllib.request.HTTPSHandler):
    """HTTPS whose sockets are noted."""

    def __init__(self, fetcher: Fetcher, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._fetcher, self._trusted = fetcher, context

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        fetcher = self._fetcher

        class Connection(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                fetcher.connected(self.sock)

        return self.do_open(Connection, request, context=self._trusted)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Redirects that lead neither away from TLS nor to a host that is not named."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if refusal := self._place.refusal(newurl, since=req.full_url):
            raise SourceRejected(f"{self._place.name} {refusal}", hint=_ELSEWHERE)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _allowed(url: str) -> tuple[str, ...]:
    return ("https",) if url.startswith("https:") else ("http", "https")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _refusal(name: str, code: int) -> SourceRejected | SourceUnreachable:
    match code:
        case 401 | 403:
            return SourceRejected(f"{name} refused the user name or password", hint="check the user name and password in the URL")
        case 404 | 410:
            return SourceRejected(f"{name}: no such stream", hint="check the path in the URL; cameras name it in their settings")
        case _ if code >= 500:
            return SourceUnreachable(f"{name} answered {code}", hint="it may be starting, or overloaded")
        case _:
            return SourceRejected(f"{name} answered {code}", hint="check the URL")


def _unreached(name: str, reason: BaseException | str) -> SourceRejected | SourceUnreachable:
    match reason:
        case ssl.SSLCertVerificationError():
            hint = "set ca_file to the camera's own certificate, if that is what it has"
            return SourceRejected(f"{name}: certificate not trusted: {reason.verify_message}", hint=hint)
        case ssl.SSLError():
            return SourceUnreachable(f"{name}: no TLS: {reason.reason}", hint="check http against https, and the port")
        case TimeoutError():
            return SourceUnreachable(f"{name} is silent", hint="check the camera and its network")
        case ConnectionRefusedError():
            return SourceUnreachable(f"{name} refused the connection", hint="check the port, and that the camera streams")
        case socket.gaierror():
            return SourceUnreachable(f"{name}: no such host", hint="check the camera's address")
        case _:
            text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
            return SourceUnreachable(f"{name} failed: {redact(text)}", hint="check the camera and its network")
