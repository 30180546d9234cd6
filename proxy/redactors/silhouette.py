"""People as soft shapes in calm tones: the default.

1. Shape and tone depend on the boxes alone, never on a pixel under them.
2. Every box lies wholly under the opaque part; the soft edge reaches beyond it by at most ``margin_px``.
3. A track's shape keeps its size while the box wavers: it grows at once and shrinks only when it is ``SLACK`` times too long.
4. Zones and motion are painted first, then bodies from far (whose feet are higher in the picture) to near, then heads.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar, Final

import cv2
import numpy as np

from proxy.media.planes import U8, Planes
from proxy.redactors.regions import Regions
from proxy.redactors.shapes import ShapeStore, Style, margin_of, roomy
from proxy.vision.detections import Label

_HUE: Final = (130, 126)
"""U and V of everything, so that shapes merge where they meet, and in any order."""
_HEAD: Final = Style(power=2.6, luma=118, light=10, shade=10, rim=4)
_BODY: Final = Style(power=4, luma=86, light=22, shade=14, rim=9)
_AREA: Final = Style(power=8, luma=78, light=6, shade=6, rim=6)

SLACK: Final = 1.1
"""A track's shape may be so many times as long as its box, before lengths are rounded up."""
MOST_TRACKS: Final = 1024

_STYLES: Final = {Label.FACE: _HEAD, Label.HEAD: _HEAD, Label.BODY: _BODY, Label.MOTION: _AREA, Label.ZONE: _AREA}
_ORDER: Final = np.array([2, 2, 1, 0, 0], np.int64)
"""Turn of each label: areas, bodies, heads."""


def margin_px(width: int, height: int, label: Label) -> int:
    """Pixels beyond a box of this size, on every side, that its shape may change at most; even."""
    wide, high = _most(width), _most(height)
    return margin_of(min(wide, high), _STYLES[label].power) + max(_beyond(width, wide), _beyond(height, high))


class Silhouette:
    """Paints a rounded, softly lit shape over every box; overlapping people merge into a calm crowd that can still be counted."""

    reversible: ClassVar[bool] = False

    def __init__(self) -> None:
        stores = {style: ShapeStore(style) for style in (_HEAD, _BODY, _AREA)}
        self._stores = [stores[_STYLES[label]] for label in Label]
        self._hue = _Hue()
        self._sizes = _Sizes()

    def paint(self, planes: Planes, regions: Regions, *, pts: int) -> None:
        """Paint the shapes, far to near; see :class:`~proxy.redactors.protocol.Redactor`."""
        del pts
        if not len(regions):
            return
        order = np.lexsort((regions.xyxy[:, 3], _ORDER[regions.label]))
        labels, tracks = regions.label[order].tolist(), regions.track[order].tolist()
        free = self._hue.anew(planes.u.shape)
        for (x1, y1, x2, y2), label, track in zip(regions.xyxy[order].tolist(), labels, tracks, strict=True):
            wide, high = self._sizes.of(label, track, x2 - x1, y2 - y1)
            shape = self._stores[label].shape(wide, high)
            shape.clamp(planes.y, free, x1 - (wide - x2 + x1) // 4 * 2, y1 - (high - y2 + y1) // 4 * 2)
        self._hue.paint(planes.u, planes.v)


def _beyond(side: int, roomy_side: int) -> int:
    """By how much the longer side may stick out at the end that gets the greater half, even."""
    extra = roomy_side - side
    return extra - extra // 4 * 2


class _Sizes:
    """Width and height of each track's shape when it was last painted."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[int, int], tuple[int, int]] = OrderedDict()

    def of(self, label: int, track: int, width: int, height: int) -> tuple[int, int]:
        """Width and height of the shape for a box; those of before, where they still suit it."""
        if track < 0:
            return roomy(width), roomy(height)
        key = label, track
        wide, high = self._held.get(key, (0, 0))
        size = _steady(wide, width), _steady(high, height)
        self._held[key] = size
        self._held.move_to_end(key)
        if len(self._held) > MOST_TRACKS:
            self._held.popitem(last=False)
        return size


def _steady(held: int, side: int) -> int:
    return held if side <= held <= _most(side) else roomy(side)


def _most(side: int) -> int:
    """The longest side of a shape for a box with such a side; even."""
    return roomy(int(side * SLACK) // 2 * 2)


class _Hue:
    """How far chroma may be away from the hue, for a whole picture: all shapes are painted in one go."""

    def __init__(self) -> None:
        self._free: U8 = np.empty((0, 0), np.uint8)
        self._limit: U8 = self._free
        self._tones: list[U8] = []

    def anew(self, shape: tuple[int, ...]) -> U8:
        """``(H / 2, W / 2)`` uint8, 255 everywhere: chroma that may be whatever it is."""
        if self._free.shape != shape:
            self._free = np.empty(shape, np.uint8)
            self._limit = np.empty_like(self._free)
            self._tones = [np.full_like(self._free, tone) for tone in _HUE]
        self._free.fill(255)
        return self._free

    def paint(self, u: U8, v: U8) -> None:
        """Clamp both planes."""
        for plane, tone in zip((u, v), self._tones, strict=True):
            cv2.max(plane, cv2.subtract(tone, self._free, self._limit), plane)
            cv2.min(plane, cv2.add(tone, self._free, self._limit), plane)
