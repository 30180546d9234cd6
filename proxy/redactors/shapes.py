"""Soft-edged shapes that enclose a box, ready to be painted, and a bounded store of them.

The outline is a rounded rectangle whose corners are superellipses (Lamé curves), |x/r|ⁿ + |y/r|ⁿ = 1: rounder to the eye than
circular corners, and with little room lost around the box. The whole box lies inside the opaque part; the soft edge lies outside.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from proxy.media.planes import U8

F32 = NDArray[np.float32]

MOST_ROUNDING: Final = 24.0
"""Room for rounded corners around the largest boxes, pixels."""
MOST_SOFTNESS: Final = 12.0
"""Width of the soft edge of the largest boxes, pixels."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of thing is drawn.

    Attributes:
        power: n of the corners; 2 is a circle, larger is squarer and needs less room around the box.
        luma: tone of the shape, limited range.
        light: what the luma gains at the top, fading to nothing at half a width below.
        shade: what the luma loses at the foot, likewise.
        rim: what the luma gains along the outline, so that overlapping shapes stay apart.
    """

    power: float
    luma: float
    light: float
    shade: float
    rim: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape for boxes of one size, reaching ``margin`` pixels (even) beyond the box on every side.

    Where it is opaque ``lower`` equals ``upper`` and ``free`` is 0, towards the outside they open gradually, and outermost they
    let everything pass. Clamping takes no multiplication, and what it leaves where both limits meet is the tone alone.

    Attributes:
        margin: how far the arrays reach beyond the box on every side, luma pixels, even.
        lower: ``(rows, columns)`` uint8, the least luma.
        upper: ``(rows, columns)`` uint8, the greatest luma.
        free: ``(rows / 2, columns / 2)`` uint8, how far chroma may be away from the shape's hue.
    """

    margin: int
    lower: U8
    upper: U8
    free: U8

    def clamp(self, luma: U8, free: U8, x: int, y: int, /) -> None:
        """Paint into ``luma`` and narrow ``free``, half its size, around the box whose corner is ``x, y``, even.

        The box touches the picture; what lies outside is left out.
        """
        lower, upper, mine = self.lower, self.upper, self.free
        rows, columns = lower.shape
        height, width = luma.shape
        left, top = x - self.margin, y - self.margin
        right, bottom = left + columns, top + rows
        if left < 0 or top < 0 or right > width or bottom > height:
            above, before = max(-top, 0), max(-left, 0)
            below, behind = rows - max(bottom - height, 0), columns - max(right - width, 0)
            lower, upper = lower[above:below, before:behind], upper[above:below, before:behind]
            mine = mine[above // 2 : below // 2, before // 2 : behind // 2]
            left, top = max(left, 0), max(top, 0)
        target = luma[top:bottom, left:right]
        cv2.min(target, upper, target)
        cv2.max(target, lower, target)
        target = free[top // 2 : bottom // 2, left // 2 : right // 2]
        cv2.min(target, mine, target)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.lower.nbytes + self.upper.nbytes + self.free.nbytes


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of shapes of one width: what lies between them is their innermost row, as often as the height needs."""

    top: Shape
    foot: Shape

    def join(self, height: int) -> Shape:
        """The shape of a box ``height`` pixels high."""
        top, foot, whole = self.top, self.foot, height + 2 * self.top.margin
        return Shape(
            top.margin,
            _stretch(top.lower, foot.lower, whole),
            _stretch(top.upper, foot.upper, whole),
            _stretch(top.free, foot.free, whole // 2),
        )

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.top.nbytes + self.foot.nbytes


def margin_of(short: int, power: float) -> int:
    """Pixels by which the shape of a box with ``short`` as its shorter side reaches beyond it, soft edge included; even."""
    rounding, softness, _ = _proportions(short, power)
    return 2 * int(np.ceil((rounding + softness) / 2))


def roomy(side: int) -> int:
    """``side`` (even) rounded up to one of few lengths, by less than 8 pixels and a tenth."""
    step = 2 if side < 40 else 4 if side < 80 else 8
    return -(-side // step) * step


def draw(width: int, short: int, style: Style) -> Ends:
    """The ends of shapes for boxes ``width`` wide whose shorter side is ``short``: each half of that side and the margin."""
    margin = margin_of(short, style.power)
    rows = 2 * ((short // 2 + margin + 1) // 2)
    _, softness, radius = _proportions(short, style.power)
    across = _corner(width + 2 * margin, margin, short, style.power)
    across = np.maximum(across, across[::-1])
    # the superellipse's left side less 1, as a share of the way across the soft edge
    beyond = (across - 1)[None, :] + _corner(rows, margin, short, style.power)[:, None]
    beyond *= np.float32(1 / ((1 + softness / radius) ** style.power - 1))
    free = np.clip(beyond, 0, 1)
    quarter = np.rint(cv2.resize(free, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)
    tone = np.minimum(np.abs(beyond, out=beyond), 1, out=beyond)
    tone *= np.float32(-style.rim)
    tone += np.float32(style.luma + style.rim)
    fade = np.linspace(1, 0, rows, dtype=np.float32)[:, None] ** 2
    top = Shape(margin, *_limits(tone + np.float32(style.light) * fade, free), quarter)
    lower, upper = _limits(tone - np.float32(style.shade) * fade, free)
    return Ends(top, Shape(margin, lower[::-1], upper[::-1], quarter[::-1]))


def _limits(tone: F32, free: F32) -> tuple[U8, U8]:
    """The least and the greatest luma: ``tone`` where ``free`` is 0, 0 and 255 where it is 1."""
    lower = tone * (1 - free)
    upper = lower + 255 * free
    return np.rint(lower).astype(np.uint8), np.rint(upper).astype(np.uint8)


def _proportions(short: int, power: float) -> tuple[float, float, float]:
    """Room for the rounded corners, width of the soft edge, and radius of the opaque corners, pixels.

    A corner of radius r reaches beyond the square's corner that it encloses by r(1 - 2^(-1/n)); the largest radius is half the
    enclosed side and that room.
    """
    lost = 1 - 2 ** (-1 / power)
    rounding = min(short / 2 * lost / (1 - lost), MOST_ROUNDING)
    softness = min(max(short * 0.06, 2.0), MOST_SOFTNESS)
    return rounding, softness, min(rounding / lost, short / 2 + rounding)


def _corner(length: int, margin: int, short: int, power: float) -> F32:
    """(|x|/r)ⁿ for pixels 0..length of a side that begins with a corner; 0 beyond the corner."""
    rounding, _, radius = _proportions(short, power)
    centre = margin - rounding + radius
    reach = np.maximum(centre - (np.arange(length, dtype=np.float32) + 0.5), 0) / radius
    return np.asarray(reach**power, np.float32)


def _stretch(top: U8, foot: U8, rows: int) -> U8:
    joined = np.empty((rows, top.shape[1]), np.uint8)
    middle = rows - len(foot)
    above = min(len(top), middle)
    joined[:above] = top[:above]
    joined[above:middle] = foot[0]
    joined[middle:] = foot
    return joined


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


T = TypeVar("T", bound=_Sized)


class _Kept(Generic[T]):
    """The values last used, as many as fit into ``most_bytes``, by width and another length."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._values: OrderedDict[tuple[int, int], T] = OrderedDict()
        self.held_bytes = 0

    def get(self, key: tuple[int, int]) -> T | None:
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: tuple[int, int], value: T) -> T:
        self._values[key] = value
        self.held_bytes += value.nbytes
        while self.held_bytes > self._most_bytes:
            self.held_bytes -= self._values.popitem(last=False)[1].nbytes
        return value


class ShapeStore:
    """Shapes of one style, drawn once and kept while they are among the last used; ``most_bytes`` bounds what is kept.

    Sides are rounded up (:func:`roomy`) so that somebody who walks towards the camera does not ask for a new shape in every frame.
    """

    def __init__(self, style: Style, *, most_bytes: int = 16 << 20) -> None:
        self._style = style
        self._shapes: _Kept[Shape] = _Kept(most_bytes)
        self._ends: _Kept[Ends] = _Kept(most_bytes)

    @property
    def held_bytes(self) -> int:
        """Bytes kept at present."""
        return self._shapes.held_bytes + self._ends.held_bytes

    def shape(self, width: int, height: int) -> Shape:
        """A shape for a box of ``width`` by ``height`` pixels, both as :func:`roomy` gives them."""
        shape = self._shapes.get((width, height))
        if shape is None:
            key = width, min(width, height)
            ends = self._ends.get(key)
            if ends is None:
                ends = self._ends.put(key, draw(*key, self._style))
            shape = self._shapes.put((width, height), ends.join(height))
        return shape
