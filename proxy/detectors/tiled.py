"""A detector shown the parts of a picture one after another, so that each is seen larger."""

from __future__ import annotations

from typing import Final

from proxy.detectors.protocol import Detector
from proxy.media.planes import Planes
from proxy.vision.detections import Detections
from proxy.vision.nms import nms_per_label
from proxy.vision.tiles import Tile, cut

OVERLAP: Final = 0.2
MAX_IOU: Final = 0.5


class Tiled:
    """What ``member`` finds in ``count`` overlapping parts of the picture."""

    def __init__(self, member: Detector, *, count: int) -> None:
        self._member = member
        self._count = count
        self.name = f"{member.name}x{count}"

    def detect(self, planes: Planes) -> Detections:
        """Everything found in any part, in the picture's pixels.

        Raises:
            DetectorError: the detector failed on a part.
        """
        height, width = planes.y.shape
        tiles = cut(width, height, count=self._count, overlap=OVERLAP)
        parts = [self._part(planes, tile) for tile in tiles]
        return nms_per_label(Detections.concatenate(parts), max_iou=MAX_IOU)

    def _part(self, planes: Planes, tile: Tile) -> Detections:
        rows, columns = slice(tile.y, tile.y + tile.height), slice(tile.x, tile.x + tile.width)
        half_rows = slice(tile.y // 2, (tile.y + tile.height) // 2)
        half_columns = slice(tile.x // 2, (tile.x + tile.width) // 2)
        part = Planes(planes.y[rows, columns], planes.u[half_rows, half_columns], planes.v[half_rows, half_columns])
        found = self._member.detect(part)
        return Detections(tile.to_picture(found.xyxy), found.score, found.label)
