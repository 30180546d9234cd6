"""Coarse cells of quantised, noisy colour, locked to the track's box and held in time."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proxy.media.planes import U8, Planes
from proxy.media.time import ms_to_ticks
from proxy.redactors.regions import Regions

F32 = NDArray[np.float32]

CELLS_ACROSS: Final = 4
"""Cells across a box: the padded head, or the whole width of a body, of which the head is about a third."""
FEWEST_CELLS, MOST_CELLS = 2, 6
"""What may be chosen in place of it."""
DOWN: Final = 3
"""At most so many times as many cells down as across."""
STEP: Final = 16
"""Distance of two neighbouring tones, 4 bits; noise as large is added before they are quantised."""
CHROMA_STEP: Final = 8
"""The same of hues, of which half the saturation is left."""
HOLD: Final = ms_to_ticks(1000)
"""Cells keep their colours for so long, in ticks."""
MOST_TRACKS: Final = 512
SAMPLES: Final = 8


@dataclass(frozen=True, slots=True)
class _Cells:
    """Colours of one track's cells, ``(rows, columns)`` uint8 for each plane, when they were taken, and the track's own noise."""

    y: U8
    u: U8
    v: U8
    since: int
    noise: F32


class Mosaic:
    """Paints every box with a few flat cells.

    A track has the same noise for as long as it is remembered, from a generator that the operating system seeded: were it drawn
    anew with the colours, the mean of some seconds would be without it. A box without a track has nothing that could be held, so
    that it becomes a single cell.

    Args:
        cells: across a box.
    """

    reversible: ClassVar[bool] = True

    def __init__(self, cells: int = CELLS_ACROSS) -> None:
        self._across, self._down = cells, cells * DOWN
        self._random = np.random.default_rng()
        self._held: OrderedDict[tuple[int, int], _Cells] = OrderedDict()

    @property
    def held_tracks(self) -> int:
        """Tracks whose colours are remembered at present."""
        return len(self._held)

    def paint(self, planes: Planes, regions: Regions, *, pts: int) -> None:
        """Paint the cells; see :class:`~proxy.redactors.protocol.Redactor`."""
        rows = zip(regions.xyxy.tolist(), regions.label.tolist(), regions.track.tolist(), strict=True)
        painted = [(box, self._cells(planes, box, label, track, pts)) for box, label, track in rows]
        for box, cells in painted:
            x1, y1, x2, y2 = box
            _fill(planes.y[y1:y2, x1:x2], cells.y)
            half = slice(y1 // 2, y2 // 2), slice(x1 // 2, x2 // 2)
            _fill(planes.u[half], cells.u)
            _fill(planes.v[half], cells.v)
        while len(self._held) > MOST_TRACKS:
            self._held.popitem(last=False)

    def _cells(self, planes: Planes, box: list[int], label: int, track: int, pts: int) -> _Cells:
        if track < 0:
            return self._take(planes, box, pts, columns=1, rows=1)
        held = self._held.get((label, track))
        if held is None or not 0 <= pts - held.since < HOLD:
            x1, y1, x2, y2 = box
            columns = min(self._across, (x2 - x1) // 2)
            rows = min(max(round((y2 - y1) * columns / (x2 - x1)), 1), self._down, (y2 - y1) // 2)
            held = self._take(planes, box, pts, columns=columns, rows=rows, noise=held.noise if held else None)
            self._held[label, track] = held
        self._held.move_to_end((label, track))
        return held

    def _take(self, planes: Planes, box: list[int], pts: int, *, columns: int, rows: int, noise: F32 | None = None) -> _Cells:
        x1, y1, x2, y2 = box
        half = slice(y1 // 2, y2 // 2), slice(x1 // 2, x2 // 2)
        parts = planes.y[y1:y2, x1:x2], planes.u[half], planes.v[half]
        y, u, v = (_means(part, columns, rows) for part in parts)
        if noise is None:
            noise = self._random.random((3, self._down, self._across), np.float32) * 2 - 1
        luma, blue, red = noise[:, :rows, :columns]
        return _Cells(
            _coarse(y.astype(np.float32), luma, STEP),
            _coarse(64 + u * np.float32(0.5), blue, CHROMA_STEP),
            _coarse(64 + v * np.float32(0.5), red, CHROMA_STEP),
            pts,
            noise,
        )


def _means(part: U8, columns: int, rows: int) -> U8:
    """Each cell's mean over ``SAMPLES`` and more pixels across."""
    height, width = part.shape
    every = max(min(height // rows, width // columns) // SAMPLES, 1)
    small = cv2.resize(part[::every, ::every], (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8).reshape(rows, columns)


def _coarse(mean: F32, noise: F32, step: int) -> U8:
    """Each cell's mean, with noise of -1..1 steps, quantised, within limited range."""
    coarse: U8 = np.clip(np.rint(mean / step + noise) * step, 16, 224).astype(np.uint8)
    return coarse


def _fill(part: U8, cells: U8) -> None:
    height, width = part.shape
    cv2.resize(cells, (width, height), dst=part, interpolation=cv2.INTER_NEAREST)
