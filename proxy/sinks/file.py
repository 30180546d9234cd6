"""A file on this machine: mp4 or mkv.

1. mp4 is written as fragments, mkv in clusters of a second, so that what is there plays even after a kill; mp4 becomes an
   ordinary file at its end.
2. ``atomic`` writes beside the destination and renames at the end: nothing half-written ever has the final name.
3. A new programme is a new file, ``NAME-2.mp4``, and so is a new start: only an ``atomic`` recording replaces what has its name.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field

from proxy import options
from proxy.encoding.packet import EncodedPacket, StreamSet
from proxy.errors import ConfigError
from proxy.sinks.mux import Muxer
from proxy.sinks.worker import Worker, writing

_CONTAINERS: Final = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
_FRAGMENTED: Final = {"movflags": "+frag_keyframe+empty_moov+default_base_moof"}
_HYBRID: Final = {"movflags": "+frag_keyframe+hybrid_fragmented"}
_CLUSTERED: Final = {"cluster_time_limit": "1000", "flush_packets": "1"}


class Options(options.Options):
    """A recording."""

    type: Literal["file"] = "file"
    path: Path = Field(description="where to write; the ending chooses the container: `.mp4`, `.m4v`, `.mov` or `.mkv`")
    atomic: bool = Field(default=False, description="give the file its name only when it is complete")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``file:///path/out.mp4`` or a bare path.

        Raises:
            ConfigError: the ending names no container that can be written.
        """
        path = Path(unquote(urlsplit(url).path)) if url.startswith("file://") else Path(url)
        if path.suffix.lower() not in _CONTAINERS:
            endings = ", ".join(_CONTAINERS)
            raise ConfigError(f"cannot tell the container of {path.name or 'the output'}", hint=f"end the name in one of {endings}")
        return cls(path=path)


class FileSink:
    """Writes recordings."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._begun = 0

    @property
    def name(self) -> str:
        """The sink's name for logs."""
        return f"file:{self._options.path}"

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Write every packet. A cancelled recording keeps what it has and plays; an atomic one leaves nothing.

        Raises:
            SinkUnwritable: no such folder, no permission, disk full, or a disk that does not answer.
        """
        worker = Worker("file")
        recording: _Recording | None = None
        complete = False
        try:
            async for packet in packets:
                if recording is None or packet.streams is not recording.streams:
                    if recording is not None:
                        await worker.call(recording.close, complete=True)
                    recording = _Recording(await worker.call(self._next_path), packet.streams, atomic=self._options.atomic)
                    await worker.call(recording.open)
                await worker.call(recording.write, packet)
            complete = True
        finally:
            try:
                if recording is not None:
                    await worker.call(recording.close, complete=complete)
            finally:
                worker.close()

    def _next_path(self) -> Path:
        while True:
            self._begun += 1
            path = self._options.path
            if self._begun > 1:
                path = path.with_stem(f"{path.stem}-{self._begun}")
            if self._options.atomic or not _holds_something(path):
                return path


def _holds_something(path: Path) -> bool:
    """Whether a file has that name already, perhaps the recording of a process that was killed. Devices and pipes hold nothing."""
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


class _Recording:
    """One file being written. Blocking."""

    def __init__(self, path: Path, streams: StreamSet, *, atomic: bool) -> None:
        self.streams = streams
        self._path = path
        self._written = path.with_name(f".{path.name}.part") if atomic else path
        self._file: _Target | None = None
        self._muxer: Muxer | None = None

    def open(self) -> None:
        with writing(self._path):
            self._file = _Target(self._written)
            container = _CONTAINERS[self._path.suffix.lower()]
            options = (_HYBRID if self._file.seekable() else _FRAGMENTED) if container != "matroska" else _CLUSTERED
            self._muxer = Muxer(self._file, container, self.streams, options=options)

    def write(self, packet: EncodedPacket) -> None:
        if self._muxer is None:
            raise AssertionError("a recording is opened before it is written")
        with writing(self._path):
            self._muxer.write(packet)

    def close(self, *, complete: bool) -> None:
        """Finish the file. An atomic one gets its name when it is ``complete``, and is removed when not; again is harmless."""
        muxer, file, self._muxer, self._file = self._muxer, self._file, None, None
        if file is None:
            return
        renames = self._written != self._path
        try:
            with writing(self._path):
                if muxer is not None:
                    muxer.close()
                file.end()
                if renames and complete:
                    self._written.replace(self._path)
        finally:
            with suppress(OSError):
                file.end()
            if renames:
                self._written.unlink(missing_ok=True)


class _Target(FileIO):
    """A file that takes every write whole, and after a failure takes nothing more: the first failure is the one to tell."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w+" if not path.exists() or path.is_file() else "w")
        self._failed = False

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        view = memoryview(data)
        while view and not self._failed:
            try:
                view = view[super().write(view) :]
            except OSError:
                self._failed = True
                raise
        return len(data)

    def end(self) -> None:
        """Put everything on the disk and close."""
        if not self.closed:
            try:
                if self.seekable() and not self._failed:
                    os.fsync(self.fileno())
            finally:
                super().close()
