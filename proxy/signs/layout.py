"""Where signs stand: in corners, one above the other, never outside the picture. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from proxy.signs.options import Corner


@dataclass(slots=True)
class Layout:
    """The room that is left in the corners of a picture of ``width`` × ``height`` pixels."""

    width: int
    height: int
    _taken: dict[Corner, int] = field(default_factory=dict)

    @property
    def margin(self) -> int:
        """Pixels between signs and the picture's edges, and from one sign to the next."""
        return max(2, self.height // 50) & ~1

    def copy(self) -> Layout:
        """A layout of its own with the same room left."""
        return replace(self, _taken=dict(self._taken))

    def place(self, corner: Corner, *, width: int, height: int) -> tuple[int, int] | None:
        """Left and top, both even, of a sign of this even size, whose place is taken from then on; ``None`` where none is left."""
        beside = self._taken.get(corner, 0) + self.margin
        if width + 2 * self.margin > self.width or beside + height + self.margin > self.height:
            return None
        self._taken[corner] = beside + height
        left = self.margin if corner in (Corner.TOP_LEFT, Corner.BOTTOM_LEFT) else self.width - self.margin - width
        top = beside if corner in (Corner.TOP_LEFT, Corner.TOP_RIGHT) else self.height - beside - height
        return left & ~1, top & ~1
