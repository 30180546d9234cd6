"""Planes are views, and only of I420."""

from __future__ import annotations

import numpy as np
import pytest

from proxy.media.formats import VideoFormat
from proxy.media.planes import Planes


def test_planes_of_a_buffer_are_views_of_all_of_it() -> None:
    shape = VideoFormat(8, 6)
    buffer = np.zeros(shape.buffer_shape, np.uint8)
    planes = Planes.of_buffer(buffer, shape)
    planes.y[:], planes.u[:], planes.v[:] = 1, 2, 3
    assert buffer.reshape(-1).tolist() == [1] * 48 + [2] * 12 + [3] * 12


def test_a_buffer_of_another_shape_or_with_gaps_is_refused() -> None:
    shape = VideoFormat(8, 6)
    with pytest.raises(ValueError, match="contiguous"):
        Planes.of_buffer(np.zeros((9, 10), np.uint8), shape)
    with pytest.raises(ValueError, match="contiguous"):
        Planes.of_buffer(np.zeros((9, 16), np.uint8)[:, ::2], shape)


@pytest.mark.parametrize(("luma", "chroma"), [((5, 4), (2, 2)), ((4, 4), (4, 2)), ((4, 4), (4, 4))])
def test_planes_that_are_no_i420_are_refused(luma: tuple[int, int], chroma: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="expected I420"):
        Planes(np.zeros(luma, np.uint8), np.zeros(chroma, np.uint8), np.zeros(chroma, np.uint8))
