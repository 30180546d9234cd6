"""Puts figures into scenes: one picture and its ground truth at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_videos import figures
from sample_videos.cutouts import HEAD_HEIGHT
from sample_videos.scenes import Scene, Thing

U8 = NDArray[np.uint8]

STATURE_M: Final = 1.76
LEAST_SHARE: Final = 0.08
"""A person of whom less than this share is in sight is not in the ground truth."""
LEAST_HEAD: Final = 0.4
"""The same for a head, as a share of the head."""

Truth = dict[str, object]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person's way: ``marks`` are (seconds, metres right, metres away), straight and even in between.

    ``looks`` are (seconds, degrees) added to the way's direction, or the direction itself for somebody who stands. Between
    ``shown`` (seconds) only; ``scale`` makes people taller or shorter, ``sits`` lowers them by metres.
    """

    id: int
    name: str
    marks: tuple[tuple[float, float, float], ...]
    looks: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    shown: tuple[float, float] = (0.0, 1e9)
    scale: float = 1.0
    sits: float = 0.0

    def at(self, seconds: float) -> tuple[float, float, int, int]:
        """Metres right, metres away, step phase and yaw."""
        times, xs, zs = (np.array(column) for column in zip(*self.marks, strict=True))
        x, z = float(np.interp(seconds, times, xs)), float(np.interp(seconds, times, zs))
        window = np.array([seconds - 0.35, seconds + 0.35])
        dx, dz = (float(np.diff(np.interp(window, times, values))[0]) for values in (xs, zs))
        walked = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(xs), np.diff(zs)))])
        phase = int(float(np.interp(seconds, times, walked)) / 1.45 * figures.PHASES) % figures.PHASES
        heading = np.degrees(np.arctan2(dx, -dz)) if np.hypot(dx, dz) > 0.05 else 0.0
        look_times, degrees = (np.array(column) for column in zip(*self.looks, strict=True))
        yaw = heading + float(np.interp(seconds, look_times, degrees))
        yaw = (yaw + 180) % 360 - 180
        return x, z, phase, round(yaw / figures.YAW_STEP) * figures.YAW_STEP


@dataclass(frozen=True, slots=True)
class _Placed:
    actor: Actor
    figure: figures.Figure
    z: float
    left: float
    top: float
    scale: float


def picture(scene: Scene, actors: Sequence[Actor], seconds: float, shift: tuple[float, float]) -> tuple[U8, list[Truth]]:
    """The scene at a time as ``(H, W, 3)`` BGR, the camera moved by ``shift`` pixels, and who is to be seen in it."""
    canvas = scene.background.copy()
    owner = np.zeros(canvas.shape[:2], np.int16)
    placed = [_place(scene, actor, seconds) for actor in actors if actor.shown[0] <= seconds < actor.shown[1]]
    items: list[Thing | _Placed] = [*scene.things, *placed]
    for item in sorted(items, key=lambda item: -item.z):
        if isinstance(item, Thing):
            owner[item.paint(canvas, seconds)] = 0
        else:
            _shadow(canvas, scene, item, seconds)
            _paint(canvas, owner, item)
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64)
    size = (canvas.shape[1], canvas.shape[0])
    moved = np.asarray(cv2.warpAffine(canvas, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    seen = np.asarray(cv2.warpAffine(owner, matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT), np.int16)
    truths = [_truth(item, seen, shift) for item in placed]
    return moved, [truth for truth in truths if truth is not None]


def _place(scene: Scene, actor: Actor, seconds: float) -> _Placed:
    x, z, phase, yaw = actor.at(seconds)
    figure = figures.draw(actor.name, phase, yaw)
    scale = scene.focal * STATURE_M * actor.scale / z / figures.STATURE
    column, sole = scene.project(x, z, -actor.sits)
    bob = 0.012 * np.sin(4 * np.pi * phase / figures.PHASES) * scene.focal / z if not actor.sits else 0.0
    return _Placed(
        actor, figure, z, column - figures.WIDTH / 2 * scale, sole - (figures.TOP + figures.STATURE) * scale + bob, scale
    )


def _matrix(item: _Placed) -> NDArray[np.float64]:
    return np.array([[item.scale, 0, item.left], [0, item.scale, item.top]], np.float64)


def _paint(canvas: U8, owner: NDArray[np.int16], item: _Placed) -> None:
    height, width = canvas.shape[:2]
    x1, y1 = max(0, int(item.left) - 1), max(0, int(item.top) - 1)
    x2, y2 = (
        min(width, int(item.left + figures.WIDTH * item.scale) + 2),
        min(height, int(item.top + figures.HEIGHT * item.scale) + 2),
    )
    if x2 <= x1 or y2 <= y1:
        return
    scaled, head = _scaled(item, x1, y1, x2 - x1, y2 - y1)
    weight = scaled[..., 3:] / np.float32(255)
    window = canvas[y1:y2, x1:x2]
    window[:] = (window * (1 - weight) + scaled[..., :3]).clip(0, 255).astype(np.uint8)
    mine = scaled[..., 3] > 127
    owner[y1:y2, x1:x2][mine] = 2 * item.actor.id
    owner[y1:y2, x1:x2][mine & head] = 2 * item.actor.id + 1


def _scaled(item: _Placed, x: int, y: int, width: int, height: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The figure with its colours multiplied by its alpha, and its head, at the size and subpixel place of the picture."""
    bgra = item.figure.bgra.astype(np.float32)
    bgra[..., :3] *= bgra[..., 3:] / 255
    sigma = max(0.0, 0.42 / item.scale - 0.42)
    if sigma > 0.2:
        bgra = np.asarray(cv2.GaussianBlur(bgra, (0, 0), sigma), np.float32)
    matrix = _matrix(item) - [[0, 0, x], [0, 0, y]]
    scaled = np.asarray(cv2.warpAffine(bgra, matrix, (width, height), flags=cv2.INTER_LINEAR), np.float32)
    head = cv2.warpAffine(item.figure.head.astype(np.uint8), matrix, (width, height), flags=cv2.INTER_NEAREST)
    return scaled, head > 0


def _shadow(canvas: U8, scene: Scene, item: _Placed, seconds: float) -> None:
    """A soft patch at the feet; the sun wanders a little."""
    unit = item.scale * HEAD_HEIGHT
    centre = (
        item.left + figures.WIDTH / 2 * item.scale + unit * 0.5 * np.sin(np.pi * seconds / 6),
        item.top + (figures.TOP + figures.STATURE) * item.scale,
    )
    if centre[1] > canvas.shape[0] + unit:
        return
    mask = np.zeros(canvas.shape[:2], np.uint8)
    cv2.ellipse(mask, tuple(int(v) for v in centre), (int(unit * 1.5) + 1, int(unit * 0.3) + 1), 0, 0, 360, 90, -1, cv2.LINE_AA)
    y1, y2 = max(0, int(centre[1] - unit)), max(1, int(centre[1] + unit))
    x1, x2 = max(0, int(centre[0] - 2 * unit)), max(1, int(centre[0] + 2 * unit))
    soft = cv2.blur(mask[y1:y2, x1:x2], (int(unit * 0.3) + 1,) * 2) if mask[y1:y2, x1:x2].size else None
    if soft is not None:
        canvas[y1:y2, x1:x2] = (canvas[y1:y2, x1:x2] * (1 - soft[..., None] / np.float32(255))).astype(np.uint8)


def _truth(item: _Placed, seen: NDArray[np.int16], shift: tuple[float, float]) -> Truth | None:
    """The boxes around what is in sight of one person, ``None`` when next to nothing is."""
    whole = int((item.figure.bgra[..., 3] > 127).sum()) * item.scale**2
    body = (seen >> 1) == item.actor.id
    visibility = min(1.0, float(body.sum()) / max(1.0, whole))
    if visibility < LEAST_SHARE:
        return None
    head = seen == 2 * item.actor.id + 1
    head_whole = int(item.figure.head.sum()) * item.scale**2
    head_box = _around(head) if head.sum() >= LEAST_HEAD * head_whole else None
    return {
        "id": item.actor.id,
        "face": _face(item, head_box, shift),
        "head": head_box,
        "body": _around(body),
        "visibility": round(visibility, 3),
    }


def _around(mask: NDArray[np.bool_]) -> list[int]:
    """The box around true pixels, half-open."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]


def _face(item: _Placed, head: list[int] | None, shift: tuple[float, float]) -> list[int] | None:
    """The face's box cut to what is seen of the head; ``None`` when less than half of it is left."""
    if head is None or item.figure.face is None:
        return None
    x1, y1, x2, y2 = item.figure.face
    corners = np.array([[x1, y1], [x2, y2]]) * item.scale + [item.left, item.top] + np.array(shift)
    low, high = np.maximum(np.round(corners[0]), head[:2]), np.minimum(np.round(corners[1]), head[2:])
    if (high - low <= 1).any() or np.prod(high - low) < 0.5 * np.prod(corners[1] - corners[0]):
        return None
    return [int(low[0]), int(low[1]), int(high[0]), int(high[1])]
