"""How a camera gets shown: sinks for the page, and doors through which the proxy's own HTTP reaches into its process."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from proxy.assembly import essential
from proxy.control.doors import Door, Doors
from proxy.encoding.packet import VideoCodec
from proxy.settings.camera import CameraSettings
from proxy.settings.control import ControlSettings
from proxy.settings.service import Settings
from proxy.sinks.hls import Options as HlsOptions
from proxy.sinks.mjpeg import Options as MjpegOptions
from proxy.sinks.whep import Options as WhepOptions
from proxy.sources.whip import Options as WhipOptions


def with_previews(settings: Settings, runtime: Path) -> tuple[tuple[CameraSettings, ...], Mapping[str, Path]]:
    """The cameras, each with an HLS sink for the page where it has none, and the folders that the server shows."""
    cameras, folders = [], {}
    for camera in settings.cameras:
        own = next((sink.path for sink in camera.sinks if isinstance(sink, HlsOptions)), None)
        shown = settings.control.enabled and (settings.control.hls if own else settings.control.preview)
        if shown:
            folders[camera.name] = own or runtime / camera.name
        if shown and own is None:
            preview = HlsOptions(path=runtime / camera.name, discard=True, essential=not camera.sinks)
            camera = camera.model_copy(update={"sinks": (*camera.sinks, preview)})
        cameras.append(camera)
    return tuple(cameras), folders


def with_doors(
    cameras: tuple[CameraSettings, ...], control: ControlSettings, runtime: Path
) -> tuple[tuple[CameraSettings, ...], Doors]:
    """The cameras, each with the sockets through which the control server reaches into its process, and those sockets.

    The page shows H.264 over WebRTC, so a camera that is shown gets an address for viewers where it has none.
    """
    doors: dict[tuple[str, str], Door] = {}
    ready = []
    for number, camera in enumerate(cameras):
        sinks = list(camera.sinks)
        meets = any(isinstance(sink, WhepOptions) for sink in sinks)
        if control.enabled and control.preview and not meets and camera.encoding.codec is VideoCodec.H264:
            sinks.append(WhepOptions(essential=not any(map(essential, sinks))))
        for place, sink in enumerate(sinks):
            if control.enabled and isinstance(sink, MjpegOptions):
                door = sink.door or runtime / f"{number}.mjpeg"
                sinks[place] = sink.model_copy(update={"door": door})
                doors["mjpeg", camera.name] = Door(door, _secret(sink.token))
            if control.enabled and isinstance(sink, WhepOptions):
                door = sink.door or runtime / f"{number}.whep"
                sinks[place] = sink.model_copy(update={"door": door, "addresses": sink.addresses or _met_at(control)})
                doors["whep", camera.name] = Door(door, _secret(sink.token))
        source = camera.source
        if control.enabled and isinstance(source, WhipOptions):
            door = source.door or runtime / f"{number}.whip"
            source = source.model_copy(update={"door": door, "addresses": source.addresses or _met_at(control)})
            doors["whip", camera.name] = Door(door, _secret(source.token))
        ready.append(camera.model_copy(update={"source": source, "sinks": tuple(sinks)}))
    return tuple(ready), doors


def _met_at(control: ControlSettings) -> tuple[str, ...]:
    """The addresses of a WebRTC peer whose offers come through ``control``; none stands for all of this machine's."""
    host = "127.0.0.1" if control.host == "localhost" else control.host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ()
    return () if address.is_unspecified else (str(address),)


def _secret(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
