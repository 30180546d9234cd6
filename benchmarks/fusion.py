"""Many frames of one hidden, moving head laid over one another: what each frame lost, the next may show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.hiders import Hider
from benchmarks.people import Photo, chip_box, crop
from benchmarks.recogniser import SIDE
from proxy.media.time import TICKS_PER_SECOND

U8 = NDArray[np.uint8]

FPS: Final = 25
SENSOR_NOISE: Final = 2.0
"""Standard deviation of a camera's noise, levels: it helps the attacker, since it dithers what is quantised."""
REACH: Final = 0.1
"""How far the head moves to every side, in heights of the head: through every fraction of a pixel, many times."""
NOISES: Final = 12
"""Pictures of noise, of which each frame gets two: one added, one taken away."""
ROOM: Final = 0.9
"""What is shown around the face, in sizes of it: the mask lies inside it wherever the head moves."""


def fused(hider: Hider, photo: Photo, head_px: int, counts: Sequence[int], *, track: int) -> dict[int, U8]:
    """Chips ``(150, 150, 3)`` of the mean of the first so many frames, registered exactly: a real attacker knows less.

    The head moves by fractions of pixels, so that each frame samples it elsewhere; enlarged and averaged, the frames add up to
    more detail than one has (super-resolution by shift and add: R. Hardie et al., 1998, without the deconvolution).
    """
    random = np.random.default_rng(track)
    near = photo.cut_out(ROOM)
    if near.head_px < head_px:
        near = near.shown_at(head_px)
    total = np.zeros((SIDE, SIDE, 3), np.float32)
    noise: list[U8] = []
    found = {}
    for number in range(max(counts)):
        where = number / FPS
        shift = REACH * head_px * np.array([np.sin(1.7 * where + track), np.sin(1.1 * where + 2 * track)])
        moved = near.shown_at(head_px, shift=(float(shift[0]), float(shift[1])))
        noise = noise or _noise(random, moved.image.shape)
        up, down = (noise[choice] for choice in random.choice(NOISES, 2, replace=False))
        seen = Photo(np.asarray(cv2.subtract(cv2.add(moved.image, up), down), np.uint8), moved.face, moved.person)
        hidden = hider.hide(seen, pts=number * TICKS_PER_SECOND // FPS, track=track)
        cv2.accumulate(crop(hidden.image, chip_box(moved.face), (SIDE, SIDE)), total)
        if number + 1 in counts:
            found[number + 1] = np.clip(np.rint(total / (number + 1)), 0, 255).astype(np.uint8)
    return found


def _noise(random: np.random.Generator, shape: tuple[int, ...]) -> list[U8]:
    """Noise of half the strength's power each; the halves' means cancel out."""
    halves = random.normal(8, SENSOR_NOISE / np.sqrt(2), (NOISES, *shape))
    return list(np.clip(np.rint(halves), 0, 255).astype(np.uint8))
