"""Which methods of hiding there are, by name."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from proxy.redactors.blur import Blur
from proxy.redactors.mosaic import Mosaic
from proxy.redactors.protocol import Redactor
from proxy.redactors.silhouette import Silhouette
from proxy.redactors.solid import Solid


class Method(StrEnum):
    """A way of hiding, strongest first."""

    SILHOUETTE = "silhouette"
    SOLID = "solid"
    MOSAIC = "mosaic"
    BLUR = "blur"

    @property
    def reversible(self) -> bool:
        """Whether published attacks recover people from it; such a method is selectable, and warned about."""
        return _REVERSIBLE[self]

    def build(self) -> Redactor:
        """A redactor for one camera."""
        return _BUILDERS[self]()


_BUILDERS: Final[dict[Method, Callable[[], Redactor]]] = {
    Method.SILHOUETTE: Silhouette,
    Method.SOLID: Solid,
    Method.MOSAIC: Mosaic,
    Method.BLUR: Blur,
}
_REVERSIBLE: Final[dict[Method, bool]] = {
    Method.SILHOUETTE: Silhouette.reversible,
    Method.SOLID: Solid.reversible,
    Method.MOSAIC: Mosaic.reversible,
    Method.BLUR: Blur.reversible,
}
