from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.vision.tiles import Tile, grid

even = st.integers(1, 2048).map(lambda half: 2 * half)


@given(even, even, st.floats(40, 2000), st.floats(0, 60))
def test_tiles_of_one_size_cover_every_pixel_with_even_edges_inside_the_picture(
    width: int, height: int, side: float, overlap: float
) -> None:
    tiles = grid(width, height, side=side, overlap=overlap)
    covered = np.zeros((height // 2, width // 2), bool)
    for tile in tiles:
        assert tile.x % 2 == tile.y % 2 == tile.width % 2 == tile.height % 2 == 0
        assert tile.x + tile.width <= width
        assert tile.y + tile.height <= height
        assert max(tile.width, tile.height) <= max(side, 2 * overlap) + 2
        covered[tile.y // 2 : (tile.y + tile.height) // 2, tile.x // 2 : (tile.x + tile.width) // 2] = True
    assert covered.all()
    assert len({(tile.width, tile.height) for tile in tiles}) == 1


@given(st.integers(100, 2048).map(lambda half: 2 * half), st.floats(100, 900), st.floats(0, 50))
def test_neighbours_share_the_overlap_that_was_asked_for(width: int, side: float, overlap: float) -> None:
    for left, right in pairwise(grid(width, 100, side=side, overlap=overlap)):
        assert left.x + left.width - right.x >= overlap - 2


def test_a_full_hd_picture_shown_at_1280_pixels_is_twelve_tiles() -> None:
    assert len(grid(1920, 1080, side=384 * 1.5, overlap=80 * 1.5)) == 12


def test_boxes_found_in_a_tile_move_by_its_corner() -> None:
    assert Tile(10, 20, 50, 50).to_picture(np.array([[1, 2, 3, 4]], np.float32)).tolist() == [[11, 22, 13, 24]]
