"""Places that people walk through: a ground plane under a camera, what stands on it, and what moves there and is nobody.

The camera is ``EYE`` metres above the ground and looks level: a thing of ``h`` metres at a distance of ``z`` is ``focal * h / z``
pixels high, and stands on the row ``horizon + focal * EYE / z``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

EYE: Final = 2.0
"""Height of the camera above the ground, metres."""

Painter = Callable[[U8, float], NDArray[np.bool_]]
"""Paints itself into the picture at a time in seconds; returns ``(H, W)`` bool, the pixels that it hides."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is nobody, ``z`` metres away."""

    z: float
    paint: Painter


@dataclass(frozen=True, slots=True)
class Scene:
    """A place: its picture without people, how the camera sees it, and its things."""

    background: U8
    focal: float
    horizon: float
    things: tuple[Thing, ...]

    def project(self, x: float, z: float, up: float = 0.0) -> tuple[float, float]:
        """The pixel of the point ``x`` metres right of the axis, ``z`` away, ``up`` above the ground."""
        return self.background.shape[1] / 2 + self.focal * x / z, self.horizon + self.focal * (EYE - up) / z


def street(width: int, height: int, seed: int, *, traffic: bool = True) -> Scene:
    """A pedestrian street: facades, paving, a road across with cars, trees, lamp posts and an advertising pillar."""
    random = np.random.default_rng(seed)
    horizon, focal = height * 0.33, width * 0.72
    picture = np.zeros((height, width, 3), np.float32)
    rows = np.linspace(0, 1, height)[:, None]
    picture[:] = np.array([225, 205, 180], np.float32) * (1 - rows[..., None] * 0.35)
    _facades(picture, random, horizon)
    _paving(picture, random, horizon, focal, (150, 156, 160))
    background = np.clip(picture + random.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
    scene = Scene(background, focal, horizon, ())
    things = [
        _post(scene, -3.6, 11.0, 0.16, 4.2, (58, 62, 60)),
        _post(scene, 4.4, 12.0, 0.16, 4.2, (58, 62, 60)),
        _post(scene, 1.15, 5.4, 0.42, 3.0, (84, 110, 92)),
        _tree(scene, -6.4, 10.0, seed),
        _tree(scene, 7.6, 13.0, seed + 1),
    ]
    if traffic:
        things += [
            _car(scene, 21.0, 7.0, 0.0, (60, 60, 170)),
            _car(scene, 23.5, -8.0, 3.1, (150, 120, 70)),
            _car(scene, 21.0, 7.0, 6.4, (190, 190, 192)),
        ]
    return Scene(background, focal, horizon, tuple(things))


def cafe(width: int, height: int, seed: int) -> Scene:
    """A room seen from its counter: a wall with windows and pictures, lamps, tables in front, a column."""
    random = np.random.default_rng(seed)
    horizon, focal = height * 0.40, width * 0.78
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 1 - 0.35 * ((columns / width - 0.35) ** 2 + (rows / height - 0.3) ** 2)
    picture = np.array([112, 142, 168], np.float32) * light[..., None]
    floor = horizon + focal * EYE / 9
    for k in range(4):
        left = int(width * (0.04 + 0.25 * k))
        _pane(picture, left, int(height * 0.08), int(width * 0.15), int(floor - height * 0.22), random)
    picture[int(floor) :] = np.array([60, 84, 112], np.float32)
    _paving(picture, random, floor - 4, focal, (62, 88, 118))
    background = np.clip(picture + random.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
    scene = Scene(background, focal, horizon, ())
    things = (
        _post(scene, 0.75, 1.9, 0.30, 3.4, (96, 110, 128)),
        _table(scene, -1.0, 2.3),
        _table(scene, 1.9, 2.9),
        _table(scene, 0.3, 4.4),
        _lamp(scene, -0.7, 3.2),
        _lamp(scene, 1.5, 3.6),
    )
    return Scene(background, focal, horizon, things)


def _facades(picture: F32, random: np.random.Generator, horizon: float) -> None:
    height, width = picture.shape[:2]
    foot = int(horizon + height * 0.06)
    left = 0
    while left < width:
        wide = int(width * random.uniform(0.13, 0.22))
        top = int(horizon * random.uniform(-0.2, 0.35))
        colour = np.array([128, 146, 166], np.float32) * random.uniform(0.75, 1.2) + random.uniform(-14, 14, 3)
        wall = picture[max(0, top) : foot, left : left + wide]
        wall[:] = colour * np.linspace(1.05, 0.85, wall.shape[1])[None, :, None]
        step = width // 36
        for y in range(max(6, top + 10), foot - step * 2, int(step * 1.6)):
            for x in range(left + 8, min(width, left + wide) - step, int(step * 1.5)):
                _pane(picture, x, y, int(step * 0.8), step, random)
        picture[foot - int(step * 1.5) : foot, left + 4 : left + wide - 4] = np.array([60, 62, 70], np.float32) * random.uniform(
            0.7, 1.4
        )
        left += wide


def _pane(picture: F32, x: int, y: int, wide: int, high: int, random: np.random.Generator) -> None:
    glass = picture[y : y + high, x : x + wide]
    if glass.size:
        glass[:] = (
            np.array([165, 150, 135], np.float32)
            * random.uniform(0.45, 1.25)
            * np.linspace(1.1, 0.7, glass.shape[0])[:, None, None]
        )
        cv2.rectangle(picture, (x, y), (x + wide, y + high), (200, 205, 208), max(1, wide // 18), cv2.LINE_AA)
        cv2.line(picture, (x + wide // 2, y), (x + wide // 2, y + high), (200, 205, 208), 1, cv2.LINE_AA)


def _paving(picture: F32, random: np.random.Generator, horizon: float, focal: float, colour: tuple[int, int, int]) -> None:
    """Slabs in perspective from ``horizon`` down."""
    height, width = picture.shape[:2]
    first = int(horizon) + int(height * 0.055)
    rows, columns = np.mgrid[first:height, 0:width].astype(np.float32)
    z = focal * EYE / (rows - horizon)
    x = (columns - width / 2) * z / focal
    shades = random.uniform(0.86, 1.08, (64, 64)).astype(np.float32)
    i, j = np.floor(z / 0.9).astype(int), np.floor(x / 0.9 + 0.5 * (np.floor(z / 0.9) % 2)).astype(int)
    slab = shades[i % 64, j % 64]
    joint = np.minimum(np.abs((z / 0.9) % 1 - 0.5), np.abs((x / 0.9 + 0.5 * (np.floor(z / 0.9) % 2)) % 1 - 0.5)) * 2
    near = np.clip((14 - z) / 10, 0, 1)
    slab = slab * (1 - 0.22 * near * (joint > 0.95))
    grain = cv2.GaussianBlur(random.normal(0, 10, rows.shape).astype(np.float32), (0, 0), 1.0)
    picture[first:] = np.array(colour, np.float32) * slab[..., None] + grain[..., None]
    picture[first : first + 3] = (120, 122, 124)


def _shape(picture: U8, outline: NDArray[np.float64], colour: NDArray[np.float64] | tuple[float, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(picture.shape[:2], np.uint8)
    points = [np.round(np.clip(outline, -4000, 4000) * 8).astype(np.int32)]
    cv2.fillPoly(mask, points, 255, cv2.LINE_AA, 3)
    cv2.fillPoly(picture, points, tuple(float(channel) for channel in colour), cv2.LINE_AA, 3)
    return mask > 127


def _post(scene: Scene, x: float, z: float, thick: float, tall: float, colour: tuple[int, int, int]) -> Thing:
    """An upright cylinder."""

    def paint(picture: U8, _seconds: float) -> NDArray[np.bool_]:
        hidden = np.zeros(picture.shape[:2], bool)
        for k in range(6):
            left, right = (x + thick * (edge / 6 - 0.5) for edge in (k, k + 1))
            outline = np.array(
                [scene.project(left, z), scene.project(left, z, tall), scene.project(right, z, tall), scene.project(right, z)]
            )
            hidden |= _shape(picture, outline, np.array(colour) * (0.7 + 0.5 * np.sin(np.pi * (k + 1) / 7)))
        return hidden

    return Thing(z, paint)


def _tree(scene: Scene, x: float, z: float, seed: int) -> Thing:
    random = np.random.default_rng(seed)
    leaves = np.column_stack(
        [random.normal(x, 0.9, 90), random.normal(3.9, 0.6, 90), random.uniform(0.18, 0.42, 90), random.uniform(0.6, 1.15, 90)]
    )

    def paint(picture: U8, seconds: float) -> NDArray[np.bool_]:
        trunk = [scene.project(x + dx, z, up) for dx, up in ((-0.16, 0), (-0.1, 3.4), (0.1, 3.4), (0.16, 0))]
        hidden = _shape(picture, np.array(trunk), (52, 70, 88))
        crown = np.zeros(picture.shape[:2], np.uint8)
        for k, (lx, up, size, shade) in enumerate(leaves):
            sway = 0.07 * np.sin(2 * np.pi * seconds / 3 + k)
            centre = tuple(int(v) for v in scene.project(lx + sway, z, up))
            radius = int(size * scene.focal / z)
            cv2.circle(picture, centre, radius, tuple(float(c * shade) for c in (62, 118, 84)), -1, cv2.LINE_AA)
            cv2.circle(crown, centre, radius, 255, -1)
        return hidden | (crown > 0)

    return Thing(z, paint)


def _car(scene: Scene, z: float, speed: float, start: float, colour: tuple[int, int, int]) -> Thing:
    """A car that crosses at ``speed`` metres a second, again and again every 12 s."""

    def paint(picture: U8, seconds: float) -> NDArray[np.bool_]:
        travelled = ((seconds + start) % 12.0) * abs(speed) - 26
        middle = travelled if speed > 0 else -travelled
        direction = 1 if speed > 0 else -1
        hull = [(-2.1, 0.35), (-2.1, 0.85), (-1.35, 0.95), (-0.8, 1.45), (0.75, 1.45), (1.35, 0.95), (2.1, 0.8), (2.1, 0.35)]
        glass = [(-1.15, 0.97), (-0.7, 1.36), (0.68, 1.36), (1.12, 0.97)]
        hidden = _shape(picture, np.array([scene.project(middle + direction * dx, z, up) for dx, up in hull]), colour)
        _shape(picture, np.array([scene.project(middle + direction * dx, z, up) for dx, up in glass]), (96, 84, 66))
        for dx in (-1.25, 1.25):
            centre = tuple(int(v) for v in scene.project(middle + dx, z, 0.33))
            cv2.circle(picture, centre, int(0.33 * scene.focal / z), (30, 30, 30), -1, cv2.LINE_AA)
            cv2.circle(picture, centre, int(0.17 * scene.focal / z), (150, 150, 150), -1, cv2.LINE_AA)
        return hidden

    return Thing(z, paint)


def _table(scene: Scene, x: float, z: float) -> Thing:
    def paint(picture: U8, _seconds: float) -> NDArray[np.bool_]:
        top = [scene.project(x + 0.55 * np.cos(a), z + 0.25 * np.sin(a), 0.78) for a in np.linspace(0, 2 * np.pi, 40)]
        leg = [scene.project(x + dx, z, up) for dx, up in ((-0.05, 0), (-0.05, 0.78), (0.05, 0.78), (0.05, 0))]
        hidden = _shape(picture, np.array(leg), (40, 40, 44)) | _shape(picture, np.array(top), (70, 104, 146))
        cup = [scene.project(x + 0.1 + dx, z, up) for dx, up in ((-0.04, 0.8), (-0.05, 0.9), (0.05, 0.9), (0.04, 0.8))]
        return hidden | _shape(picture, np.array(cup), (225, 228, 230))

    return Thing(z, paint)


def _lamp(scene: Scene, x: float, z: float) -> Thing:
    """A hanging lamp that swings a little."""

    def paint(picture: U8, seconds: float) -> NDArray[np.bool_]:
        sway = 0.05 * np.sin(2 * np.pi * seconds / 4 + x)
        cord = [scene.project(x, z, 3.4), scene.project(x + sway, z, 2.5)]
        start, end = (tuple(int(v) for v in point) for point in cord)
        cv2.line(picture, start, end, (40, 40, 40), 1, cv2.LINE_AA)
        shade = [scene.project(x + sway + dx, z, up) for dx, up in ((-0.2, 2.25), (-0.07, 2.5), (0.07, 2.5), (0.2, 2.25))]
        return _shape(picture, np.array(shade), (70, 190, 225))

    return Thing(z, paint)
