"""Whether a picture still shows what another showed: the test that says *exposed*.

1. Both lumas are cut to the same band: details between about 1/24 and 1/6 of the labelled box (``LEVEL_SIDE``). Finer ones no
   codec keeps, coarser ones are a person's outline. To look at large boxes at their own scale the pictures are halved first.
2. Where the input has texture in that band, a pixel is *shown* when, in a small window round it, the output's band correlates
   with the input's (``LEAST_CORRELATION``) and has kept some of its strength (``LEAST_GAIN``). A blur loses strength, a mosaic
   correlation. What a cover's edge spoils beyond itself is given back (``EDGE``).
3. Where it has none, a changed colour or added texture tells that it was covered; where nothing tells, a pixel is what most of
   those around it are, and shown when there is none to ask.
4. A label is exposed when more than ``EXPOSED_SHARE`` of its box is shown.

Everything is a function of two pictures; nothing knows what painted them, or where.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Bools = NDArray[np.bool_]

EXPOSED_SHARE: Final = 0.2
LEVEL_SIDE: Final = 24
"""Boxes are judged at the halving at which their shorter side is 24 to 48 pixels, or at full size when it is less."""
LEVELS: Final = 5
FINE: Final = 0.8
COARSE: Final = 2.4
"""The band's limits, standard deviations of Gaussians in pixels of the level."""
WINDOW: Final = 9
NEAR: Final = 5
"""Side of the smaller window in which texture, colour and, less strictly, correlation are looked at: a strong pattern beside
a pixel does not speak for it."""
LEAST_NEAR: Final = 0.4
TEXTURE: Final = 1.6
"""Least standard deviation of the band that counts as texture, in levels of luma."""
LEAST_CORRELATION: Final = 0.7
LEAST_GAIN: Final = 0.3
EDGE: Final = 3
"""Pixels beyond a cover's edge whose windows it spoils."""
SPECK: Final = 2
"""Correlation by chance is narrower than twice this."""
COLOUR: Final = 12.0
"""Change of the mean colour of a window that no re-encoding makes, in levels of luma or chroma."""


@dataclass(frozen=True, slots=True)
class Picture:
    """``y`` is ``(H, W)``, ``u`` and ``v`` are half its size, all uint8."""

    y: U8
    u: U8
    v: U8


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the input the output shows: one ``(H, W)`` bool map per halving in use, and the picture's size."""

    maps: dict[int, Bools]
    width: int
    height: int

    def shares(self, xyxy: NDArray[np.float64]) -> F32:
        """``(N,)`` share of each box (``(N, 4)``, pixels, cut to the picture) that is shown; 0 for a box without area."""
        boxes = np.clip(xyxy, 0, [self.width, self.height] * 2)
        levels = level_of(boxes)
        shares = np.zeros(len(boxes), np.float32)
        for level in np.unique(levels):
            mine = levels == level
            shares[mine] = box_means(self.maps[int(level)], boxes[mine] / 2.0**level)
        return shares

    def hidden_share(self) -> float:
        """How much of the whole picture is not shown, at the finest halving in use."""
        return 1.0 - float(self.maps[min(self.maps)].mean())


def level_of(xyxy: NDArray[np.float64]) -> NDArray[np.int64]:
    """``(N,)`` how often the picture is halved before each box is judged."""
    side = np.maximum(1, np.minimum(xyxy[:, 2] - xyxy[:, 0], xyxy[:, 3] - xyxy[:, 1]))
    return np.clip(np.floor(np.log2(side / LEVEL_SIDE)), 0, LEVELS - 1).astype(np.int64)


def compare(before: Picture, after: Picture, xyxy: NDArray[np.float64]) -> Shown:
    """What ``after`` shows of ``before``, at full size and at the halvings that the boxes ``(N, 4)`` need."""
    height, width = before.y.shape
    after = _fitted(after, before)
    wanted = {0, *level_of(np.clip(xyxy, 0, [width, height] * 2)).tolist()}
    chroma = np.maximum(cv2.absdiff(before.u, after.u), cv2.absdiff(before.v, after.v)).astype(np.float32)
    one, two = before.y.astype(np.float32), after.y.astype(np.float32)
    maps = {}
    for level in range(max(wanted) + 1):
        if level:
            half = (max(1, one.shape[1] // 2), max(1, one.shape[0] // 2))
            one, two = (np.asarray(cv2.resize(luma, half, interpolation=cv2.INTER_AREA), np.float32) for luma in (one, two))
        if level in wanted:
            tint = np.asarray(cv2.resize(chroma, (one.shape[1], one.shape[0]), interpolation=cv2.INTER_AREA), np.float32)
            maps[level] = _shown(one, two, tint)
    return Shown(maps, width, height)


def _fitted(picture: Picture, like: Picture) -> Picture:
    """``picture`` at the size of ``like``: some tools write sizes that suit their codec."""
    if picture.y.shape == like.y.shape:
        return picture
    pairs = ((picture.y, like.y), (picture.u, like.u), (picture.v, like.v))
    return Picture(
        *(np.asarray(cv2.resize(ours, theirs.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8) for ours, theirs in pairs)
    )


def _shown(before: F32, after: F32, tint: F32) -> Bools:
    """``(H, W)`` whether each pixel of ``before`` is still to be seen in ``after``; ``tint`` is how far the chroma moved."""
    was, is_now = _band(before), _band(after)
    squares_was, squares_now, products = was * was, is_now * is_now, was * is_now
    power_was, together = _mean(squares_was), _mean(products)
    alike = (
        (together > 0)
        & (together**2 >= LEAST_CORRELATION**2 * power_was * _mean(squares_now))
        & (together >= LEAST_GAIN * power_was)
    )
    near_was, near_now, near = (_mean(values, NEAR) for values in (squares_was, squares_now, products))
    strong = near_was >= TEXTURE**2
    kept = strong & alike & (near > 0) & (near**2 >= LEAST_NEAR**2 * near_was * near_now)
    moved = (np.abs(_mean(before - after, NEAR)) > COLOUR) | (_mean(tint, NEAR) > COLOUR)
    shown = kept | (strong & ~moved & _spread(kept))
    added = near_now >= np.maximum(4 * near_was, (2 * TEXTURE) ** 2)
    return _settle(shown, (strong & ~shown) | (~strong & (moved | added)))


def _spread(kept: Bools) -> Bools:
    """``kept`` without specks, grown by what a cover's edge spoils beyond itself, so that half a cover counts as half."""
    return np.asarray(cv2.dilate(cv2.erode(kept.astype(np.uint8), _disc(SPECK)), _disc(SPECK + EDGE)), bool)


def _disc(radius: int) -> U8:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def _settle(shown: Bools, hidden: Bools) -> Bools:
    """``shown``, with the undecided pixels decided by those within a growing window."""
    settled = shown.copy()
    undecided = ~(shown | hidden)
    balance = shown.astype(np.float32) - hidden
    known = (~undecided).astype(np.float32)
    for size in (WINDOW, 2 * WINDOW + 1, 4 * WINDOW + 1):
        if not undecided.any():
            return settled
        votes, voters = cv2.boxFilter(balance, -1, (size, size)), cv2.boxFilter(known, -1, (size, size))
        decided = undecided & (voters > 0.04)
        settled[decided] = votes[decided] >= 0
        undecided &= ~decided
    settled[undecided] = True
    return settled


def _band(luma: F32) -> F32:
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), FINE) - cv2.GaussianBlur(luma, (0, 0), COARSE), np.float32)


def _mean(values: F32, size: int = WINDOW) -> F32:
    return np.asarray(cv2.boxFilter(values, -1, (size, size)), np.float32)


def box_means(values: Bools, xyxy: NDArray[np.float64]) -> F32:
    """``(N,)`` share of true pixels in boxes, rounded to whole pixels and at least one wide and high."""
    height, width = values.shape
    table = cv2.integral(values.astype(np.uint8))
    x1, y1 = np.minimum(np.floor(xyxy[:, :2] + 0.5).astype(int), [width - 1, height - 1]).T
    x2, y2 = np.minimum(np.maximum(np.ceil(xyxy[:, 2:] - 0.5).astype(int), np.stack([x1, y1], 1) + 1), [width, height]).T
    total = table[y2, x2] - table[y1, x2] - table[y2, x1] + table[y1, x1]
    return np.asarray(total / ((x2 - x1) * (y2 - y1)), np.float32)
