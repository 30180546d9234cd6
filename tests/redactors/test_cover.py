"""A cover hides everything and may say why."""

from __future__ import annotations

import numpy as np
import pytest

from proxy.media.formats import VideoFormat
from proxy.redactors.cover import paint_cover
from tests.redactors.scenes import noise, planes_of


@pytest.mark.parametrize("text", ["", "Camera offline"])
@pytest.mark.parametrize("size", [(320, 240), (2, 2), (1920, 1080), (240, 640)])
def test_nothing_of_the_picture_is_left(text: str, size: tuple[int, int]) -> None:
    pictures = [noise(seed, VideoFormat(*size)) for seed in (1, 2)]
    for picture in pictures:
        paint_cover(picture, text=text)
    for one, other in zip(*map(planes_of, pictures), strict=True):
        assert (one == other).all()
        assert 16 <= one.min() <= one.max() <= 235


def test_words_stand_in_the_middle_and_fit() -> None:
    with_words, without = noise(1), noise(1)
    paint_cover(with_words, text="A rather long sentence about why nothing is to be seen here")
    paint_cover(without)
    rows, columns = np.nonzero(with_words.y != without.y)
    assert abs((rows.min() + rows.max()) / 2 - 120) < 10
    assert columns.min() > 5
    assert columns.max() < 315


def test_without_words_there_is_nothing_but_a_gentle_slope() -> None:
    picture = noise(1)
    paint_cover(picture)
    assert (picture.y == picture.y[:, :1]).all()
    assert np.abs(np.diff(picture.y[:, 0].astype(int))).max() <= 1
