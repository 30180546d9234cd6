"""A cover hides everything."""

from __future__ import annotations

import numpy as np
import pytest

from proxy.media.formats import VideoFormat
from proxy.redactors.cover import paint_cover
from tests.redactors.scenes import noise, planes_of


@pytest.mark.parametrize("size", [(320, 240), (2, 2), (1920, 1080), (240, 640)])
def test_nothing_of_the_picture_is_left(size: tuple[int, int]) -> None:
    pictures = [noise(seed, VideoFormat(*size)) for seed in (1, 2)]
    for picture in pictures:
        paint_cover(picture)
    for one, other in zip(*map(planes_of, pictures), strict=True):
        assert (one == other).all()
        assert 16 <= one.min() <= one.max() <= 235


def test_there_is_nothing_but_a_gentle_slope() -> None:
    picture = noise(1)
    paint_cover(picture)
    assert (picture.y == picture.y[:, :1]).all()
    assert np.abs(np.diff(picture.y[:, 0].astype(int))).max() <= 1
