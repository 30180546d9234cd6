"""A video file: offline as fast as it goes, or in real time and looped, as a stand-in for a camera."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import Field

from proxy import options
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.timeline import USUAL_STEP
from proxy.sources.hardware import HardwareDecoding
from proxy.sources.opening import Input
from proxy.sources.pacing import Pacer
from proxy.sources.reading import Intake


class Options(options.Options):
    """A video file."""

    type: Literal["file"] = "file"
    path: Path
    """the file to read"""
    realtime: bool = False
    """give each frame at its own time, as a camera would; otherwise as fast as they are taken"""
    loop: bool = False
    """begin again at the end; timestamps go on"""
    threads: int = Field(default=0, ge=0, le=64)
    """decoder threads; 0 lets the decoder choose"""
    hardware: HardwareDecoding = HardwareDecoding.NONE
    """which device decodes, where it opens; otherwise software does"""

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from a path, or from ``file://PATH`` with ``?loop=true&realtime=true`` where wanted."""
        if not url.startswith("file:"):
            return cls(path=Path(url))
        parts = urlsplit(url)
        return cls.model_validate({"path": unquote(parts.netloc + parts.path), **dict(parse_qsl(parts.query))})

    def input(self, *, sound: bool = True) -> Input:
        """What is to be read. A playlist cannot lead from a file to the network."""
        return Input(
            f"file:{self.path.absolute()}",
            self.path.name,
            options={"protocol_whitelist": "file"},
            live=False,
            sound=sound,
            open_s=20.0,
            threads=self.threads,
            hardware=self.hardware,
        )


class FileSource(Intake):
    """Reads a file to its end, or for ever. In real time it counts as live, though no read of it is waited for."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        super().__init__(options.input(sound=sound))
        self._options = options
        self.live = options.realtime

    async def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        """Pictures and sound; see :class:`~proxy.sources.protocol.Source`."""
        pacer = Pacer() if self._options.realtime else None
        offset = 0
        while True:
            last, step = offset, USUAL_STEP
            async with aclosing(super().frames()) as items:
                async for item in items:
                    placed = replace(item, pts=item.pts + offset)
                    if isinstance(placed, RawFrame):
                        step = placed.pts - last or step
                        last = placed.pts
                    yield await pacer.at_its_time(placed) if pacer else placed
            if not self._options.loop:
                return
            offset = last + step
