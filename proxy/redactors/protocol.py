"""What the gate asks of a method of hiding."""

from __future__ import annotations

from typing import ClassVar, Protocol

from proxy.media.planes import Planes
from proxy.redactors.regions import Regions


class Redactor(Protocol):
    """Paints over regions of a picture, in place. One redactor serves one camera: it may remember tracks between frames."""

    reversible: ClassVar[bool]
    """Whether published attacks recover people from this method's output; such a method is selectable, and warned about."""

    def paint(self, planes: Planes, regions: Regions, *, pts: int) -> None:
        """Make what the regions enclose unrecognisable, in ``planes`` itself.

        Args:
            planes: the copied picture, writable I420.
            regions: what to hide; integer boxes inside the picture, even-aligned, so that chroma is hidden with luma.
            pts: presentation time in ticks, increasing; what is held in time is held by it.

        Raises:
            Exception: anything; the gate then covers the whole frame.
        """
        ...
