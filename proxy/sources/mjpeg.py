"""A camera that sends JPEG pictures over HTTP, one after another (``multipart/x-mixed-replace``)."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from typing import Final, Literal

from proxy.sources._http.fetching import Fetcher
from proxy.sources._http.options import HttpOptions
from proxy.sources.opening import Input
from proxy.sources.reading import Intake

_DEMUXING: Final = {"format_whitelist": "mpjpeg,mjpeg", "use_wallclock_as_timestamps": "1", "analyzeduration": "500000"}
"""The pictures say nothing about time, so that their arrival is all there is."""


class Options(HttpOptions):
    """A camera that sends JPEG pictures over HTTP."""

    type: Literal["mjpeg"] = "mjpeg"

    def input(self, *, sound: bool = False) -> Input:
        """What is to be read; there is no sound in it."""
        fetcher = Fetcher(self.place())
        return Input(
            fetcher.place.url,
            fetcher.place.name,
            options=dict(_DEMUXING),
            open_s=self.open_timeout_s,
            silence_s=self.read_timeout_s,
            threads=1,
            fetch=_Stream(fetcher),
        )


@dataclass(slots=True)
class _Stream:
    """One endless answer."""

    fetcher: Fetcher
    _answer: http.client.HTTPResponse | None = None

    def read(self, size: int) -> bytes:
        if self._answer is None:
            self._answer = self.fetcher.get(self.fetcher.place.url)
        return self.fetcher.read(self._answer, size)

    def stop(self) -> None:
        self.fetcher.stop()

    def close(self) -> None:
        if self._answer is not None:
            self._answer.close()
        self.fetcher.close()


class MjpegSource(Intake):
    """Pulls one stream of pictures until it fails."""

    def __init__(self, options: Options) -> None:
        super().__init__(options.input())
