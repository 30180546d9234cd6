"""A camera's device and media services, asked over HTTP."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import aiohttp

from proxy.errors import SourceError, SourceRejected, SourceUnreachable, SourceUnsupported
from proxy.onvif.profiles import Profile, profiles
from proxy.onvif.soap import MEDIA, Credentials, Fault, Malformed, envelope, every, first, parsed, security, text_of

_ANSWER_BYTES: Final = 1 << 20
_DEVICE_PATH: Final = "/onvif/device_service"


def service_of(camera: str) -> str:
    """The device service of ``camera``: a URL, or a host with a port if it is not 80.

    Raises:
        ValueError: it is neither.
    """
    url = camera if "://" in camera else f"http://{camera}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or "@" in parts.netloc:
        raise ValueError("expected a host, HOST:PORT or http://HOST:PORT/onvif/device_service")
    return url if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}{_DEVICE_PATH}"


@dataclass(frozen=True, slots=True)
class About:
    """What a camera says of itself."""

    manufacturer: str
    model: str
    firmware: str


class Camera:
    """One camera's services. Used as a context; every answer is awaited for ``timeout_s``, and bounded.

    Args:
        service: the address of its device service.
        credentials: a user of the camera's, where it asks for one.
    """

    def __init__(self, service: str, credentials: Credentials | None = None, *, timeout_s: float = 5.0) -> None:
        self._service = service
        self._media: str | None = None
        self._credentials = credentials
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._offset = timedelta(0)
        self._host = urlsplit(service).hostname or ""
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        # the environment's proxies would send the camera's address elsewhere
        proof = [aiohttp.DigestAuthMiddleware(self._credentials.user, self._credentials.password)] if self._credentials else []
        self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False, middlewares=proof)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._session.close()

    @property
    def host(self) -> str:
        """Where it is reached."""
        return self._host

    async def meet(self) -> None:
        """Learn the camera's time, which its passwords depend on, and where its media service is.

        Raises:
            SourceError: there is no camera, or it says no.
        """
        asked = time.time()
        try:
            self._offset = _ahead(await self._ask(self._service, "<tds:GetSystemDateAndTime/>", proves=False), asked)
        except SourceRejected:
            # against the specification some tell their time to users only: theirs is taken to be ours then
            self._offset = timedelta(0)
        services = await self._ask(self._service, "<tds:GetCapabilities><tds:Category>Media</tds:Category></tds:GetCapabilities>")
        media = first(services, "Media")
        address = text_of(media, "XAddr") if media is not None else ""
        self._media = self._here(address) or self._here(await self._listed_media()) or self._service

    async def about(self) -> About:
        """What it says of itself.

        Raises:
            SourceError: it does not answer, or says no.
        """
        answer = await self._ask(self._service, "<tds:GetDeviceInformation/>")
        return About(text_of(answer, "Manufacturer"), text_of(answer, "Model"), text_of(answer, "FirmwareVersion"))

    async def profiles(self) -> list[Profile]:
        """Its streams.

        Raises:
            SourceError: it does not answer, or says no.
        """
        return profiles(await self._ask(self._media or self._service, "<trt:GetProfiles/>"))

    async def stream_uri(self, profile: Profile) -> str:
        """Where the stream of ``profile`` is, as the camera says it.

        Raises:
            SourceError: it does not answer, or says no.
        """
        body = (
            "<trt:GetStreamUri><trt:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream><tt:Transport><tt:Protocol>RTSP</tt:Protocol>"
            f"</tt:Transport></trt:StreamSetup><trt:ProfileToken>{escape(profile.token)}</trt:ProfileToken></trt:GetStreamUri>"
        )
        return text_of(await self._ask(self._media or self._service, body), "Uri")

    async def _listed_media(self) -> str:
        try:
            answer = await self._ask(
                self._service, "<tds:GetServices><tds:IncludeCapability>false</tds:IncludeCapability></tds:GetServices>"
            )
        except SourceError:
            return ""
        listed = (text_of(service, "XAddr") for service in every(answer, "Service") if text_of(service, "Namespace") == MEDIA)
        return next(listed, "")

    def _here(self, address: str) -> str:
        """``address`` at the host that is asked: whatever a camera names, nobody else is sent a password."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return ""
        asked = urlsplit(self._service)
        return f"{asked.scheme}://{asked.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    async def _ask(self, service: str, body: str, *, proves: bool = True) -> Element:
        header = ""
        if self._credentials and proves:
            now = (datetime.now(UTC) + self._offset).strftime("%Y-%m-%dT%H:%M:%SZ")
            header = security(self._credentials, nonce=os.urandom(16), created=now)
        try:
            answer = await self._post(service, envelope(body, security=header))
            return parsed(answer)
        except Fault as fault:
            raise self._refusal(fault.denied, str(fault)) from None
        except Malformed as error:
            raise SourceUnsupported(
                f"{self._host} does not answer as an ONVIF camera does", hint="check the address and port"
            ) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = "no answer" if isinstance(error, TimeoutError) else getattr(error, "strerror", None) or type(error).__name__
            raise SourceUnreachable(f"{self._host}: {reason}", hint="check the address, the port and that ONVIF is on") from error

    async def _post(self, service: str, request: bytes) -> bytes:
        kind = {"Content-Type": "application/soap+xml; charset=utf-8"}
        async with self._session.post(service, data=request, headers=kind, allow_redirects=False) as response:
            answer = await response.content.read(_ANSWER_BYTES)
            while len(answer) < _ANSWER_BYTES and (more := await response.content.read(_ANSWER_BYTES - len(answer))):
                answer += more
            if response.status in (401, 403):
                raise self._refusal(True, "")
            return answer

    def _refusal(self, denied: bool, reason: str) -> SourceRejected:
        if not denied:
            return SourceRejected(f"{self._host}: {reason}", hint="check the camera's ONVIF settings")
        if self._credentials is None:
            return SourceRejected(f"{self._host} asks for a user and password", hint="add --user NAME and --password env:NAME")
        return SourceRejected(f"{self._host} refused the user name or password", hint="some cameras keep ONVIF users of their own")


def _ahead(answer: Element, asked: float) -> timedelta:
    """How far the camera's clock is ahead of ours; 0 where it does not tell its time."""
    moment = first(answer, "UTCDateTime")
    if moment is None:
        return timedelta(0)
    try:
        numbers = [int(text_of(moment, name)) for name in ("Year", "Month", "Day", "Hour", "Minute", "Second")]
        year, month, day, hour, minute, second = numbers
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC) - datetime.fromtimestamp(asked, UTC)
    except (ValueError, OverflowError):
        return timedelta(0)
