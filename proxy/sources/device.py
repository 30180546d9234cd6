"""A camera plugged into this machine (V4L2)."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field

from proxy import options
from proxy.sources.opening import Input
from proxy.sources.reading import Intake


class Options(options.Options):
    """A V4L2 device."""

    type: Literal["device"] = "device"
    path: str = Field(default="/dev/video0", pattern=r"^/dev/[A-Za-z0-9/_.:-]+$")
    """the device"""
    size: str | None = Field(default=None, pattern=r"^\d{2,5}x\d{2,5}$")
    """`WIDTHxHEIGHT` to ask the device for; its own choice if unset"""
    rate: float | None = Field(default=None, gt=0, le=240)
    """frames per second to ask for; the device's own choice if unset"""
    input_format: str | None = Field(default=None, pattern=r"^[a-z0-9_]{1,20}$")
    """what to ask the device for, as FFmpeg spells it: `mjpeg`, `h264`, `yuyv422`"""
    read_timeout_s: float = Field(default=10.0, ge=2, le=120)
    """how long the device may give nothing"""

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``/dev/video0`` or ``device:///dev/video0?size=1280x720&rate=30``."""
        parts = urlsplit(url)
        return cls.model_validate({"path": parts.path, **dict(parse_qsl(parts.query))})

    def input(self, *, sound: bool = False) -> Input:
        """What is to be read; there is no sound, whatever is asked: microphones are not opened."""
        asked = {
            "video_size": self.size,
            "framerate": None if self.rate is None else f"{self.rate:g}",
            "input_format": self.input_format,
        }
        return Input(
            self.path,
            self.path,
            format="v4l2",
            options={name: value for name, value in asked.items() if value is not None},
            silence_s=self.read_timeout_s,
            threads=1,
        )


class DeviceSource(Intake):
    """Pulls a device until it fails."""

    def __init__(self, options: Options) -> None:
        super().__init__(options.input())
