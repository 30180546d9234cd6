"""People as soft shapes in calm tones: the default.

1. Shape and tone depend on the boxes alone, never on a pixel under them.
2. Every box lies wholly under the opaque part; the soft edge reaches beyond it by at most ``margin_px``.
3. Zones and motion are painted first, then bodies from far (whose feet are higher in the picture) to near, then heads.
"""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from proxy.media.planes import Planes
from proxy.redactors.regions import Regions
from proxy.redactors.shapes import ShapeStore, Style, margin_of
from proxy.vision.detections import Label

_CHROMA: Final = (130.0, 126.0)
"""One hue for everything, so that shapes merge where they meet."""
_HEAD: Final = Style(power=2.6, luma=118, chroma=_CHROMA, light=10, shade=10, rim=4)
_BODY: Final = Style(power=4, luma=86, chroma=_CHROMA, light=22, shade=14, rim=9)
_AREA: Final = Style(power=8, luma=78, chroma=_CHROMA, light=6, shade=6, rim=6)

_STYLES: Final = {Label.FACE: _HEAD, Label.HEAD: _HEAD, Label.BODY: _BODY, Label.MOTION: _AREA, Label.ZONE: _AREA}
_ORDER: Final = np.array([2, 2, 1, 0, 0], np.int64)
"""Turn of each label: areas, bodies, heads."""


def margin_px(width: int, height: int, label: Label) -> int:
    """Pixels beyond a box of this size, on every side, that its shape may change; even."""
    return margin_of(min(width, height), _STYLES[label].power)


class Silhouette:
    """Paints a rounded, softly lit shape over every box; overlapping people merge into a calm crowd that can still be counted."""

    reversible: ClassVar[bool] = False

    def __init__(self) -> None:
        stores = {style: ShapeStore(style) for style in (_HEAD, _BODY, _AREA)}
        self._stores = [stores[_STYLES[label]] for label in Label]

    def paint(self, planes: Planes, regions: Regions, *, pts: int) -> None:
        """Paint the shapes, far to near; see :class:`~proxy.redactors.protocol.Redactor`."""
        del pts
        order = np.lexsort((regions.xyxy[:, 3], _ORDER[regions.label]))
        labels = regions.label[order].tolist()
        for (x1, y1, x2, y2), label in zip(regions.xyxy[order].tolist(), labels, strict=True):
            self._stores[label].shape(x2 - x1, y2 - y1).blend(planes, x=x1, y=y1)
