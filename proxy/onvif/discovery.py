"""WS-Discovery: who on this network says to be a camera. Asked once by multicast, on the networks that the machine is in."""

from __future__ import annotations

import asyncio
import socket
import struct
import uuid
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from proxy.errors import SourceUnreachable
from proxy.onvif.soap import Fault, Malformed, every, parsed, text_of

GROUP: Final = ("239.255.255.250", 3702)
_AGAIN_S: Final = 0.5
_DATAGRAM: Final = 65_507
_MOST: Final = 256
_HINT: Final = "name this machine's address on the cameras' network with --interface"
_PROBE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>uuid:{id}</w:MessageID>'
    "<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>"
    "<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>"
    "<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A camera that answered: ``host`` is where the answer came from, ``service`` the address of its device service."""

    host: str
    service: str
    name: str
    model: str


def found(datagram: bytes, sender: str) -> list[Found]:
    """The cameras that an answer names. Only services at the ``sender``'s own address count: nobody is sent elsewhere."""
    try:
        root = parsed(datagram)
    except (Malformed, Fault):
        return []
    cameras = []
    for match in every(root, "ProbeMatch"):
        scopes = [scope for scope in text_of(match, "Scopes").split() if scope.startswith("onvif://")]
        services = [address for address in text_of(match, "XAddrs").split() if _own(address, sender)]
        if services:
            cameras.append(Found(sender, services[0], _scope(scopes, "name"), _scope(scopes, "hardware")))
    return cameras


def _own(address: str, sender: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.hostname == sender and port != 0


def _scope(scopes: list[str], kind: str) -> str:
    mark = f"/{kind}/"
    text = next((unquote(scope.partition(mark)[2]) for scope in scopes if mark in scope), "")
    return "".join(letter for letter in text if letter.isprintable())[:80]


async def discover(*, wait_s: float, interface: str | None = None) -> list[Found]:
    """Everybody who answers within ``wait_s``, each once.

    Args:
        interface: this machine's address on the network to ask; the one that leads out if unset.

    Raises:
        SourceUnreachable: this machine cannot ask.
    """
    loop = asyncio.get_running_loop()
    answers = _Answers()
    try:
        transport, _ = await loop.create_datagram_endpoint(lambda: answers, sock=_asking(interface))
    except OSError as error:
        raise SourceUnreachable(f"cannot ask the network: {error.strerror}", hint=_HINT) from error
    try:
        probe = _PROBE.format(id=uuid.uuid4()).encode()
        for number in range(2):
            await asyncio.sleep(min(_AGAIN_S, wait_s / 3) * number)
            transport.sendto(probe, GROUP)
        await asyncio.sleep(wait_s)
    finally:
        transport.close()
    if answers.failure is not None and not answers.cameras:
        raise SourceUnreachable(f"cannot ask the network: {answers.failure}", hint=_HINT)
    return sorted(answers.cameras.values(), key=lambda camera: (len(camera.host), camera.host))


def _asking(interface: str | None) -> socket.socket:
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        asking.setblocking(False)
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 1))
        if interface:
            asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        asking.bind((interface or "", 0))
    except BaseException:
        asking.close()
        raise
    return asking


@dataclass
class _Answers(asyncio.DatagramProtocol):
    """Cameras by the address of their service; bounded."""

    cameras: dict[str, Found] = field(default_factory=dict)
    failure: str | None = None

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        if len(data) <= _DATAGRAM and len(self.cameras) < _MOST:
            self.cameras |= {camera.service: camera for camera in found(data, str(addr[0]))}

    def error_received(self, exc: Exception) -> None:
        self.failure = getattr(exc, "strerror", None) or str(exc)
