"""A camera plugged into this machine (V4L2)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field

from proxy.errors import SourceUnreachable
from proxy.media.raw import RawAudio, RawFrame
from proxy.options import Options as PluginOptions
from proxy.sources.protocol import Damage
from proxy.sources.reading import Input, pulled


class Options(PluginOptions):
    """A V4L2 device."""

    type: Literal["device"] = "device"
    path: str = Field(default="/dev/video0", pattern=r"^/dev/[A-Za-z0-9/_.-]+$")
    size: str | None = Field(default=None, pattern=r"^\d{2,5}x\d{2,5}$")
    """``WIDTHxHEIGHT`` to ask the device for; its own choice if unset."""
    rate: float | None = Field(default=None, gt=0, le=240)
    """Frames per second to ask for; the device's own choice if unset."""
    input_format: str | None = Field(default=None, pattern=r"^[a-z0-9_]{1,20}$")
    """What to ask the device for, as FFmpeg spells it: ``mjpeg``, ``h264``, ``yuyv422``."""

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``/dev/video0`` or ``device:///dev/video0?size=1280x720&rate=30``."""
        parts = urlsplit(url)
        return cls.model_validate({"path": parts.path, **dict(parse_qsl(parts.query))})


class DeviceSource:
    """Pulls a device until it ends or fails. It has no sound: microphones are not opened."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.damage = Damage()

    @property
    def live(self) -> bool:
        """Always: a camera does not wait."""
        return True

    @property
    def name(self) -> str:
        """The device's path."""
        return self._options.path

    async def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        """Pictures; see :class:`~proxy.sources.protocol.Source`."""
        options = self._options
        asked = {
            "video_size": options.size,
            "framerate": None if options.rate is None else f"{options.rate:g}",
            "input_format": options.input_format,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        reading = Input(options.path, self.name, format="v4l2", options=given, threads=1)
        try:
            async with aclosing(pulled(reading, self.damage)) as items:
                async for item in items:
                    yield item
        except FileNotFoundError:
            raise SourceUnreachable(f"there is no device {options.path}", hint="plug the camera in; ls /dev/video*") from None
