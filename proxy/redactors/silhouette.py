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
from proxy.redactors.shapes import Layers, ShapeStore, Style, foot_rows_of, margin_of
from proxy.vision.detections import Label

_HEAD: Final = Style(power=4, luma=112, chroma=(130, 126), light=8, shade=6, rim=8)
_BODY: Final = Style(power=6, luma=78, chroma=(133, 124), light=16, shade=10, rim=12)
_AREA: Final = Style(power=8, luma=70, chroma=(132, 125), light=4, shade=4, rim=6)

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
            width, height = x2 - x1, y2 - y1
            shape = self._stores[label].shape(width, height)
            foot = foot_rows_of(min(width, height), shape.margin)
            top = height + 2 * shape.margin - foot
            x, y = x1 - shape.margin, y1 - shape.margin
            _blend(planes, shape.top, x=x, y=y, rows=top)
            _blend(planes, shape.foot, x=x, y=y + top, rows=foot)


def _blend(planes: Planes, layers: Layers, *, x: int, y: int, rows: int) -> None:
    """Blend into all three planes; ``x``, ``y`` and ``rows`` are luma pixels, even."""
    luma, blue, red = layers
    luma.blend(planes.y, x=x, y=y, rows=rows)
    blue.blend(planes.u, x=x // 2, y=y // 2, rows=rows // 2)
    red.blend(planes.v, x=x // 2, y=y // 2, rows=rows // 2)
