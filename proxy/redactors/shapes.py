"""Soft-edged shapes that enclose a box, ready to be blended, and a bounded store of them.

The outline is a rounded rectangle whose corners are superellipses (Lamé curves), |x/r|ⁿ + |y/r|ⁿ = 1: rounder to the eye than
circular corners, and with little room lost around the box. The whole box lies inside the opaque part; the soft edge lies outside.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proxy.media.planes import U8

F32 = NDArray[np.float32]

ROWS: Final = 64
"""Tops are drawn in steps of so many rows: a shorter shape uses the first rows of a taller one."""
MOST_ROUNDING: Final = 16.0
"""Room for rounded corners around the largest boxes, pixels."""
MOST_SOFTNESS: Final = 8.0
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

    def blend(self, plane: U8, *, x: int, y: int, rows: int) -> None:
        """Blend the first ``rows`` rows into ``plane`` at ``x, y``, which may lie outside: what is outside is left out."""
        height, width = plane.shape
        top, bottom = max(y, 0), min(y + rows, height)
        left, right = max(x, 0), min(x + self.keep.shape[1], width)
        if top >= bottom or left >= right:
            return
        part = slice(top - y, bottom - y), slice(left - x, right - x)
        target = plane[top:bottom, left:right]
        cv2.multiply(target, self.keep[part], dst=target, scale=1 / 255)
        cv2.add(target, self.add[part], dst=target)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.keep.nbytes + self.add.nbytes


Layers = tuple[Layer, Layer, Layer]


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape for boxes of one width and any height up to a bound.

    Attributes:
        margin: pixels by which it reaches beyond the box on every side, even.
        top: layers of Y, U and V from the first row down.
        foot: layers of the last rows.
    """

    margin: int
    top: Layers
    foot: Layers

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(layer.nbytes for layer in (*self.top, *self.foot))


def margin_of(short: int, power: float) -> int:
    """Pixels by which the shape of a box with ``short`` as its shorter side reaches beyond it, soft edge included; even."""
    rounding, softness, _ = _proportions(short, power)
    return 2 * int(np.ceil((rounding + softness) / 2))


def draw(width: int, short: int, rows: int, style: Style) -> Shape:
    """The shape of boxes ``width`` wide whose shorter side is ``short`` and whose top and middle take ``rows`` rows at most."""
    margin = margin_of(short, style.power)
    foot_rows = foot_rows_of(short, margin)
    across = _corner(width + 2 * margin, margin, short, style.power)
    across = np.maximum(across, across[::-1])
    down = _corner(foot_rows, margin, short, style.power)
    fade = np.linspace(1, 0, foot_rows, dtype=np.float32) ** 2
    return Shape(
        margin,
        _layers(across, down, np.float32(style.light) * fade, style, short=short, rows=rows),
        _layers(across, down[::-1], np.float32(-style.shade) * fade[::-1], style, short=short, rows=foot_rows),
    )


def foot_rows_of(short: int, margin: int) -> int:
    """Rows of a shape's foot: half the shorter side and the margin, even."""
    return 2 * ((short // 2 + margin + 1) // 2)


def _proportions(short: int, power: float) -> tuple[float, float, float]:
    """Room for the rounded corners, width of the soft edge, and radius of the opaque corners, pixels.

    A corner of radius r reaches beyond the square's corner that it encloses by r(1 - 2^(-1/n)); the largest radius is half the
    enclosed side and that room.
    """
    lost = 1 - 2 ** (-1 / power)
    rounding = min(short / 2 * lost / (1 - lost), MOST_ROUNDING)
    softness = min(max(short * 0.04, 2.0), MOST_SOFTNESS)
    return rounding, softness, min(rounding / lost, short / 2 + rounding)


def _corner(length: int, margin: int, short: int, power: float) -> F32:
    """(|x|/r)ⁿ for pixels 0..length of a side that begins with a corner; 0 beyond the corner."""
    rounding, _, radius = _proportions(short, power)
    centre = margin - rounding + radius
    reach = np.maximum(centre - (np.arange(length, dtype=np.float32) + 0.5), 0) / radius
    return np.asarray(reach**power, np.float32)


def _layers(across: F32, down: F32, tint: F32, style: Style, *, short: int, rows: int) -> Layers:
    """Layers of ``rows`` rows, of which the first ``len(down)`` hold the corners and the tint and the others are all alike."""
    _, softness, radius = _proportions(short, style.power)
    outer = (1 + softness / radius) ** style.power
    shaped = min(rows, len(down))
    field = across[None, :] + down[:shaped, None]
    inside = np.clip((outer - field) / (outer - 1), 0, 1)
    opacity = inside * inside * (3 - 2 * inside)
    rim = style.rim * np.clip(1 - np.abs(field - 1) / (outer - 1), 0, 1)
    luma = style.luma + rim + tint[:shaped, None]
    quarter = cv2.resize(opacity, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    blue, red = style.chroma
    return (
        _layer(opacity, luma, rows),
        _layer(quarter, np.full_like(quarter, blue), rows // 2),
        _layer(quarter, np.full_like(quarter, red), rows // 2),
    )


def _layer(opacity: F32, tone: F32, rows: int) -> Layer:
    """A layer of ``rows`` rows whose last drawn row is repeated to the end."""
    weight = np.rint(opacity * 255)
    drawn = len(weight)
    keep = np.empty((rows, weight.shape[1]), np.uint8)
    add = np.empty_like(keep)
    keep[:drawn] = 255 - weight
    add[:drawn] = np.rint(weight * tone / 255)
    keep[drawn:] = keep[drawn - 1]
    add[drawn:] = add[drawn - 1]
    return Layer(keep, add)


class ShapeStore:
    """Shapes of one style, drawn once and kept while they are among the last used; ``most_bytes`` bounds what is kept."""

    def __init__(self, style: Style, *, most_bytes: int = 16 << 20) -> None:
        self._style = style
        self._most_bytes = most_bytes
        self._held = 0
        self._shapes: OrderedDict[tuple[int, int], Shape] = OrderedDict()

    @property
    def held_bytes(self) -> int:
        """Bytes kept at present."""
        return self._held

    def shape(self, width: int, height: int) -> Shape:
        """A shape for a box of ``width`` by ``height`` pixels, both even."""
        key = width, min(width, height)
        shape = self._shapes.get(key)
        margin = margin_of(key[1], self._style.power) if shape is None else shape.margin
        needed = height + 2 * margin
        if shape is not None and len(shape.top[0].keep) >= needed:
            self._shapes.move_to_end(key)
            return shape
        if shape is not None:
            self._held -= self._shapes.pop(key).nbytes
        drawn = draw(*key, -(-needed // ROWS) * ROWS, self._style)
        self._keep(key, drawn)
        return drawn

    def _keep(self, key: tuple[int, int], shape: Shape) -> None:
        self._shapes[key] = shape
        self._held += shape.nbytes
        while self._held > self._most_bytes and self._shapes:
            _, dropped = self._shapes.popitem(last=False)
            self._held -= dropped.nbytes
