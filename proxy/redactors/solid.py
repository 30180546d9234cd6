"""A flat fill of the box: the plainest method, and nothing of what it covers is left."""

from __future__ import annotations

from typing import ClassVar, Final

from proxy.media.planes import Planes
from proxy.redactors.regions import Regions

LUMA: Final = 56
CHROMA: Final = (131, 126)


class Solid:
    """Fills every box with one dark tone. Nothing outside the boxes is touched."""

    reversible: ClassVar[bool] = False

    def paint(self, planes: Planes, regions: Regions, *, pts: int) -> None:
        """Fill the boxes; see :class:`~proxy.redactors.protocol.Redactor`."""
        del pts
        blue, red = CHROMA
        for x1, y1, x2, y2 in regions.xyxy.tolist():
            planes.y[y1:y2, x1:x2] = LUMA
            half = slice(y1 // 2, y2 // 2), slice(x1 // 2, x2 // 2)
            planes.u[half] = blue
            planes.v[half] = red
