"""The compressed pictures of an input, as they come: for looking at what was sent, without decoding it. Blocking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import av

from proxy.errors import SourceUnreachable
from proxy.media.redact import redact
from proxy.media.time import to_ticks
from proxy.sources.failures import mapped
from proxy.sources.opening import Input, Opened, opened

_OPEN_S: Final = 10.0
_SILENCE_S: Final = 20.0
_LIVE: Final = {"analyzeduration": "5000000", "fpsprobesize": "0"}
"""Without these a stream of few pictures a second is looked at for a minute and more before the first one is given."""


class _Silent(Exception):
    """A read gave up, so that somebody may look whether to go on."""


@dataclass(frozen=True, slots=True)
class Compressed:
    """One compressed picture; ``pts`` in ticks, or ``None`` where the input does not say."""

    data: bytes
    pts: int | None


@dataclass(frozen=True, slots=True)
class Packets:
    """An input that is open.

    Attributes:
        codec: as FFmpeg names it.
        extradata: what the container says beside the pictures.
        live: whether it has no end of its own.
        width, height: of the pictures, as the container says.
    """

    codec: str
    extradata: bytes
    live: bool
    width: int
    height: int
    _what: Input
    _held: Opened

    def read(self, stop: Callable[[], bool]) -> Iterator[Compressed]:
        """Compressed pictures until the input ends or ``stop`` says so.

        Raises:
            SourceError: it broke, or says nothing.
        """
        heard = time.monotonic()
        while not stop():
            try:
                with mapped(self._what.name, live=self._what.live):
                    for packet in self._demuxed():
                        heard = time.monotonic()
                        yield packet
                        if stop():
                            return
            except _Silent:
                if time.monotonic() - heard > _SILENCE_S:
                    words = f"{self._what.name} said nothing for {_SILENCE_S:.0f} s"
                    raise SourceUnreachable(words, hint="check that somebody publishes there") from None
            else:
                return

    def _demuxed(self) -> Iterator[Compressed]:
        """Pictures to the end of the input, where it ends by itself.

        Raises:
            _Silent: nothing came for a moment.
        """
        try:
            for packet in self._held.container.demux(self._held.video):
                base = packet.time_base
                if packet.size:
                    yield Compressed(bytes(packet), None if packet.pts is None or base is None else to_ticks(packet.pts, base))
        except av.error.ExitError:
            raise _Silent from None


@contextmanager
def open_packets(url: str) -> Iterator[Packets]:
    """The input at ``url``, a path or whatever libav reads.

    Raises:
        SourceError: it cannot be opened, or has no video.
    """
    parts = urlsplit(url)
    remote = "://" in url and parts.scheme != "file"
    name = redact(url) if remote else Path(parts.path if parts.scheme == "file" else url).name
    options = {**(_LIVE if remote else {}), **({"rtsp_transport": "tcp"} if parts.scheme in ("rtsp", "rtsps") else {})}
    what = Input(url, name, options=options, host=parts.hostname if remote else None, live=remote, open_s=_OPEN_S)
    held = opened(what)
    try:
        live = remote and not (held.container.duration or 0) > 0
        context = held.video.codec_context
        yield Packets(
            context.codec.canonical_name, bytes(context.extradata or b""), live, context.width, context.height, what, held
        )
    finally:
        held.container.close()
