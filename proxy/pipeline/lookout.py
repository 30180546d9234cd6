"""What is looked at in each frame: the glance, and the looks that follow from it. Used from one thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from proxy.detectors.protocol import CloseDetector
from proxy.masking.cadence import Cadence, Due
from proxy.masking.closely import Place, Window
from proxy.masking.lookback import Glance, LookBack
from proxy.masking.passes import Pass
from proxy.media.formats import VideoFormat
from proxy.media.planes import U8
from proxy.media.raw import RawFrame
from proxy.vision.cells import Cells
from proxy.vision.scene import HEIGHT, WIDTH, is_cut
from proxy.vision.tiles import Tile

SEEN_WELL: Final = 0.75
"""The share of a close look's width and height in which whoever is there is in it as a whole."""


MOST: Final = 0.5
"""The share of a picture that changes from one frame to the next where it is the camera that moves."""
CHANGED: Final = 3
"""Levels of luma by which a part of the thumbnail changes at least."""


@dataclass(frozen=True, slots=True)
class Order:
    """The looks that a frame gets, and the passes that by its glance it does not need."""

    whole: tuple[Pass, ...]
    tiles: tuple[Tile, ...]
    unneeded: tuple[Pass, ...] = ()


@dataclass(slots=True)
class Lookout:
    """Decides for one camera which looks each frame gets.

    Attributes:
        luma: mean luma of the newest frame.
        moving: whether most of it is not what it was in the frame before.
    """

    look_back: LookBack
    cadence: Cadence
    detail: CloseDetector
    luma: float = 0.0
    moving: bool = False
    _shape: VideoFormat | None = None
    _cells: Cells = field(default_factory=lambda: Cells.over(2, 2))
    _tiles: tuple[Tile, ...] = ()
    _window: Window = field(default_factory=lambda: Window(1, 1))
    _thumbnail: U8 | None = None

    def arrives(self, raw: RawFrame) -> Order | None:
        """The looks that ``raw``, the newest frame, gets; ``None`` where it has nothing to do with the frame before.

        Then :meth:`ends` comes next, and then this again.
        """
        if self._shape is not None and raw.format != self._shape:
            return None
        self._begin(raw.format)
        shown = tones(raw, self._cells)
        before, self._thumbnail = self._thumbnail, thumbnail(shown)
        self.luma, self.moving = float(shown.mean()), before is not None and moved(before, self._thumbnail)
        if before is not None and is_cut(before, self._thumbnail):
            return None
        glance = self.look_back.glance(raw.pts, shown, self._cells)
        due = self.cadence.due(raw.pts, glance.asking, self._window, active=glance.active)
        return self._order(raw.pts, due, self._unneeded(glance, due))

    def ends(self) -> Order:
        """The looks that the newest frame gets in addition, because what comes next has nothing to do with it."""
        self._shape = self._thumbnail = None
        self.look_back.ended()
        return self._order(None, self.cadence.last(), ())

    def _begin(self, shape: VideoFormat) -> None:
        if shape == self._shape:
            return
        self._shape = shape
        self._cells = Cells.over(shape.width, shape.height)
        self._tiles = self.detail.tiles(shape.width, shape.height)
        self._window = seen_well(self._tiles[0], self._cells)

    def _unneeded(self, glance: Glance, due: Due) -> tuple[Pass, ...]:
        served = () if due.closely or due.waiting else (Pass.DETAIL,)
        calm = not (glance.active or glance.asking.any())
        return (Pass.FACES, Pass.BODIES, *served) if calm else served

    def _order(self, pts: int | None, due: Due, unneeded: Sequence[Pass]) -> Order:
        tiles = self._tiles if due.everywhere else tuple(self._tile(place) for place in due.close)
        if pts is not None and due.closely:
            part = ~self._cells.nowhere if due.everywhere else self._cells.nowhere
            for place in due.close:
                part[self._window.part(place)] = True
            self.look_back.looks_at(pts, part)
        return Order(due.whole, tiles, tuple(unneeded))

    def _tile(self, place: Place) -> Tile:
        """The close look that has the window at ``place`` in its middle, as far as the picture goes."""
        cells, width, height = self._cells, self._tiles[0].width, self._tiles[0].height
        last = self._tiles[-1]
        x = (place[1] * cells.side - (width - self._window.columns * cells.side) // 2) // 2 * 2
        y = (place[0] * cells.side - (height - self._window.rows * cells.side) // 2) // 2 * 2
        return Tile(min(max(x, 0), last.x), min(max(y, 0), last.y), width, height)


def seen_well(tile: Tile, cells: Cells) -> Window:
    """What a close look at ``tile`` sees well."""
    return Window(
        min(cells.rows, max(1, int(SEEN_WELL * tile.height) // cells.side)),
        min(cells.columns, max(1, int(SEEN_WELL * tile.width) // cells.side)),
    )


def tones(raw: RawFrame, cells: Cells) -> U8:
    """``(rows, columns)`` uint8: the mean luma of each cell, of every other pixel of every other row."""
    half = cells.side // 2
    luma = raw.planes.y[::2, ::2][: cells.rows * half, : cells.columns * half]
    size = (cells.columns, cells.rows)
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8).reshape(cells.rows, cells.columns)


def moved(before: U8, now: U8) -> bool:
    """Whether most of the picture changed between two thumbnails."""
    return bool((np.abs(now.astype(np.int16) - before) > CHANGED).mean() > MOST)


def thumbnail(shown: U8) -> U8:
    """The picture small enough to tell one scene from another: ``(scene.HEIGHT, scene.WIDTH)`` uint8."""
    return np.asarray(cv2.resize(shown, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
