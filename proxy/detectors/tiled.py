"""A detector shown parts of a picture one after another, so that each is seen larger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from proxy.detectors.protocol import Detector
from proxy.media.planes import Planes
from proxy.vision.detections import Detections
from proxy.vision.nms import nms_per_label
from proxy.vision.tiles import Tile, grid

MAX_IOU: Final = 0.5


class Tiled:
    """What ``member`` finds in parts of the picture.

    Args:
        member: looks at each part; all parts of one picture have one size.
        long_side: the longer side that the whole picture would have, scaled like its parts, pixels.
        enlarge: how many times a small picture may be enlarged towards that.
        side, overlap: the most pixels of a part's sides, and the least of what neighbours share, scaled.
    """

    def __init__(self, member: Detector, *, long_side: int, enlarge: float, side: int, overlap: int) -> None:
        self._member = member
        self._long_side = long_side
        self._enlarge = enlarge
        self._side, self._overlap = side, overlap
        self.name = f"{member.name}-{long_side}-tiled"

    def tiles(self, width: int, height: int) -> tuple[Tile, ...]:
        """The parts of a picture of ``width`` × ``height`` pixels."""
        scale = min(self._long_side / max(width, height), self._enlarge)
        return grid(width, height, side=self._side / scale, overlap=self._overlap / scale)

    def detect(self, planes: Planes) -> Detections:
        """Everything found in any part, in the picture's pixels.

        Raises:
            DetectorError: the detector failed on a part.
        """
        height, width = planes.y.shape
        return self.detect_in(planes, self.tiles(width, height))

    def detect_in(self, planes: Planes, tiles: Sequence[Tile]) -> Detections:
        """Everything found in these parts, in the picture's pixels.

        Raises:
            DetectorError: the detector failed on a part.
        """
        return nms_per_label(Detections.concatenate([self._part(planes, tile) for tile in tiles]), max_iou=MAX_IOU)

    def _part(self, planes: Planes, tile: Tile) -> Detections:
        rows, columns = slice(tile.y, tile.y + tile.height), slice(tile.x, tile.x + tile.width)
        half_rows = slice(tile.y // 2, (tile.y + tile.height) // 2)
        half_columns = slice(tile.x // 2, (tile.x + tile.width) // 2)
        part = Planes(planes.y[rows, columns], planes.u[half_rows, half_columns], planes.v[half_rows, half_columns])
        found = self._member.detect(part)
        return Detections(tile.to_picture(found.xyxy), found.score, found.label)
