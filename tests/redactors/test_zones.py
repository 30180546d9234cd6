"""A covered zone is painted to the pixel, and nothing of what is in it is left."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.masking.zones import Zone, ZoneKind, contains
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.redactors.zones import CHROMA, LUMA, CoveredZones

FORMAT = VideoFormat(64, 48)
TRIANGLE = ((0.1, 0.1), (0.9, 0.3), (0.4, 0.95))
NOISE = np.random.default_rng(7).integers(100, 200, FORMAT.buffer_shape, np.uint8)


def painted(*zones, shape=FORMAT, painter=None):
    buffer = NOISE.copy() if shape == FORMAT else np.full(shape.buffer_shape, 150, np.uint8)
    planes = Planes.of_buffer(buffer, shape)
    (painter or CoveredZones(zones)).paint(planes)
    return planes


def inside(points, shape=FORMAT):
    """``(H, W)`` whether the middle of each pixel lies in the polygon."""
    x, y = np.meshgrid((np.arange(shape.width) + 0.5) / shape.width, (np.arange(shape.height) + 0.5) / shape.height)
    return contains(points, np.stack([x, y], axis=-1))


def grown(mask):
    padded = np.pad(mask, 1)
    rows, columns = mask.shape
    return np.any([padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)], axis=0)


def test_every_pixel_in_it_is_painted_and_none_that_it_does_not_touch():
    luma = painted(Zone(ZoneKind.COVERED, TRIANGLE)).y == LUMA
    assert luma[inside(TRIANGLE)].all()
    assert not luma[~grown(inside(TRIANGLE))].any()


def test_chroma_goes_with_luma_and_tells_nothing():
    planes = painted(Zone(ZoneKind.COVERED, TRIANGLE))
    touched = (planes.y == LUMA).reshape(24, 2, 32, 2).any(axis=(1, 3))
    assert (planes.u[touched] == CHROMA[0]).all()
    assert (planes.v[touched] == CHROMA[1]).all()
    assert np.array_equal(planes.u[~touched], Planes.of_buffer(NOISE.copy(), FORMAT).u[~touched])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=6))
@settings(max_examples=300)
def test_whatever_polygon_is_drawn_is_covered_as_a_whole(points):
    luma = painted(Zone(ZoneKind.COVERED, tuple(points))).y
    assert (luma[inside(points)] == LUMA).all()


def test_the_other_kinds_paint_nothing():
    zones = [Zone(ZoneKind.IGNORED, TRIANGLE), Zone(ZoneKind.CONSENT, TRIANGLE, 1.0)]
    assert np.array_equal(painted(*zones).y, painted().y)


@pytest.mark.parametrize("shape", [VideoFormat(128, 96), VideoFormat(32, 24), FORMAT])
def test_a_zone_is_the_same_part_of_the_picture_at_any_size(shape):
    painter = CoveredZones([Zone(ZoneKind.COVERED, TRIANGLE)])
    painted(painter=painter)
    luma = painted(painter=painter, shape=shape).y == LUMA
    assert luma[inside(TRIANGLE, shape)].all()
    assert luma.mean() == pytest.approx(inside(TRIANGLE, shape).mean(), abs=0.12)
