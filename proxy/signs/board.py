"""Everything that one camera's pictures carry, made ready once for each shape of picture, and laid over them.

1. Signs are laid over a picture that is hidden already. They see the gate's buffer and nothing raw: they can only add.
2. What does not change is drawn once for each shape; the clock once a second. A picture costs a blend of the signs' own pixels.
3. The painting thread and the slates of the event loop may use a board at the same time: what is kept is replaced as a whole.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from proxy.errors import ConfigError
from proxy.masking.plan import CoverReason
from proxy.media.formats import VideoFormat
from proxy.media.planes import U8, Planes
from proxy.signs.layout import Layout
from proxy.signs.lettering import Lettering
from proxy.signs.options import Options
from proxy.signs.patch import Patch, of_rgba, of_text
from proxy.signs.words import about

_NS: Final = 1_000_000_000
_LEAST_PX: Final = 9
_WIDEST: Final = 0.9
_IMAGE_BYTES: Final = 32 << 20
_IMAGE_PIXELS: Final = 64_000_000


@dataclass(frozen=True, slots=True)
class _Placed:
    patch: Patch
    left: int
    top: int

    def paint(self, planes: Planes) -> None:
        self.patch.blend(planes, left=self.left, top=self.top)


@dataclass(frozen=True, slots=True)
class _Ready:
    """What stands on pictures of one shape all the time, and the room that is left to the clock."""

    shape: VideoFormat
    fixed: tuple[_Placed, ...]
    layout: Layout


@dataclass(frozen=True, slots=True)
class _Clock:
    shape: VideoFormat
    second: int
    placed: _Placed | None


class Board:
    """One camera's signs.

    Raises:
        ConfigError: the font or the image cannot be used, or a text holds what no font has.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lettering = Lettering(options.font)
        self._zone = ZoneInfo(options.timezone) if options.timezone else None
        self._image = _loaded(options) if options.image else None
        self._ready: _Ready | None = None
        self._clock: _Clock | None = None
        self._slates: dict[tuple[VideoFormat, str], _Placed | None] = {}
        self._check()

    def paint(self, planes: Planes, shape: VideoFormat, *, arrived_ns: int) -> None:
        """Lay the notice, the image and the clock over a picture of ``shape`` that arrived at ``arrived_ns`` (monotonic)."""
        ready = self._ready
        if ready is None or ready.shape != shape:
            ready = self._ready = self._prepared(shape)
        for sign in ready.fixed:
            sign.paint(planes)
        if self._options.clock:
            shown = self._clock_at(ready, arrived_ns)
            if shown is not None:
                shown.paint(planes)

    def say(self, planes: Planes, shape: VideoFormat, reason: CoverReason) -> None:
        """Write in the middle of a picture of ``shape`` why it shows nothing."""
        text = self.words(reason)
        if (shape, text) not in self._slates:
            if len(self._slates) > 8:
                self._slates.clear()
            self._slates[shape, text] = self._centred(text, shape)
        placed = self._slates.get((shape, text))
        if placed is not None:
            placed.paint(planes)

    def words(self, reason: CoverReason) -> str:
        """What a picture that shows nothing says."""
        options = self._options
        own = {CoverReason.OFFLINE: options.offline, CoverReason.STARTING: options.starting}.get(reason, options.covered)
        return own or about(options.languages, reason)

    def _check(self) -> None:
        texts = [self._options.notice_text, self._time_text(0), *map(self.words, CoverReason)]
        missing = self._lettering.missing("".join(texts))
        if missing:
            shown = " ".join(missing[:8])
            raise ConfigError(f"signs: no font has {shown}", hint="set font in [camera.signs] to one that has them")

    def _prepared(self, shape: VideoFormat) -> _Ready:
        options, layout, fixed = self._options, Layout(shape.width, shape.height), []
        if self._image is not None:
            corner, patch = options.image_corner, self._scaled(self._image, shape)
            spot = layout.place(corner, width=patch.width, height=patch.height)
            fixed += [_Placed(patch, *spot)] if spot else []
        if options.notice_text:
            patch = self._written(options.notice_text, shape, options.notice_size)
            spot = layout.place(options.notice_corner, width=patch.width, height=patch.height)
            fixed += [_Placed(patch, *spot)] if spot else []
        return _Ready(shape, tuple(fixed), layout)

    def _clock_at(self, ready: _Ready, arrived_ns: int) -> _Placed | None:
        second = (time.time_ns() - time.monotonic_ns() + arrived_ns) // _NS
        kept = self._clock
        if kept is None or kept.second != second or kept.shape != ready.shape:
            patch = self._written(self._time_text(second), ready.shape, self._options.clock_size)
            spot = ready.layout.copy().place(self._options.clock_corner, width=patch.width, height=patch.height)
            kept = self._clock = _Clock(ready.shape, second, _Placed(patch, *spot) if spot else None)
        return kept.placed

    def _time_text(self, second: int) -> str:
        return datetime.fromtimestamp(second, self._zone).astimezone(self._zone).strftime(self._options.clock_format)

    def _written(self, text: str, shape: VideoFormat, percent: float) -> Patch:
        size_px = max(_LEAST_PX, round(shape.height * percent / 100))
        coverage = self._lettering.draw(text, size_px=size_px, limit_px=int(shape.width * _WIDEST))
        return of_text(coverage, shape, plate_px=max(2, size_px // 3))

    def _centred(self, text: str, shape: VideoFormat) -> _Placed | None:
        size_px = max(_LEAST_PX, min(shape.width, shape.height) // 18)
        coverage = self._lettering.draw(text, size_px=size_px, limit_px=int(shape.width * _WIDEST), centred=True)
        patch = of_text(coverage, shape)
        left, top = (shape.width - patch.width) // 2 & ~1, (shape.height - patch.height) // 2 & ~1
        return _Placed(patch, left, top) if left >= 0 and top >= 0 else None

    def _scaled(self, image: U8, shape: VideoFormat) -> Patch:
        height = max(2, round(shape.height * self._options.image_size / 100))
        width = max(2, round(image.shape[1] * height / image.shape[0]))
        return of_rgba(np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8), shape)


def _loaded(options: Options) -> U8:
    """The image as ``(H, W, 4)`` uint8 RGB and alpha."""
    path = options.image
    if path is None:
        raise AssertionError("an image is loaded where one is named")
    hint = "name a PNG, JPEG or WebP file"
    try:
        if path.stat().st_size > _IMAGE_BYTES:
            raise ConfigError(f"image {path} is too large", hint="32 MiB at most")
        with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > _IMAGE_PIXELS:
                raise ConfigError(f"image {path} has too many pixels", hint="64 million at most")
            return np.asarray(image.convert("RGBA"), np.uint8)
    except OSError as error:
        reason = "is no image that can be read" if isinstance(error, UnidentifiedImageError) else error.strerror or "is damaged"
        raise ConfigError(f"image {path}: {reason}", hint=hint) from error
    except (ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ConfigError(f"image {path} is damaged", hint=hint) from error
