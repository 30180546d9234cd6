"""What a picture may be."""

from __future__ import annotations

import pytest

from proxy.media.formats import VideoFormat


@pytest.mark.parametrize(("width", "height"), [(0, 2), (2, 0), (3, 2), (2, 3), (-2, 2)])
def test_odd_and_empty_pictures_are_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match=f"got {width}x{height}"):
        VideoFormat(width, height)


def test_a_buffer_holds_luma_and_two_quarters() -> None:
    assert VideoFormat(6, 4).buffer_shape == (6, 6)
    assert VideoFormat(2, 2).buffer_shape == (3, 2)
