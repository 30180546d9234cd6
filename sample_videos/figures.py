"""A walking person as a picture with transparency: a photographed head and shoulders on a drawn body, seen from any side.

All measures are in pixels of the figure's own canvas, where a head is ``HEAD_HEIGHT`` high; scenes scale the whole figure down.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_videos.cutouts import FACES, HEAD_HEIGHT

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]

WIDTH: Final = 560
STATURE: Final = int(HEAD_HEIGHT * 7.4)
TOP: Final = 24
HEIGHT: Final = STATURE + 2 * TOP
PHASES: Final = 16
"""Pictures in one double step."""
YAW_STEP: Final = 9
"""Figures are drawn at multiples of this many degrees."""
FACE_SHOWS_TO: Final = 72
"""A head turned further than this many degrees has no face in the ground truth."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who a figure is: the cut-out in ``faces/``, its head and face in it (x1, y1, x2, y2), and what the drawn body wears (BGR)."""

    name: str
    head: Box
    face: Box
    hair: Colour
    coat: Colour
    trousers: Colour
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One drawn figure.

    ``bgra`` is ``(HEIGHT, WIDTH, 4)`` uint8, feet at the bottom centre; ``head`` is ``(HEIGHT, WIDTH)`` bool, the head's pixels;
    ``face`` its face's box (x1, y1, x2, y2), ``None`` when it looks away.
    """

    bgra: U8
    head: NDArray[np.bool_]
    face: Box | None


CAST: Final = {
    "collins": Cast("collins", (71, 14, 168, 146), (80, 48, 156, 144), (60, 105, 140), (40, 95, 205), (45, 80, 170)),
    "hopper": Cast("hopper", (61, 0, 158, 144), (70, 48, 147, 144), (175, 178, 182), (52, 38, 30), (44, 36, 32)),
    "obama": Cast("obama", (94, 10, 205, 143), (108, 31, 196, 146), (38, 38, 44), (62, 48, 34), (52, 46, 40)),
    "obama_speech": Cast("obama_speech", (61, 29, 174, 162), (66, 52, 150, 168), (38, 38, 44), (74, 70, 60), (96, 78, 64), True),
    "biden": Cast("biden", (109, 23, 205, 156), (122, 54, 204, 160), (205, 206, 210), (36, 32, 30), (70, 66, 64)),
}


@lru_cache(maxsize=2048)
def draw(name: str, phase: int, yaw: int) -> Figure:
    """The figure of ``CAST[name]`` in step ``phase`` of ``PHASES``, turned ``yaw`` degrees: 0 faces us, 90 looks to our right."""
    cast = CAST[name]
    canvas = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    turn = np.deg2rad(yaw)
    _draw_body(canvas, cast, 2 * np.pi * phase / PHASES, turn)
    bust, head_box, face_box = _bust(name)
    turned, head_mask = _turn(bust, head_box, turn, cast)
    x = int(WIDTH / 2 - (head_box[0] + head_box[2]) / 2)
    y = int(TOP - head_box[1])
    _lay(canvas, turned, x, y)
    head = np.zeros((HEIGHT, WIDTH), bool)
    _place(head, head_mask, x, y)
    face = None
    if abs((yaw + 180) % 360 - 180) <= FACE_SHOWS_TO:
        left, right = (_turned_x(edge, head_box, turn) for edge in (face_box[0], face_box[2]))
        face = (left + x, face_box[1] + y, right + x, face_box[3] + y)
    return Figure(canvas, head, face)


@lru_cache(maxsize=16)
def _bust(name: str) -> tuple[U8, Box, Box]:
    """The cut-out, its lower edge faded out, with the boxes of its head and face."""
    cast = CAST[name]
    picture = cv2.imread(str(FACES / f"{name}.png"), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise FileNotFoundError(FACES / f"{name}.png")
    bust = np.asarray(picture, np.uint8)
    head, face = cast.head, cast.face
    if cast.mirrored:
        width = bust.shape[1]
        bust = np.ascontiguousarray(bust[:, ::-1])
        head = (width - head[2], head[1], width - head[0], head[3])
        face = (width - face[2], face[1], width - face[0], face[3])
    height, width = bust.shape[:2]
    rows = np.clip((height - np.arange(height)) / 34, 0, 1)[:, None]
    columns = np.clip(np.minimum(np.arange(width), width - 1 - np.arange(width)) / 14, 0, 1)[None]
    bust[..., 3] = (bust[..., 3] * rows * columns).astype(np.uint8)
    return bust, head, face


def _turned_x(x: float, head: Box, turn: float) -> float:
    """Where the column ``x`` of a frontal head goes when the head, taken as a cylinder, turns."""
    centre, radius = (head[0] + head[2]) / 2, (head[2] - head[0]) / 2 * 1.06
    angle = np.arcsin(np.clip((x - centre) / radius, -0.98, 0.98)) + turn
    return float(centre + radius * np.sin(np.clip(angle, -np.pi / 2, np.pi / 2)))


def _turn(bust: U8, head: Box, turn: float, cast: Cast) -> tuple[U8, NDArray[np.bool_]]:
    """The bust with its head turned as a cylinder and its shoulders squeezed, and which of its pixels are head."""
    height, width = bust.shape[:2]
    columns = np.arange(width, dtype=np.float32)
    rows = np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)
    middle, half = _outline(bust, head)
    offset = (columns[None] - middle) / half
    angle = np.arcsin(np.clip(offset, -1, 1)) - turn
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    source = np.where(np.abs(offset) <= 1, middle + half * np.sin(np.clip(angle, -1.1, 1.1)), columns[None])
    turned = np.asarray(cv2.remap(bust, source.astype(np.float32), rows, cv2.INTER_LINEAR), np.uint8)
    away = np.clip((np.abs(angle) - 0.95) / 0.3, 0, 1) * (np.abs(offset) <= 1.2)
    _grow_hair(turned, away.astype(np.float32), head, cast)
    turned[..., 3] = bust[..., 3]
    centre = (head[0] + head[2]) / 2
    chin = int(head[3])
    squeeze = np.hypot(np.cos(turn), 0.62 * np.sin(turn))
    shoulders = cv2.remap(
        bust, np.repeat((centre + (columns - centre) / squeeze)[None].astype(np.float32), height, axis=0), rows, cv2.INTER_LINEAR
    )
    fades = np.clip(np.cos(turn) * 2.2 + 0.4, 0, 1)
    shoulders[..., 3] = (shoulders[..., 3] * fades).astype(np.uint8)
    turned[chin:] = shoulders[chin:]
    mask = (bust[..., 3] > 127) & (np.arange(height)[:, None] < chin) & (np.abs(offset) < 1.1)
    return turned, mask


def _outline(bust: U8, head: Box) -> tuple[F32, F32]:
    """The middle and half the width of the head in every row, both ``(H, 1)`` pixels; rows without head take the nearest one's."""
    height, width = bust.shape[:2]
    solid = bust[..., 3] > 127
    solid[:, : int(head[0]) - 10] = False
    solid[:, int(head[2]) + 10 :] = False
    solid[int(head[3]) :] = False
    full = np.flatnonzero(solid.any(axis=1))
    left = np.interp(np.arange(height), full, solid.argmax(axis=1)[full])
    right = np.interp(np.arange(height), full, width - 1 - solid[:, ::-1].argmax(axis=1)[full])
    middle, half = (left + right) / 2, np.maximum(6, (right - left) / 2 - 2)
    return middle[:, None].astype(np.float32), half[:, None].astype(np.float32)


def _grow_hair(picture: U8, away: F32, head: Box, cast: Cast) -> None:
    """Paint what looks away (weight ``away``, ``(H, W)``): hair to the nape, skin's shade below."""
    height, width = picture.shape[:2]
    strands = cv2.GaussianBlur(
        np.random.default_rng(5).normal(0, 60, (height, width)).astype(np.float32), (0, 0), sigmaX=1.2, sigmaY=5
    )
    nape = head[1] + (head[3] - head[1]) * 0.82
    hair = np.clip(np.array(cast.hair, np.float32) + strands[..., None], 0, 255)
    skin = (
        np.array(
            cv2.mean(picture[int(head[3]) - 30 : int(head[3]) - 16, int((head[0] + head[2]) / 2) - 12 :][:, :24])[:3], np.float32
        )
        * 0.8
    )
    below = np.clip((np.arange(height) - nape) / 6, 0, 1)[:, None, None]
    back = hair * (1 - below) + skin * below
    weight = away[..., None]
    picture[..., :3] = (picture[..., :3] * (1 - weight) + back * weight).astype(np.uint8)


def _draw_body(canvas: U8, cast: Cast, stride: float, turn: float) -> None:
    """Neck, arms, legs and coat, back to front."""
    sideways = float(np.sin(turn))
    girth = float(np.hypot(np.cos(turn), 0.62 * sideways))
    centre, chin = WIDTH / 2, TOP + HEAD_HEIGHT
    shoulder, hip, sole = chin + 44, chin + 350, TOP + STATURE
    swing = np.sin(stride)
    skin = (110, 140, 190)
    for side in (-1, 1):
        reach = side * swing
        foot = (
            centre + side * 34 * girth + reach * 105 * sideways,
            sole - 26 * max(0.0, -reach) - 12 * (1 - abs(sideways)) * max(0.0, reach),
        )
        knee = ((centre + side * 40 * girth + foot[0]) / 2 + 18 * sideways * (reach < 0), (hip + foot[1]) / 2 + 10)
        _limb(canvas, (centre + side * 42 * girth, hip - 20), knee, (52, 40), _shade(cast.trousers, 0.86 if reach < 0 else 1.0))
        _limb(canvas, knee, foot, (39, 29), _shade(cast.trousers, 0.82 if reach < 0 else 0.96))
        _limb(canvas, (foot[0] - 8 * sideways, foot[1]), (foot[0] + 40 * sideways, foot[1] + 6), (21, 17), (28, 26, 26))
    arms = [(side, -side * swing) for side in (-1, 1)]
    for side, reach in arms[: 1 if abs(sideways) > 0.5 else 2]:
        _arm(canvas, cast, (centre + side * 112 * girth, shoulder + 20), side, reach, sideways, girth, skin)
    _limb(canvas, (centre, chin - 26), (centre, shoulder + 10), (34, 40), skin)
    torso = np.array(
        [(-48, -22), (-122, 8), (-128, 90), (-104, 230), (-112, 372), (112, 372), (104, 230), (128, 90), (122, 8), (48, -22)],
        np.float32,
    )
    _part(canvas, (torso * [girth, 1] + [centre, shoulder]).astype(np.float32), cast.coat)
    if abs(sideways) > 0.5:
        _arm(canvas, cast, (centre, shoulder + 26), 1, swing, sideways, girth, skin)
    _weave(canvas)


def _arm(
    canvas: U8, cast: Cast, top: tuple[float, float], side: int, reach: float, sideways: float, girth: float, skin: Colour
) -> None:
    elbow = (top[0] + side * 16 * girth + reach * 46 * sideways, top[1] + 158)
    wrist = (elbow[0] - side * 4 * girth + reach * 62 * sideways + 26 * sideways, elbow[1] + 128 - 22 * abs(reach))
    _limb(canvas, wrist, (wrist[0] + 6 * sideways, wrist[1] + 34), (20, 15), skin)
    _limb(canvas, top, elbow, (40, 31), _shade(cast.coat, 0.9))
    _limb(canvas, elbow, wrist, (31, 23), _shade(cast.coat, 0.94))


def _shade(colour: Colour, by: float) -> Colour:
    return tuple(int(min(255, channel * by)) for channel in colour)  # type: ignore[return-value]


def _limb(canvas: U8, start: tuple[float, float], end: tuple[float, float], radii: tuple[float, float], colour: Colour) -> None:
    """A capsule that tapers from the first radius to the second."""
    a, b = np.array(start), np.array(end)
    along = (b - a) / max(1e-6, float(np.linalg.norm(b - a)))
    across = np.array([-along[1], along[0]])
    arc = np.linspace(-np.pi / 2, np.pi / 2, 9)
    head = [b + radii[1] * (np.cos(angle) * along + np.sin(angle) * across) for angle in arc]
    tail = [a - radii[0] * (np.cos(angle) * along + np.sin(angle) * across) for angle in arc]
    _part(canvas, np.array(head + tail, np.float32), colour)


def _part(canvas: U8, outline: F32, colour: Colour) -> None:
    """A filled shape, darker towards its edges so that it looks round."""
    mask = np.zeros(canvas.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)
    x, y, w, h = cv2.boundingRect(mask)
    patch = mask[y : y + h, x : x + w]
    depth = cv2.distanceTransform((patch > 127).astype(np.uint8), cv2.DIST_L2, 3)
    light = 0.62 + 0.5 * np.sqrt(depth / max(1.0, float(depth.max())))
    paint = np.clip(np.array(colour, np.float32) * light[..., None], 0, 255)
    weight = (patch / np.float32(255))[..., None]
    window = canvas[y : y + h, x : x + w]
    window[..., :3] = (window[..., :3] * (1 - weight) + paint * weight).astype(np.uint8)
    window[..., 3] = np.maximum(window[..., 3], patch)


def _weave(canvas: U8) -> None:
    """Cloth: folds and grain over what is drawn."""
    random = np.random.default_rng(11)
    folds = cv2.GaussianBlur(random.normal(0, 1, canvas.shape[:2]).astype(np.float32), (0, 0), sigmaX=7, sigmaY=26) * 110
    grain = random.normal(0, 3.5, canvas.shape[:2]).astype(np.float32)
    canvas[..., :3] = np.clip(canvas[..., :3] * (1 + folds[..., None] / 60) + grain[..., None], 0, 255).astype(np.uint8)


def _window(canvas: NDArray[np.generic], shape: tuple[int, ...], x: int, y: int) -> tuple[slice, slice, slice, slice]:
    x1, y1 = max(0, x), max(0, y)
    x2, y2 = min(canvas.shape[1], x + shape[1]), min(canvas.shape[0], y + shape[0])
    return slice(y1, y2), slice(x1, x2), slice(y1 - y, y2 - y), slice(x1 - x, x2 - x)


def _lay(canvas: U8, top: U8, x: int, y: int) -> None:
    """``top`` over ``canvas``, both BGRA, its corner at (x, y)."""
    rows, columns, top_rows, top_columns = _window(canvas, top.shape, x, y)
    above, below = top[top_rows, top_columns], canvas[rows, columns]
    weight = above[..., 3:] / np.float32(255)
    below[..., :3] = (below[..., :3] * (1 - weight) + above[..., :3] * weight).astype(np.uint8)
    below[..., 3] = np.maximum(below[..., 3], above[..., 3])


def _place(canvas: NDArray[np.bool_], mask: NDArray[np.bool_], x: int, y: int) -> None:
    rows, columns, mask_rows, mask_columns = _window(canvas, mask.shape, x, y)
    canvas[rows, columns] |= mask[mask_rows, mask_columns]
