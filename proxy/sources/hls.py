"""An HLS stream: segments of H.264 or HEVC in MPEG-TS or fragmented MP4, read from the live edge.

Segments come seconds at a time and are given at their own pace, as a camera would. What the playlist names is fetched from its
own host, or from one of ``hosts``, with the same certificates; user and password go to the playlist's own host only.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from proxy.media.raw import RawAudio, RawFrame
from proxy.sources._http.fetching import Fetcher
from proxy.sources._http.options import HttpOptions
from proxy.sources._http.segments import Segments
from proxy.sources.opening import Input
from proxy.sources.pacing import Pacer
from proxy.sources.reading import Intake

_DEMUXING: Final = {"format_whitelist": "mpegts,mov,mp4,m4a,3gp,3g2,mj2", "analyzeduration": "1000000"}


class Options(HttpOptions):
    """An HLS stream, live or recorded."""

    type: Literal["hls"] = "hls"
    max_height: int = Field(default=1080, ge=144, le=4320, description="the tallest variant to take, in pixels")
    threads: int = Field(default=1, ge=0, le=16, description="decoder threads; 0 lets the decoder choose")

    def input(self, *, sound: bool = True) -> Input:
        """What is to be read."""
        fetcher = Fetcher(self.place())
        return Input(
            fetcher.place.url,
            fetcher.place.name,
            options=dict(_DEMUXING),
            sound=sound,
            open_s=self.open_timeout_s,
            silence_s=self.read_timeout_s,
            threads=self.threads,
            fetch=_Stream(fetcher, Segments(fetcher, max_height=self.max_height)),
        )


@dataclass(frozen=True, slots=True)
class _Stream:
    """The segments, and what stops them."""

    fetcher: Fetcher
    segments: Segments

    def read(self, size: int) -> bytes:
        return self.segments.read(size)

    def stop(self) -> None:
        self.fetcher.stop()

    def close(self) -> None:
        self.segments.close()
        self.fetcher.close()


class HlsSource(Intake):
    """Plays one stream until it ends or fails."""

    def __init__(self, options: Options, *, sound: bool = True) -> None:
        super().__init__(options.input(sound=sound))

    async def frames(self) -> AsyncGenerator[RawFrame | RawAudio, None]:
        """Pictures and sound, each at its time; see :class:`~proxy.sources.protocol.Source`."""
        pacer = Pacer()
        async with aclosing(super().frames()) as items:
            async for item in items:
                yield await pacer.at_its_time(item)
