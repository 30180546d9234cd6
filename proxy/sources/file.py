"""A video file: offline as fast as it goes, or in real time and looped, as a stand-in for a camera."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from proxy.errors import SourceDamaged
from proxy.media.raw import RawAudio, RawFrame
from proxy.media.time import TICKS_PER_SECOND
from proxy.options import Options as PluginOptions
from proxy.sources.protocol import Damage
from proxy.sources.reading import Input, pulled

_NS: Final = 1_000_000_000
_USUAL_STEP: Final = TICKS_PER_SECOND // 25


class Options(PluginOptions):
    """A video file."""

    type: Literal["file"] = "file"
    path: Path
    realtime: bool = False
    """Give each frame at its own time, as a camera would; otherwise as fast as they are taken."""
    loop: bool = False
    """Begin again at the end; timestamps go on."""
    threads: int = 0
    """Decoder threads; 0 lets the decoder choose."""

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from a path, ``file:PATH`` or ``file://PATH``, with ``?loop=true&realtime=true`` where wanted."""
        parts = urlsplit(url) if url.startswith("file:") else None
        path = url if parts is None else unquote(parts.netloc + parts.path)
        query = dict(parse_qsl(parts.query)) if parts else {}
        return cls.model_validate({"path": path, **query})


class FileSource:
    """Reads a file to its end, or for ever."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        self._options = options
        self._sound = sound
        self.damage = Damage()

    @property
    def live(self) -> bool:
        """Whether frames come in real time."""
        return self._options.realtime

    @property
    def name(self) -> str:
        """The file's name."""
        return self._options.path.name

    async def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        """Pictures and sound; see :class:`~proxy.sources.protocol.Source`."""
        options, name = self._options, self.name
        path = options.path
        if not path.exists() or (path.is_file() and path.stat().st_size == 0):
            what = "is empty" if path.exists() else "does not exist"
            raise SourceDamaged(f"{name} {what}", hint="check the path")
        reading = Input(
            str(path), name, live=False, sound=self._sound, open_s=20.0, silence_s=60.0, threads=options.threads
        )
        offset, began_ns = 0, time.monotonic_ns()
        while True:
            end = offset
            async for item in pulled(reading, self.damage):
                placed = replace(item, pts=item.pts + offset)
                end = max(end, placed.pts + _USUAL_STEP)
                yield await self._in_time(placed, began_ns)
            if not options.loop:
                return
            offset = end

    async def _in_time(self, item: RawFrame | RawAudio, began_ns: int) -> RawFrame | RawAudio:
        if not self._options.realtime:
            return item
        due_ns = began_ns + item.pts * _NS // TICKS_PER_SECOND
        await asyncio.sleep(max(0, due_ns - time.monotonic_ns()) / _NS)
        return replace(item, arrived_ns=time.monotonic_ns()) if isinstance(item, RawFrame) else item
