from __future__ import annotations

import numpy as np
import pytest

from proxy.detectors.shrunk import Scaling, Shrunk
from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes
from proxy.vision.letterbox import Letterbox


def _grey(width: int, height: int) -> Planes:
    return Planes(
        np.full((height, width), 126, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
    )


@pytest.mark.parametrize("scaling", Scaling)
def test_the_picture_fills_the_corner_and_the_rest_stays_empty(scaling: Scaling) -> None:
    letterbox = Letterbox.fit(1920, 1080, long_side=320)
    out = np.zeros((letterbox.height, letterbox.width, 3), np.uint8)
    Shrunk(letterbox, scaling).bgr(_grey(1920, 1080), out)
    assert (abs(out[:180].astype(int) - 128) <= 1).all()
    assert not out[180:].any()


def test_rows_with_padding_are_read_as_the_picture_they_hold() -> None:
    wide = _grey(128, 64)
    wide.y[:, 64:] = 255
    part = Planes(wide.y[:, :64], wide.u[:, :32], wide.v[:, :32])
    letterbox = Letterbox.fit(64, 64, long_side=32)
    out = np.zeros((32, 32, 3), np.uint8)
    Shrunk(letterbox, Scaling.AREA).bgr(part, out)
    assert (abs(out.astype(int) - 128) <= 1).all()


def test_bgr_and_rgb_hold_the_same_colours_in_opposite_order() -> None:
    planes = _grey(64, 64)
    planes.v[:] = 220
    shrunk = Shrunk(Letterbox.fit(64, 64, long_side=32), Scaling.LINEAR)
    bgr, rgb = np.zeros((32, 32, 3), np.uint8), np.zeros((32, 32, 3), np.uint8)
    shrunk.bgr(planes, bgr)
    shrunk.rgb(planes, rgb)
    assert (bgr == rgb[:, :, ::-1]).all()
    assert (bgr[:, :, 2] > bgr[:, :, 0]).all()


def test_each_picture_is_new_and_leaves_nothing_of_the_one_before() -> None:
    shape = VideoFormat(64, 64)
    black = Planes.of_buffer(np.concatenate([np.full((64, 64), 16, np.uint8), np.full((32, 64), 128, np.uint8)]), shape)
    shrunk, out = Shrunk(Letterbox.fit(64, 64, long_side=32), Scaling.AREA), np.zeros((32, 32, 3), np.uint8)
    shrunk.bgr(_grey(64, 64), out)
    shrunk.bgr(black, out)
    assert not out.any()
