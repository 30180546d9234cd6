"""Which methods of hiding there are, by name, and how strong each may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proxy.redactors import blur, mosaic
from proxy.redactors.blur import Blur
from proxy.redactors.mosaic import Mosaic
from proxy.redactors.protocol import Redactor
from proxy.redactors.silhouette import Silhouette
from proxy.redactors.solid import Solid


@dataclass(frozen=True, slots=True)
class Strength:
    """A number that says how strongly a method hides.

    Attributes:
        setting: what it is called among the privacy settings.
        least: the smallest that may be chosen.
        usual: the one against which attacks were tried, unless told otherwise.
        most: the largest that may be chosen.
        more_hides_more: whether a larger one hides more.
    """

    setting: str
    least: int
    usual: int
    most: int
    more_hides_more: bool

    def weaker(self, value: int) -> bool:
        """Whether ``value`` hides less than the usual one."""
        return value < self.usual if self.more_hides_more else value > self.usual


CELLS: Final = Strength("mosaic_cells", mosaic.FEWEST_CELLS, mosaic.CELLS_ACROSS, mosaic.MOST_CELLS, more_hides_more=False)
SOFTNESS: Final = Strength("blur_percent", blur.LEAST_PERCENT, blur.PERCENT, blur.MOST_PERCENT, more_hides_more=True)


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

    @property
    def strength(self) -> Strength | None:
        """What can be chosen of its strength; nothing where nothing of a person is left."""
        return _STRENGTHS.get(self)

    def build(self, strength: int | None = None) -> Redactor:
        """A redactor for one camera, of this strength or of the usual one."""
        usual = self.strength.usual if self.strength else 0
        return _BUILDERS[self](usual if strength is None else strength)


_BUILDERS: Final[dict[Method, Callable[[int], Redactor]]] = {
    Method.SILHOUETTE: lambda _: Silhouette(),
    Method.SOLID: lambda _: Solid(),
    Method.MOSAIC: Mosaic,
    Method.BLUR: Blur,
}
_REVERSIBLE: Final[dict[Method, bool]] = {
    Method.SILHOUETTE: Silhouette.reversible,
    Method.SOLID: Solid.reversible,
    Method.MOSAIC: Mosaic.reversible,
    Method.BLUR: Blur.reversible,
}
_STRENGTHS: Final = {Method.MOSAIC: CELLS, Method.BLUR: SOFTNESS}
