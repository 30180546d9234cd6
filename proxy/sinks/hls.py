"""HLS: a playlist and segments, fragmented MP4 or MPEG-TS, in a folder or in memory.

1. Segments begin with a keyframe. Each is muxed on its own, whole, so what a player can ask for is complete.
2. The playlist shows a window of the newest segments and is replaced in one step; what left the window is deleted once no
   player can still want it.
3. Where parts are wanted, each is there as soon as it is whole; a segment is its parts, one after another.
4. A new programme, or a new start after a failure, follows a discontinuity and has a header of its own.
5. What is withdrawn is deleted at once, with all that was shown before it: no player gets it any more.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, model_validator

from proxy import options
from proxy.door import opened
from proxy.encoding.packet import EncodedPacket, StreamSet
from proxy.errors import ConfigError, SinkUnwritable
from proxy.media.time import TICKS_PER_SECOND
from proxy.sinks._hls.answers import answers
from proxy.sinks._hls.playlist import Coming, Part, Playlist, Segment
from proxy.sinks._hls.segments import Container, muxed
from proxy.sinks._hls.store import PLAYLIST, FolderStore, MemoryStore, SegmentStore
from proxy.sinks.worker import Worker, writing


class Options(options.Options):
    """A live playlist in a folder, for any web server; the proxy's own serves it too."""

    type: Literal["hls"] = "hls"
    path: Path = Field(description="the folder; the playlist is `index.m3u8` in it")
    container: Container = Field(default=Container.FMP4, description="`fmp4`, or `ts` for old players")
    segment_s: float = Field(default=2.0, ge=0.5, le=10, description="least length of a segment; it ends at the next keyframe")
    part_s: float | None = Field(
        default=None, ge=0.1, le=2, description="length of low-latency parts, `fmp4` only; unset: none. For the proxy's own HTTP"
    )
    window: int = Field(default=6, ge=3, le=1000, description="segments in the playlist")
    discard: bool = Field(default=False, description="remove the files when the stream ends, so that nothing stays on the disk")
    essential: bool = Field(default=True, description="whether the camera is worth running for it alone; for a preview it is not")
    door: Path | None = Field(default=None, description="local socket on which to answer out of memory; unset: files in the folder")

    @model_validator(mode="after")
    def _parts_fit(self) -> Options:
        if self.part_s is not None and (self.container is Container.TS or self.part_s > self.segment_s / 2):
            raise ValueError("part_s needs fmp4, and at least two parts in a segment")
        return self

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
        self._store = store or (FolderStore(options.path) if options.door is None else MemoryStore())
        self._playlist = Playlist(window=options.window, target_s=options.segment_s, part_s=options.part_s)
        self._session = secrets.token_hex(3)
        self._numbers = self._parts = 0
        self._cleared = False
        self._origin: int | None = None
        self._unwanted: list[str] = []
        self._withdrawn = False

    @property
    def name(self) -> str:
        """The sink's name for logs: the folder's own, since where it lies says nothing to whoever watches."""
        return f"hls:{self._options.path.name}"

    async def run(self, packets: AsyncIterator[EncodedPacket]) -> None:
        """Write segments until the packets end; the last one is written and the playlist closed.

        Raises:
            SinkFull: the disk is full.
            SinkUnwritable: no permission, or a disk that does not answer, or no socket.
        """
        door = self._options.door
        if door is None:
            await self._write(packets)
            return
        try:
            async with opened(door, answers(self._store)):
                await self._write(packets)
        except OSError as error:
            raise SinkUnwritable(f"hls: no socket at {door}: {error.strerror or error}", hint="check the folder") from error

    def withdraw(self) -> None:
        """Let nobody have what was written so far; the next packet, which begins a new programme, does it."""
        self._withdrawn = True

    async def _write(self, packets: AsyncIterator[EncodedPacket]) -> None:
        worker = Worker("hls")
        programme: _Programme | None = None
        discards = self._options.discard
        try:
            await worker.call(self._clear)
            async for packet in packets:
                if self._withdrawn:
                    self._withdrawn, programme = False, None
                    await worker.call(self._take_back)
                if programme is None or packet.streams is not programme.streams:
                    if programme is not None:
                        await worker.call(self._publish, programme.rest())
                    programme = self._begin(packet)
                elif programme.is_cut(packet, self._options.segment_s):
                    await worker.call(self._publish, programme.cut(packet.pts))
                elif self._options.part_s and programme.is_part(packet, self._options.part_s):
                    await worker.call(self._publish_part, programme.part(packet.pts))
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
        return _Programme(packet.streams, self._origin, packet.pts, header, follows=not self._playlist.untouched)

    def _count(self) -> int:
        self._numbers += 1
        return self._numbers - 1

    def _clear(self) -> None:
        if not self._cleared:
            with writing(self._options.path):
                self._store.clear()
            self._cleared = True

    def _take_back(self) -> None:
        self._playlist.take_back()
        self._unwanted.clear()
        with writing(self._options.path):
            self._store.clear()
            self._store.put(PLAYLIST, self._playlist.text().encode())

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
            if self._options.part_s:
                self._put_part(programme.last_part(piece))
                media, parts = programme.take_parts()
                segment = replace(segment, parts=parts)
            else:
                made = muxed(piece.packets, container, origin=programme.origin, number=number)
                self._put_header(programme, made.header)
                media = made.media
            self._store.put(name, media)
            self._unwanted += self._playlist.add(segment)
            programme.discontinuity = False
            self._store.put(PLAYLIST, self._playlist.text(self._coming(programme), ended=ended).encode())
            while self._unwanted:
                self._store.delete(self._unwanted[-1])
                self._unwanted.pop()

    def _publish_part(self, piece: _Piece) -> None:
        """Write a part, its header where it is new, and the playlist. Blocking."""
        with writing(self._options.path):
            self._put_part(piece)
            self._store.put(PLAYLIST, self._playlist.text(self._coming(piece.programme)).encode())

    def _put_part(self, piece: _Piece) -> None:
        if not piece.packets:
            return
        programme, name = piece.programme, self._part_name()
        made = muxed(piece.packets, Container.FMP4, origin=programme.origin, number=self._parts)
        self._put_header(programme, made.header)
        self._store.put(name, made.media)
        self._parts += 1
        independent = any(packet.is_video and packet.keyframe for packet in piece.packets)
        programme.keep(made.media, Part(name, piece.duration / TICKS_PER_SECOND, independent))

    def _put_header(self, programme: _Programme, header: bytes) -> None:
        if programme.header and not programme.published:
            self._store.put(programme.header, header)
        programme.published = True

    def _coming(self, programme: _Programme) -> Coming | None:
        if not self._options.part_s:
            return None
        return Coming(programme.parts, programme.header, programme.discontinuity, self._part_name())

    def _part_name(self) -> str:
        return f"part-{self._session}-{self._parts}.m4s"


@dataclass(frozen=True, slots=True)
class _Piece:
    """What goes into one segment or part; ``duration`` and ``start`` in ticks."""

    programme: _Programme
    packets: list[EncodedPacket]
    duration: int
    start: int


class _Programme:
    """Packets of one programme on their way into segments.

    Attributes:
        streams: what it consists of.
        origin: the time that is 0 in its segments.
        header: the file of its header, or ``None``.
        published: whether a segment or part of it, and so its header, is written.
        discontinuity: whether the next segment follows something else.
        parts: of the segment that is being made.
    """

    def __init__(self, streams: StreamSet, origin: int, start: int, header: str | None, *, follows: bool) -> None:
        self.streams = streams
        self.origin = origin
        self.header = header
        self.published = False
        self.discontinuity = follows
        self._packets: list[EncodedPacket] = []
        self._start = self._part_start = start
        self._end = start
        self.parts: tuple[Part, ...] = ()
        self._media: list[bytes] = []

    def add(self, packet: EncodedPacket) -> None:
        """The next packet."""
        self._packets.append(packet)
        if packet.is_video:
            self._end = packet.pts + packet.duration

    def is_cut(self, packet: EncodedPacket, least_s: float) -> bool:
        """Whether a new segment begins with ``packet``; a hair's breadth of a keyframe that came early does not matter."""
        enough = packet.pts - self._start >= (least_s - 0.1) * TICKS_PER_SECOND
        return packet.is_video and packet.keyframe and enough

    def is_part(self, packet: EncodedPacket, longest_s: float) -> bool:
        """Whether a new part begins with ``packet``, because the one before would become too long with it."""
        grown = packet.pts + packet.duration - self._part_start
        return packet.is_video and packet.pts > self._part_start and grown > longest_s * TICKS_PER_SECOND

    def part(self, pts: int) -> _Piece:
        """What goes into the part before ``pts``; sound that is heard later stays for the next one."""
        piece = _Piece(self, [packet for packet in self._packets if packet.pts < pts], pts - self._part_start, self._part_start)
        self._packets = [packet for packet in self._packets if packet.pts >= pts]
        self._part_start = pts
        return piece

    def last_part(self, piece: _Piece) -> _Piece:
        """What of the segment ``piece`` is in no part yet."""
        end = piece.start + piece.duration
        last = replace(piece, duration=max(1, end - self._part_start))
        self._part_start = end
        return last

    def keep(self, media: bytes, part: Part) -> None:
        """Note one more part of the segment that is being made."""
        self._media.append(media)
        self.parts += (part,)

    def take_parts(self) -> tuple[bytes, tuple[Part, ...]]:
        """The segment that is made of the parts so far; the next one begins."""
        media, parts = b"".join(self._media), self.parts
        self._media, self.parts = [], ()
        return media, parts

    def cut(self, pts: int) -> _Piece:
        """What goes before ``pts``; sound that is heard later stays for the next segment."""
        piece = _Piece(self, [packet for packet in self._packets if packet.pts < pts], pts - self._start, self._start)
        self._packets = [packet for packet in self._packets if packet.pts >= pts]
        self._start = pts
        return piece

    def rest(self) -> _Piece:
        """Everything that is left."""
        return _Piece(self, self._packets, max(1, self._end - self._start), self._start)
