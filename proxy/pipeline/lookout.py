"""What is looked at in each frame: the glance, and the looks that follow from it. Used from one thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from proxy.detectors.protocol import CloseDetector
from proxy.masking.cadence import Cadence, Due
from proxy.masking.lookback import Glance, LookBack
from proxy.masking.passes import Pass
from proxy.media.formats import VideoFormat
from proxy.media.planes import U8
from proxy.media.raw import RawFrame
from proxy.vision.cells import Cells
from proxy.vision.scene import HEIGHT, WIDTH, is_cut
from proxy.vision.tiles import Tile


@dataclass(frozen=True, slots=True)
class Order:
    """The looks that a frame gets, and the passes that by its glance it does not need."""

    whole: tuple[Pass, ...]
    tiles: tuple[Tile, ...]
    unneeded: tuple[Pass, ...] = ()


@dataclass(slots=True)
class Lookout:
    """Decides for one camera which looks each frame gets."""

    look_back: LookBack
    cadence: Cadence
    detail: CloseDetector
    _shape: VideoFormat | None = None
    _cells: Cells = field(default_factory=lambda: Cells.over(2, 2))
    _tiles: tuple[Tile, ...] = ()
    _spans: tuple[tuple[slice, slice], ...] = ()
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
        if before is not None and is_cut(before, self._thumbnail):
            return None
        glance = self.look_back.glance(raw.pts, shown, self._cells)
        asking = np.array([glance.asking[span].any() for span in self._spans], np.bool_)
        due = self.cadence.due(raw.pts, asking, active=glance.active)
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
        cells = self._cells
        self._spans = tuple(
            (cells.span(tile.y, tile.height, cells.rows), cells.span(tile.x, tile.width, cells.columns)) for tile in self._tiles
        )

    def _unneeded(self, glance: Glance, due: Due) -> tuple[Pass, ...]:
        served = () if due.tiles or due.waiting else (Pass.DETAIL,)
        calm = not (glance.active or glance.asking.any())
        return (Pass.FACES, Pass.BODIES, *served) if calm else served

    def _order(self, pts: int | None, due: Due, unneeded: Sequence[Pass]) -> Order:
        if pts is not None and due.tiles:
            part = self._cells.nowhere
            for number in due.tiles:
                part[self._spans[number]] = True
            self.look_back.looks_at(pts, part)
        return Order(due.whole, tuple(self._tiles[number] for number in due.tiles), tuple(unneeded))


def tones(raw: RawFrame, cells: Cells) -> U8:
    """``(rows, columns)`` uint8: the mean luma of each cell, of every other pixel of every other row."""
    half = cells.side // 2
    luma = raw.planes.y[::2, ::2][: cells.rows * half, : cells.columns * half]
    size = (cells.columns, cells.rows)
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8).reshape(cells.rows, cells.columns)


def thumbnail(shown: U8) -> U8:
    """The picture small enough to tell one scene from another: ``(scene.HEIGHT, scene.WIDTH)`` uint8."""
    return np.asarray(cv2.resize(shown, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
