"""Decoded pictures become I420 in place where they can, and converted where they must."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from proxy.sources.pictures import Pictures
from tests.sources.clips import level


def picture(width: int, height: int, pix_fmt: str = "yuv420p", luma: int = 100) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, pix_fmt)
    level(luma)(frame, 0)
    return frame


def test_i420_is_not_copied() -> None:
    frame = picture(64, 48)
    turned = Pictures().turn(frame)
    assert turned is not None
    assert np.shares_memory(turned[0].y, np.frombuffer(memoryview(frame.planes[0]), np.uint8))


@pytest.mark.parametrize("pix_fmt", ["nv12", "yuyv422", "gray", "bgr24", "rgba", "yuv420p12le", "yuv411p", "p010le"])
def test_any_format_is_converted_to_limited_range(pix_fmt: str) -> None:
    turned = Pictures().turn(av.VideoFrame(64, 48, pix_fmt))
    assert turned is not None
    planes, shape = turned
    assert (planes.y.shape, planes.u.shape, planes.v.shape) == ((48, 64), (24, 32), (24, 32))
    assert shape.colour.range == 1
    assert shape.colour.space != 0


@pytest.mark.parametrize(("width", "height"), [(1, 48), (64, 1)])
def test_a_picture_too_small_for_chroma_is_none(width: int, height: int) -> None:
    assert Pictures().turn(av.VideoFrame(width, height, "yuv420p")) is None


def test_colour_tags_and_pixel_shape_are_kept() -> None:
    frame = picture(64, 48)
    frame.color_range, frame.colorspace = 1, 1
    turned = Pictures().turn(frame, aspect=Fraction(4, 3))
    assert turned is not None
    assert (turned[1].colour.range, turned[1].colour.space) == (1, 1)
    assert turned[1].sample_aspect_ratio == Fraction(4, 3)
