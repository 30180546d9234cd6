"""Pictures and regions for tests of redactors."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.redactors.regions import Regions
from proxy.vision.detections import Label

WIDTH, HEIGHT = 320, 240
SHAPE = VideoFormat(WIDTH, HEIGHT)
Box = tuple[int, int, int, int]


def noise(seed: int, shape: VideoFormat = SHAPE) -> Planes:
    """A writable picture full of noise over the whole range."""
    return Planes.of_buffer(np.random.default_rng(seed).integers(0, 256, shape.buffer_shape, np.uint8), shape)


def region(*boxes: Box, label: Label = Label.BODY, track: int | None = None) -> Regions:
    """Regions of one label; each its own track unless told."""
    tracks = range(len(boxes)) if track is None else [track] * len(boxes)
    return Regions(np.array(boxes, np.int32).reshape(-1, 4), np.full(len(boxes), label, np.uint8), np.array(list(tracks), np.int32))


def planes_of(planes: Planes) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Copies of the three planes."""
    return planes.y.copy(), planes.u.copy(), planes.v.copy()


def masks(regions: Regions, margins: list[int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pixels of Y, U and V lie in a region grown by its margin."""
    inside = np.zeros((HEIGHT, WIDTH), bool)
    for (x1, y1, x2, y2), margin in zip(regions.xyxy.tolist(), margins, strict=True):
        inside[max(y1 - margin, 0) : y2 + margin, max(x1 - margin, 0) : x2 + margin] = True
    return inside, inside[::2, ::2], inside[::2, ::2]


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """An even box inside the picture, of any size from 2 pixels to all of it."""
    x1, x2 = sorted(draw(st.lists(st.integers(0, WIDTH // 2), min_size=2, max_size=2, unique=True)))
    y1, y2 = sorted(draw(st.lists(st.integers(0, HEIGHT // 2), min_size=2, max_size=2, unique=True)))
    return 2 * x1, 2 * y1, 2 * x2, 2 * y2


@st.composite
def crowds(draw: st.DrawFn) -> Regions:
    """Up to a dozen boxes of any label, overlapping or not, with and without tracks."""
    found = draw(st.lists(st.tuples(boxes(), st.sampled_from(Label), st.integers(-1, 5)), max_size=12))
    return Regions(
        np.array([box for box, _, _ in found], np.int32).reshape(-1, 4),
        np.array([label for _, label, _ in found], np.uint8),
        np.array([track for _, _, track in found], np.int32),
    )
