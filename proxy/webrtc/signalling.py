"""The calling side of WHIP (RFC 9725) and of WHEP: an offer is sent, and what was agreed on is ended when it is over.

1. Over TLS the other side's certificate and name are verified, always. A token goes to the address it was given for and no other,
   and a redirect leads to no host that the settings do not name.
2. ICE servers are those of the settings; what the other side names in Link headers is not followed.
3. Every wait has an end, the goodbye included.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from pydantic import Field, SecretStr
from yarl import URL

from proxy.errors import ConfigError
from proxy.media.redact import redact
from proxy.webrtc.endpoint import OFFER
from proxy.webrtc.options import PeerOptions
from proxy.webrtc.peer import Peer, Refused
from proxy.webrtc.sdp import LIMIT

GOODBYE_S: Final = 2.0
_REDIRECTS: Final = 3
_MOVED: Final = (307, 308)
_TOLD: Final = 120


class Declined(Exception):
    """The other side answered and said no; ``hint`` says what to do."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Unanswered(Exception):
    """The other side cannot be reached, or the way to it broke; ``hint`` says what to do."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class CallerOptions(PeerOptions):
    """The settings of whoever calls an address of WHIP or WHEP."""

    url: SecretStr = Field(description="where to call")
    token: SecretStr = Field(default=SecretStr(""), description="sent as Bearer token")
    ca_file: Path | None = Field(default=None, description="certificates to trust instead of the system's, PEM")
    hosts: tuple[str, ...] = Field(default=(), description="other hosts to which a redirect may lead")

    def address(self) -> Address:
        """Where to call.

        Raises:
            ConfigError: ``url`` is no such address.
        """
        return Address.parse(self.url.get_secret_value())


C = TypeVar("C", bound=CallerOptions)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to call: ``url`` for HTTP, which may hold a key; ``name`` for people; ``host``."""

    url: str = field(repr=False)
    name: str
    host: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address in ``whip://…``, ``whips://…``, ``whep://…`` or ``wheps://…``.

        Raises:
            ConfigError: it names no host, or a port that is none.
        """
        try:
            parts = urlsplit(text)
            named = bool(parts.hostname) and parts.port != 0
        except ValueError:
            named = False
        if not named or parts.hostname is None:
            raise ConfigError("this address names no host and port", hint="write whips://host/path, or whip:// without TLS")
        scheme = "https" if parts.scheme.endswith("s") else "http"
        return cls(urlunsplit(parts._replace(scheme=scheme, fragment="")), redact(text), parts.hostname)


def reaching(options: C, host: str) -> C:
    """``options`` for a peer that meets ``host``: on this machine itself, by its loopback address."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    met = "::1" if host == "::1" else "127.0.0.1"
    return options.model_copy(update={"addresses": (met,)}) if loopback and not options.addresses else options


@asynccontextmanager
async def agreed(peer: Peer, options: CallerOptions) -> AsyncIterator[None]:
    """A session of ``peer``, connected when the context is entered; it is ended, and the peer closed, when it is left.

    Raises:
        Declined: the other side does not want it, or is not who it should be.
        Unanswered: it cannot be reached, by HTTP or by media.
    """
    address = options.address()
    try:
        timeout = aiohttp.ClientTimeout(total=options.connect_timeout_s)
        connector = aiohttp.TCPConnector(ssl=_trusted(address, options.ca_file))
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
            with _mapped(address.name, options):
                ending = await _offered(client, peer, address, options)
            try:
                with _mapped(address.name, options):
                    await peer.until_connected(options.connect_timeout_s)
                yield
            finally:
                await _end(client, ending)
    finally:
        await peer.close()


async def whole(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body of ``answer``, at most ``limit`` bytes.

    Raises:
        ValueError: it is longer.
    """
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > limit:
            raise ValueError("the answer is too long")
    return bytes(body)


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a session is ended: where, and with which headers."""

    url: URL
    headers: dict[str, str]


async def _offered(client: aiohttp.ClientSession, peer: Peer, address: Address, options: CallerOptions) -> _Ending | None:
    token = options.token.get_secret_value()
    url, body = URL(address.url), await peer.offer()
    for _ in range(1 + _REDIRECTS):
        headers = {"Authorization": f"Bearer {token}"} if token and url.origin() == URL(address.url).origin() else {}
        sent = {"Content-Type": OFFER, **headers}
        async with client.post(url, data=body, headers=sent, allow_redirects=False) as answer:
            text = (await whole(answer, LIMIT)).decode(errors="replace")
            moved = answer.headers.get("Location", "") if answer.status in _MOVED else ""
            if moved:
                url = _named(url.join(URL(moved)), address, options)
                continue
            if answer.status != 201:
                raise _refusal(address.name, answer.status, text)
            ending = _ending(answer, address, options, headers)
        try:
            await peer.accept(text)
        except BaseException:
            await _end(client, ending)
            raise
        return ending
    raise Declined(f"{address.name} sends us on and on", hint="name the place that it leads to as url")


def _named(url: URL, address: Address, options: CallerOptions) -> URL:
    """``url``, to which the other side leads.

    Raises:
        Declined: neither its host is the one in the settings, nor do they name it; or it leads away from TLS.
    """
    if (url.host or "").lower() not in {address.host.lower(), *(host.lower() for host in options.hosts)}:
        raise Declined(f"{address.name} sends us to {url.host}", hint="name that host in hosts, if it is meant to")
    if url.scheme not in ("http", "https") or (address.url.startswith("https:") and url.scheme != "https"):
        raise Declined(f"{address.name} sends us away from TLS", hint="name the place that it leads to as url")
    return url


def _ending(answer: aiohttp.ClientResponse, address: Address, options: CallerOptions, headers: dict[str, str]) -> _Ending | None:
    """How what ``answer`` agreed to is ended; ``None`` where it does not say, or names a place that the settings do not."""
    location = answer.headers.get("Location")
    if not location:
        return None
    with suppress(Declined):
        url = _named(answer.url.join(URL(location)), address, options)
        return _Ending(url, headers if url.origin() == answer.url.origin() else {})
    return None


async def _end(client: aiohttp.ClientSession, ending: _Ending | None) -> None:
    """Say that the session is over; one that cannot be told will notice by itself."""
    if ending is None:
        return
    with suppress(aiohttp.ClientError, OSError, TimeoutError):
        limit = aiohttp.ClientTimeout(total=GOODBYE_S)
        async with client.delete(ending.url, headers=ending.headers, timeout=limit, allow_redirects=False):
            pass


def _refusal(name: str, status: int, text: str) -> Declined | Unanswered:
    lines = text.strip().splitlines()
    why = f" {redact(lines[0][:_TOLD])}" if lines else ""
    match status:
        case 401 | 403:
            return Declined(f"{name} refused the token", hint="set token, or check it")
        case 404:
            return Declined(f"{name}: no such stream", hint="check the path in the URL")
        case 409:
            return Declined(f"{name} is taken:{why}", hint="somebody else publishes there")
        case _ if status >= 500:
            return Unanswered(f"{name} answered {status}{why}", hint="it may be starting, or have no picture yet")
        case _:
            return Declined(f"{name} answered {status}{why}", hint="check the URL, and that it speaks WHIP or WHEP with H.264")


def _trusted(address: Address, ca_file: Path | None) -> ssl.SSLContext | bool:
    if not address.url.startswith("https:"):
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        reason = error.strerror or "no certificates in it"
        raise Declined(f"ca_file {ca_file} cannot be used: {reason}", hint="a PEM file is needed") from error


@contextmanager
def _mapped(name: str, options: CallerOptions) -> Iterator[None]:
    """Turn what the network, TLS, HTTP and WebRTC raise into ``Declined`` and ``Unanswered``."""
    try:
        yield
    except Refused as refusal:
        raise Declined(f"{name}: {refusal}", hint="check that it speaks WHIP or WHEP, with H.264") from refusal
    except aiohttp.ClientConnectorCertificateError as error:
        reason = getattr(error.certificate_error, "verify_message", "") or "wrong name"
        hint = "set ca_file to its own authority, if that is what it has"
        raise Declined(f"{name}: certificate not trusted: {reason}", hint=hint) from error
    except aiohttp.ClientConnectorError as error:
        raise Unanswered(f"{name}: {_reason(error.os_error)}", hint="check the address and the network") from None
    except TimeoutError as error:
        raise Unanswered(f"{name}: no way to it within {options.connect_timeout_s:g} s", hint=_NO_WAY) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Unanswered(f"{name}: {redact(str(error))}", hint=_NO_WAY) from None


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "no such host"
    return os.strerror(error.errno).lower() if error.errno else "no connection"


_NO_WAY: Final = "check the address; behind NAT, name a TURN server in ice_servers"
