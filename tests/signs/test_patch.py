"""A patch adds its own pixels, and touches no others."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.media.formats import ColourTags, VideoFormat
from proxy.media.planes import U8, Planes
from proxy.signs.patch import of_rgba, of_text

SHAPE = VideoFormat(64, 48)


def grey(tone: int = 90) -> tuple[U8, Planes]:
    buffer = np.full(SHAPE.buffer_shape, tone, np.uint8)
    return buffer, Planes.of_buffer(buffer, SHAPE)


def rgba(red: int, green: int, blue: int, alpha: int, size: tuple[int, int] = (10, 12)) -> U8:
    return np.full((*size, 4), (red, green, blue, alpha), np.uint8)


def test_an_opaque_patch_replaces_and_a_clear_one_leaves_everything() -> None:
    for alpha, unchanged in ((255, False), (0, True)):
        buffer, planes = grey()
        of_rgba(rgba(255, 255, 255, alpha), SHAPE).blend(planes, left=6, top=4)
        assert (planes.y[4:14, 6:18] == (90 if unchanged else 235)).all()
        assert (buffer == 90).all() == unchanged


@given(st.integers(0, 26), st.integers(0, 18), st.integers(0, 255), st.integers(1, 11), st.integers(1, 11))
def test_nothing_outside_of_a_patch_is_touched(left: int, top: int, alpha: int, height: int, width: int) -> None:
    _, planes = grey()
    patch = of_rgba(rgba(200, 30, 90, alpha, (height, width)), SHAPE)
    patch.blend(planes, left=2 * left, top=2 * top)
    for plane, scale in ((planes.y, 1), (planes.u, 2), (planes.v, 2)):
        outside = np.ones(plane.shape, bool)
        outside[2 * top // scale : (2 * top + patch.height) // scale, 2 * left // scale : (2 * left + patch.width) // scale] = False
        assert (plane[outside] == 90).all()


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_what_shows_through_lies_between_picture_and_sign(tone: int, alpha: int, white: int) -> None:
    _, planes = grey(tone)
    full = VideoFormat(64, 48, ColourTags(range=2))
    of_rgba(rgba(white, white, white, alpha), full).blend(planes, left=0, top=0)
    assert min(tone, white) - 2 <= int(planes.y[0, 0]) <= max(tone, white) + 2
    assert planes.y[0, 0] == pytest.approx(tone + (white - tone) * alpha / 255, abs=2)


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (20, 40, 200), (128, 128, 128)])
def test_colours_are_those_of_bt601_where_nothing_else_is_said(colour: tuple[int, int, int]) -> None:
    _, planes = grey()
    of_rgba(rgba(*colour, 255), SHAPE).blend(planes, left=0, top=0)
    expected = cv2.cvtColor(rgba(*colour, 255)[..., :3].copy(), cv2.COLOR_RGB2YUV_I420).reshape(-1)
    assert [planes.y[0, 0], planes.u[0, 0], planes.v[0, 0]] == pytest.approx([expected[0], expected[120], expected[-1]], abs=2)


def test_colours_follow_the_picture_s_tags() -> None:
    red = rgba(255, 0, 0, 255)
    lumas = {
        int(of_rgba(red, VideoFormat(64, 48, tags)).add.y[0, 0]) for tags in (ColourTags(1, 1), ColourTags(1, 6), ColourTags(2, 1))
    }
    assert len(lumas) == 3


def test_letters_are_white_on_a_plate_that_darkens() -> None:
    coverage = np.zeros((8, 20), np.uint8)
    coverage[2:6, 2:18] = 255
    _, planes = grey(200)
    patch = of_text(coverage, SHAPE, plate_px=4)
    patch.blend(planes, left=0, top=0)
    assert (patch.width, patch.height) == (28, 12)
    assert planes.y[6, 12] == 235
    assert planes.y[1, 1] < 110
    _, planes = grey(200)
    of_text(coverage, SHAPE).blend(planes, left=0, top=0)
    assert planes.y[0, 0] == 200
