"""HLS: a playlist and segments, fragmented MP4 or MPEG-TS, in a folder or in memory.

1. Segments begin with a keyframe. Each is muxed on its own, whole, so what a player can ask for is complete.
2. The playlist shows a window of the newest segments and is replaced in one step; what left the window is deleted once no
   player can still want it.
3. A new programme, or a new start after a failure, follows a discontinuity and has a header of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field

from proxy import options
from proxy.encoding.packet import EncodedPacket, StreamSet
from proxy.errors import ConfigError, SinkUnwritable
from proxy.media.time import TICKS_PER_SECOND
from proxy.sinks._hls.playlist import Playlist, Segment
from proxy.sinks._hls.segments import Container, muxed
from proxy.sinks._hls.store import PLAYLIST, FolderStore, SegmentStore
from proxy.sinks.worker import Worker, writing


class Options(options.Options):
    """A live playlist in a folder, for any web server; the proxy's own serves it too."""

    type: Literal["hls"] = "hls"
    path: Path = Field(description="the folder; the playlist is `index.m3u8` in it")
    container: Container = Field(default=Container.FMP4, description="`fmp4`, or `ts` for old players")
    segment_s: float = Field(default=2.0, ge=0.5, le=10, description="least length of a segment; it ends at the next keyframe")
    window: int = Field(default=6, ge=3, le=1000, description="segments in the playlist")
    discard: bool = Field(default=False, description="remove the files when the stream ends, so that nothing stays on the disk")

    @classmethod
    def from_url(cls, url: str) -> Options:
        """Options from ``hls:///folder``.

        Raises:
            ConfigError: there is no folder in it.
        """
        parts = urlsplit(url)
        folder = unquote(parts.netloc + parts.path)
        if not folder.strip("/"):
            raise ConfigError("hls address without a folder", hint="hls:///var/lib/veilcast/hls")
        return cls(path=Path(folder))


class HlsSink:
    """Writes a live playlist.

    Args:
        options: how.
        store: where to; the folder in ``options`` if none is given.
    """

    def __init__(self, options: Options, store: SegmentStore | None = None) -> None:
        self._options = options
        self._store = store or FolderStore(options.path)
        self._playlist = Playlist(window=options.window, target_s=options.segment_s)
        self._session = secrets.token_hex(3)
        self._numbers = 0
        self._cleared = False
        self._origin: int | None = None

    @property
    def name(self) -> str:
        """The sink's name for logs: the folder's own, since where it lies says nothing to whoever watches."""
        return f"hls:{self._options.path.name}"

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Write segments until the packets end; the last one is written and the playlist closed.

        Raises:
            SinkUnwritable: no permission, disk full, or a disk that does not answer.
        """
        worker = Worker("hls")
        programme: _Programme | None = None
        discards = self._options.discard
        try:
            await worker.call(self._clear)
            async for packet in packets:
                if programme is None or packet.streams is not programme.streams:
                    if programme is not None:
                        await worker.call(self._publish, programme.rest())
                    programme = self._begin(packet)
                elif programme.is_cut(packet, self._options.segment_s):
                    await worker.call(self._publish, programme.cut(packet.pts))
                programme.add(packet)
            if programme is not None:
                await worker.call(self._publish, programme.rest(), ended=True)
        except SinkUnwritable:
            discards = False  # it may be tried again, in the same playlist
            raise
        finally:
            try:
                if discards:
                    await worker.call(self._discard)
            finally:
                worker.close()

    def _begin(self, packet: EncodedPacket) -> _Programme:
        header = f"init-{self._session}-{self._count()}.mp4" if self._options.container is Container.FMP4 else None
        if self._origin is None:
            self._origin = packet.dts
        return _Programme(packet.streams, self._origin, packet.pts, header, follows=not self._playlist.empty)

    def _count(self) -> int:
        self._numbers += 1
        return self._numbers - 1

    def _clear(self) -> None:
        if not self._cleared:
            with writing(self._options.path):
                self._store.clear()
            self._cleared = True

    def _discard(self) -> None:
        """Forget what was written, unless the whole folder is gone already."""
        with suppress(OSError):
            if self._options.path.is_dir():
                self._store.clear()

    def _publish(self, piece: _Piece, *, ended: bool = False) -> None:
        """Write a segment, its header where it is new, and the playlist; then delete what nobody wants any more. Blocking."""
        programme, container = piece.programme, self._options.container
        number = self._count()
        name = f"segment-{self._session}-{number}.{'m4s' if container is Container.FMP4 else 'ts'}"
        segment = Segment(name, piece.duration / TICKS_PER_SECOND, programme.header, discontinuity=programme.discontinuity)
        with writing(self._options.path):
            made = muxed(piece.packets, container, origin=programme.origin, number=number)
            if programme.header and not programme.published:
                self._store.put(programme.header, made.header)
            self._store.put(name, made.media)
            forgotten = self._playlist.add(segment)
            self._store.put(PLAYLIST, self._playlist.text(ended=ended).encode())
            for gone in forgotten:
                self._store.delete(gone)
        programme.published, programme.discontinuity = True, False


@dataclass(frozen=True, slots=True)
class _Piece:
    """What goes into one segment; ``duration`` in ticks."""

    programme: _Programme
    packets: list[EncodedPacket]
    duration: int


class _Programme:
    """Packets of one programme on their way into segments.

    Attributes:
        streams: what it consists of.
        origin: the time that is 0 in its segments.
        header: the file of its header, or ``None``.
        published: whether a segment of it, and so its header, is written.
        discontinuity: whether the next segment follows something else.
    """

    def __init__(self, streams: StreamSet, origin: int, start: int, header: str | None, *, follows: bool) -> None:
        self.streams = streams
        self.origin = origin
        self.header = header
        self.published = False
        self.discontinuity = follows
        self._packets: list[EncodedPacket] = []
        self._start = start
        self._end = start

    def add(self, packet: EncodedPacket) -> None:
        """The next packet."""
        self._packets.append(packet)
        if packet.is_video:
            self._end = packet.pts + packet.duration

    def is_cut(self, packet: EncodedPacket, least_s: float) -> bool:
        """Whether a new segment begins with ``packet``; a hair's breadth of a keyframe that came early does not matter."""
        enough = packet.pts - self._start >= (least_s - 0.1) * TICKS_PER_SECOND
        return packet.is_video and packet.keyframe and enough

    def cut(self, pts: int) -> _Piece:
        """What goes before ``pts``; sound that is heard later stays for the next segment."""
        piece = _Piece(self, [packet for packet in self._packets if packet.pts < pts], pts - self._start)
        self._packets = [packet for packet in self._packets if packet.pts >= pts]
        self._start = pts
        return piece

    def rest(self) -> _Piece:
        """Everything that is left."""
        return _Piece(self, self._packets, max(1, self._end - self._start))
