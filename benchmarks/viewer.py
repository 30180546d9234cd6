"""Somebody who plays what a platform shows, and writes down when each picture came and whether it shows the scene."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, cast

import av
import numpy as np

from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.redactors.cover import paint_cover

COVERED: Final = 0.6
"""A picture shows nothing where so great a part of its luma is within :data:`ABOUT` of the cover's tone: that, and words on it."""
ABOUT: Final = 6


@dataclass(slots=True)
class Viewer:
    """One player of an RTMP stream, in a thread: packets are noted as they come, and decoded afterwards so that none is late.

    Attributes:
        came: monotonic seconds and data of each packet, in order.
    """

    url: str
    came: list[tuple[float, bytes]] = field(default_factory=list)
    _extradata: bytes = b""
    _codec: str = ""
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Play until told to stop, again and again where the stream ends."""
        while not self._over.is_set():
            try:
                with av.open(self.url, timeout=(5.0, 1.0), options={"analyzeduration": "100000"}) as playing:
                    stream = playing.streams.video[0]
                    self._codec, self._extradata = stream.codec_context.name, stream.codec_context.extradata or b""
                    for packet in playing.demux(stream):
                        if packet.size:
                            self.came.append((time.monotonic(), bytes(packet)))
                        if self._over.is_set():
                            return
            except (av.FFmpegError, IndexError):
                self._over.wait(0.1)

    def stop(self) -> None:
        """Let :meth:`run` end."""
        self._over.set()

    def shown(self) -> list[tuple[float, bool]]:
        """For each picture that came, when, and whether it shows the scene."""
        context = cast("av.VideoCodecContext", av.CodecContext.create(self._codec, "r"))
        context.extradata, context.thread_count = self._extradata, 1
        told = []
        for at, data in list(self.came):
            try:
                frames = context.decode(av.Packet(data))
            except av.FFmpegError:
                continue
            told += [(at, shows_scene(frame)) for frame in frames if isinstance(frame, av.VideoFrame)]
        return told


def shows_scene(frame: av.VideoFrame) -> bool:
    """Whether ``frame`` is anything but a cover and the words on it."""
    shape = VideoFormat(frame.width, frame.height)
    cover = np.empty(shape.buffer_shape, np.uint8)
    paint_cover(Planes.of_buffer(cover, shape))
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)[:, : frame.width]
    return bool((np.abs(luma.astype(np.int16) - cover[: frame.height]) <= ABOUT).mean() < COVERED)


@contextmanager
def viewing(url: str) -> Iterator[Viewer]:
    """Somebody who plays ``url`` for as long as this lasts."""
    viewer = Viewer(url)
    thread = threading.Thread(target=viewer.run)
    thread.start()
    try:
        yield viewer
    finally:
        viewer.stop()
        thread.join()
