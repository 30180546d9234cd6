"""The ways in which a stream comes to the gateway, as sources for its process."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from aiohttp import web
from pydantic import SecretStr

from proxy.control.doors import Door, passed_on
from proxy.encoding.packet import VideoCodec
from proxy.gateway.admission import Way
from proxy.platform.relay import Order
from proxy.platform.settings import GatewaySettings
from proxy.platform.viewing import Viewing
from proxy.settings.camera import CameraSettings
from proxy.settings.plugins import AnySource
from proxy.sources import rtmp, rtsp, whip

STARTS_S: Final = 20.0
"""How long a process may take until it hears publishers: it loads its models first."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How streams come in.

    Args:
        settings: the gateway's.
        runtime: the folder of the sockets through which publishers over WebRTC reach their camera's process.
    """

    settings: GatewaySettings
    runtime: Path

    @property
    def viewing(self) -> Viewing:
        """Where whoever watches is answered."""
        return Viewing(self.runtime, self._met_at())

    def watched(self, *, verified: bool) -> bool:
        """Whether what leaves of streams can be watched that are sent on because they are proven, or else are anonymised here."""
        return self.settings.http.live and (verified or self.settings.encoding.codec is VideoCodec.H264)

    def camera(self, name: str, way: Way, address: str | None) -> CameraSettings:
        """How the stream of camera ``name`` is anonymised."""
        camera = self.settings.camera(name, self._source(name, way, address))
        if not self.watched(verified=False):
            return camera
        return camera.model_copy(update={"sinks": (*camera.sinks, *self.viewing.sinks(name, verified=False))})

    def relay(self, name: str, address: str | None) -> Order:
        """How the stream of camera ``name`` is sent on where it is proven."""
        order = self.settings.relay(name, address)
        if not self.watched(verified=True):
            return order
        return order.model_copy(update={"watched": self.viewing.sinks(name, verified=True)})

    async def whip(self, request: web.Request, camera: str) -> web.Response:
        """What the process of ``camera`` says to a publisher."""
        return await passed_on(request, Door(self._door(camera)), within_s=STARTS_S)

    def _source(self, name: str, way: Way, address: str | None) -> AnySource:
        match way:
            case Way.INGEST:
                return rtmp.Options(url=SecretStr(self.settings.ingest(name)))
            case Way.PULL:
                return rtsp.Options.from_url(address or "")
            case Way.WHIP:
                return whip.Options(door=self._door(name), addresses=self._met_at())
            case _:
                assert_never(way)

    def _door(self, name: str) -> Path:
        return self.runtime / f"{name}.whip"

    def _met_at(self) -> tuple[str, ...]:
        """The addresses at which WebRTC peers are met; none stands for all of this machine's."""
        http = self.settings.http
        if http.whip_addresses:
            return http.whip_addresses
        try:
            address = ipaddress.ip_address("127.0.0.1" if http.host == "localhost" else http.host)
        except ValueError:
            return ()
        return () if address.is_unspecified else (str(address),)
