"""A file on this machine: mp4 or mkv.

1. mp4 is written as fragments, mkv in clusters of a second, so that what is there plays even after a kill; mp4 becomes an
   ordinary file at its end.
2. ``atomic`` writes beside the destination and renames at the end: nothing half-written ever has the final name.
3. A new programme is a new file, ``NAME-2.mp4``, and so is a new start: only an ``atomic`` recording replaces what has its name.
   A file of which a full disk took nothing is not left behind, however often that is tried.
4. With ``segment_s`` it is a file for each so many seconds, which begins with a keyframe at time 0. Old ones go as the settings
   say; files that are named otherwise never do.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

import av
from pydantic import Field, model_validator

from proxy import options
from proxy.encoding.packet import EncodedPacket, StreamSet
from proxy.errors import ConfigError
from proxy.media.time import TICKS_PER_SECOND
from proxy.sinks._file.pieces import Piece, belongs, names, too_many, unknown_code
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
    segment_s: float | None = Field(
        default=None,
        ge=1,
        le=86_400,
        description="a new file with the first keyframe after so long; its name may say when, in UTC: `door-%Y%m%d-%H%M%S.mkv`",
    )
    keep_hours: float | None = Field(
        default=None, gt=0, le=876_000, description="with `segment_s`: remove files of this recording that ended so long ago"
    )
    keep_mb: int | None = Field(
        default=None,
        ge=1,
        description="with `segment_s`: remove the oldest files of this recording beyond so many megabytes",
    )
    atomic: bool = Field(default=False, description="give the file its name only when it is complete")

    @model_validator(mode="after")
    def _pieces_fit(self) -> Options:
        if self.segment_s is None and (self.keep_hours is not None or self.keep_mb is not None):
            raise ValueError("keep_hours and keep_mb remove what segment_s made, which is not set")
        code = unknown_code(self.path.name) if self.segment_s is not None else None
        if code is not None:
            raise ValueError(f"the name holds {code}: known are %Y, %m, %d, %j, %H, %M, %S, and %% for a percent sign")
        return self

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
            SinkFull: the disk is full.
            SinkUnwritable: no such folder, no permission, or a disk that does not answer.
        """
        worker = Worker("file")
        recording: _Recording | None = None
        complete = False
        try:
            async for packet in packets:
                if recording is None or packet.streams is not recording.streams or self._is_due(packet, recording):
                    if recording is not None:
                        await worker.call(recording.close, complete=True)
                    recording = await worker.call(self._next, packet)
                    await worker.call(recording.open)
                await worker.call(recording.write, packet)
            complete = True
        finally:
            try:
                if recording is not None:
                    await worker.call(recording.close, complete=complete)
            finally:
                self._begun -= recording is not None and recording.left_nothing
                worker.close()

    def _is_due(self, packet: EncodedPacket, recording: _Recording) -> bool:
        """Whether ``packet`` begins a new piece."""
        length_s = self._options.segment_s
        begins = length_s is not None and packet.is_video and packet.keyframe
        return begins and packet.dts - recording.origin >= round((length_s or 0) * TICKS_PER_SECOND)

    def _next(self, packet: EncodedPacket) -> _Recording:
        """The file that begins with ``packet``; what is to be kept no longer goes."""
        options = self._options
        if options.segment_s is None:
            return _Recording(self._next_path(), packet.streams, atomic=options.atomic)
        path = next(path for path in names(options.path, dt.datetime.now(dt.UTC)) if not _holds_something(path))
        with writing(options.path):
            self._remove_old()
        return _Recording(path, packet.streams, atomic=options.atomic, origin=packet.dts)

    def _remove_old(self) -> None:
        options = self._options
        keep_s = None if options.keep_hours is None else options.keep_hours * 3600
        keep_bytes = None if options.keep_mb is None else options.keep_mb * 1_000_000
        if keep_s is None and keep_bytes is None:
            return
        found = [entry for entry in os.scandir(options.path.parent) if belongs(options.path, entry.name) and entry.is_file()]
        facts = [(entry, entry.stat(follow_symlinks=False)) for entry in found]
        pieces = [Piece(Path(entry.path), fact.st_size, fact.st_mtime) for entry, fact in facts]
        for path in too_many(pieces, now_s=time.time(), keep_s=keep_s, keep_bytes=keep_bytes):
            path.unlink(missing_ok=True)

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


def _is_empty(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size == 0
    except OSError:
        return False


class _Recording:
    """One file being written, in which ``origin`` ticks are 0. Blocking.

    Attributes:
        streams: the programme.
        origin: see above.
        left_nothing: whether it ended without a byte, and its file is gone.
    """

    def __init__(self, path: Path, streams: StreamSet, *, atomic: bool, origin: int = 0) -> None:
        self.streams = streams
        self.origin = origin
        self._path = path
        self._written = path.with_name(f".{path.name}.part") if atomic else path
        self._file: _Target | None = None
        self._muxer: Muxer | None = None
        self.left_nothing = False

    def open(self) -> None:
        with writing(self._path):
            self._file = _Target(self._written)
            container = _CONTAINERS[self._path.suffix.lower()]
            options = (_HYBRID if self._file.seekable() else _FRAGMENTED) if container != "matroska" else _CLUSTERED
            self._muxer = Muxer(self._file, container, self.streams, options=options, origin=self.origin)

    def write(self, packet: EncodedPacket) -> None:
        if self._muxer is None or self._file is None:
            raise AssertionError("a recording is opened before it is written")
        if packet.dts < self.origin:
            return  # sound of the piece before
        with writing(self._path), self._file.blamed():
            self._muxer.write(packet)

    def close(self, *, complete: bool) -> None:
        """Finish the file. An atomic one gets its name when it is ``complete``, and is removed when not; again is harmless."""
        muxer, file, self._muxer, self._file = self._muxer, self._file, None, None
        if file is None:
            return
        renames = self._written != self._path
        try:
            with writing(self._path), file.blamed():
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
            elif not complete and _is_empty(self._written):
                self._written.unlink(missing_ok=True)
                self.left_nothing = True


class _Target(FileIO):
    """A file that takes every write whole, and after a failure takes nothing more: the first failure is the one to tell."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w+" if not path.exists() or path.is_file() else "w")
        self._failed: OSError | None = None

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Let what the disk refused be the failure of the block, also where the muxer calls it otherwise or says nothing."""
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            if self._failed is not None and error is not self._failed:
                raise self._failed from error
            raise
        if self._failed is not None:
            raise self._failed

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        view = memoryview(data)
        while view and not self._failed:
            try:
                view = view[super().write(view) :]
            except OSError as error:
                self._failed = error
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
