"""Soft-edged shapes that enclose a box, ready to be blended, and a bounded store of them.

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

from proxy.media.planes import U8, Planes

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
        chroma: U and V of the shape.
        light: what the luma gains at the top, fading to nothing at half a width below.
        shade: what the luma loses at the foot, likewise.
        rim: what the luma gains along the outline, so that overlapping shapes stay apart.
    """

    power: float
    luma: float
    chroma: tuple[float, float]
    light: float
    shade: float
    rim: float


@dataclass(frozen=True, slots=True)
class Layer:
    """What is blended into one plane, ``plane * keep / 255 + add``: both ``(rows, columns)`` uint8."""

    keep: U8
    add: U8

    def blend(self, plane: U8, x: int, y: int, /) -> None:
        """Blend into ``plane`` at ``x, y``, which may lie outside: what is outside is left out."""
        keep, add = self.keep, self.add
        rows, columns = keep.shape
        height, width = plane.shape
        right, bottom = x + columns, y + rows
        if x < 0 or y < 0 or right > width or bottom > height:
            part = slice(max(-y, 0), rows - max(bottom - height, 0)), slice(max(-x, 0), columns - max(right - width, 0))
            keep, add = keep[part], add[part]
            x, y = max(x, 0), max(y, 0)
        target = plane[y:bottom, x:right]
        cv2.multiply(target, keep, target, 1 / 255)
        cv2.add(target, add, target)


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape for boxes of one size, reaching ``margin`` pixels (even) beyond the box on every side."""

    margin: int
    y: Layer
    u: Layer
    v: Layer

    def blend(self, planes: Planes, *, x: int, y: int) -> None:
        """Blend around the box whose corner is ``x, y``, even luma pixels inside the picture."""
        x, y = x - self.margin, y - self.margin
        self.y.blend(planes.y, x, y)
        self.u.blend(planes.u, x // 2, y // 2)
        self.v.blend(planes.v, x // 2, y // 2)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(layer.keep.nbytes + layer.add.nbytes for layer in (self.y, self.u, self.v))


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of shapes of one width: what lies between them is their innermost row, as often as the height needs."""

    top: Shape
    foot: Shape

    def join(self, height: int) -> Shape:
        """The shape of a box ``height`` pixels high."""
        whole = height + 2 * self.top.margin
        blue = _join(self.top.u, self.foot.u, whole // 2)
        # chroma's two layers share what they keep: less memory to walk through
        red = Layer(blue.keep, _stretch(self.top.v.add, self.foot.v.add, whole // 2))
        return Shape(self.top.margin, _join(self.top.y, self.foot.y, whole), blue, red)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.top.nbytes + self.foot.nbytes


def margin_of(short: int, power: float) -> int:
    """Pixels by which the shape of a box with ``short`` as its shorter side reaches beyond it, soft edge included; even."""
    rounding, softness, _ = _proportions(short, power)
    return 2 * int(np.ceil((rounding + softness) / 2))


def draw(width: int, short: int, style: Style) -> Ends:
    """The ends of shapes for boxes ``width`` wide whose shorter side is ``short``: each half of that side and the margin."""
    margin = margin_of(short, style.power)
    rows = 2 * ((short // 2 + margin + 1) // 2)
    across = _corner(width + 2 * margin, margin, short, style.power)
    across = np.maximum(across, across[::-1])
    down = _corner(rows, margin, short, style.power)
    fade = np.linspace(1, 0, rows, dtype=np.float32) ** 2
    return Ends(
        _end(across, down, np.float32(style.light) * fade, style, margin=margin, short=short),
        _end(across, down[::-1], np.float32(-style.shade) * fade[::-1], style, margin=margin, short=short),
    )


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


def _end(across: F32, down: F32, tint: F32, style: Style, *, margin: int, short: int) -> Shape:
    """One end: ``across`` and ``down`` sum to the superellipse's left side, 1 on the outline of what is opaque."""
    _, softness, radius = _proportions(short, style.power)
    outer = (1 + softness / radius) ** style.power
    field = across[None, :] + down[:, None]
    inside = np.clip((outer - field) / (outer - 1), 0, 1)
    opacity = inside * inside * (3 - 2 * inside)
    rim = style.rim * np.clip(1 - np.abs(field - 1) / (outer - 1), 0, 1)
    quarter = cv2.resize(opacity, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    blue, red = (np.full_like(quarter, tone) for tone in style.chroma)
    return Shape(margin, _layer(opacity, style.luma + rim + tint[:, None]), _layer(quarter, blue), _layer(quarter, red))


def _layer(opacity: F32, tone: F32) -> Layer:
    weight = np.rint(opacity * 255)
    return Layer((255 - weight).astype(np.uint8), np.rint(weight * tone / 255).astype(np.uint8))


def _join(top: Layer, foot: Layer, rows: int) -> Layer:
    return Layer(_stretch(top.keep, foot.keep, rows), _stretch(top.add, foot.add, rows))


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
    """Shapes of one style, drawn once and kept while they are among the last used; ``most_bytes`` bounds what is kept."""

    def __init__(self, style: Style, *, most_bytes: int = 16 << 20) -> None:
        self._style = style
        self._shapes: _Kept[Shape] = _Kept(most_bytes)
        self._ends: _Kept[Ends] = _Kept(most_bytes)

    @property
    def held_bytes(self) -> int:
        """Bytes kept at present."""
        return self._shapes.held_bytes + self._ends.held_bytes

    def shape(self, width: int, height: int) -> Shape:
        """A shape for a box of ``width`` by ``height`` pixels, both even."""
        shape = self._shapes.get((width, height))
        if shape is None:
            key = width, min(width, height)
            ends = self._ends.get(key)
            if ends is None:
                ends = self._ends.put(key, draw(*key, self._style))
            shape = self._shapes.put((width, height), ends.join(height))
        return shape
