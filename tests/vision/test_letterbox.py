from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.vision.letterbox import Letterbox

even = st.integers(1, 2048).map(lambda half: 2 * half)


@given(even, even, st.sampled_from([64, 416, 640, 960, 1280, 1920]))
def test_the_input_is_a_multiple_of_32_and_holds_the_even_scaled_picture(width: int, height: int, long_side: int) -> None:
    box = Letterbox.fit(width, height, long_side=long_side)
    assert box.width % 32 == box.height % 32 == 0
    assert box.inner_width % 2 == box.inner_height % 2 == 0
    assert 0 < box.inner_width <= box.width < box.inner_width + 32
    assert 0 < box.inner_height <= box.height < box.inner_height + 32
    assert max(box.inner_width, box.inner_height) == long_side


@given(even, even, st.sampled_from([320, 640, 1280]))
def test_the_whole_input_picture_maps_onto_the_whole_picture(width: int, height: int, long_side: int) -> None:
    box = Letterbox.fit(width, height, long_side=long_side)
    inner = np.array([[0, 0, box.inner_width, box.inner_height]], np.float32)
    np.testing.assert_allclose(box.to_picture(inner), [[0, 0, width, height]], rtol=1e-5)


def test_1080p_at_640_keeps_its_aspect_and_leaves_the_rest_empty() -> None:
    assert Letterbox.fit(1920, 1080, long_side=640) == Letterbox(1920, 1080, 640, 360, 640, 384)


def test_no_boxes_come_back_as_no_boxes() -> None:
    assert Letterbox.fit(640, 360, long_side=320).to_picture(np.empty((0, 4), np.float32)).shape == (0, 4)


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="expected positive sizes, got 0x10"):
        Letterbox.fit(0, 10, long_side=320)
