from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.vision.tiles import Tile, cut

even = st.integers(1, 2048).map(lambda half: 2 * half)


@given(even, even, st.integers(1, 4), st.sampled_from([0.0, 0.1, 0.2, 0.4]))
def test_tiles_cover_every_pixel_with_even_edges_inside_the_picture(width: int, height: int, count: int, overlap: float) -> None:
    tiles = cut(width, height, count=count, overlap=overlap)
    covered = np.zeros((height // 2, width // 2), bool)
    for tile in tiles:
        assert tile.x % 2 == tile.y % 2 == tile.width % 2 == tile.height % 2 == 0
        assert tile.x + tile.width <= width
        assert tile.y + tile.height <= height
        covered[tile.y // 2 : (tile.y + tile.height) // 2, tile.x // 2 : (tile.x + tile.width) // 2] = True
    assert covered.all()
    assert 1 <= len(tiles) <= count


@given(st.integers(100, 2048).map(lambda half: 2 * half), st.integers(2, 4))
def test_neighbours_share_the_overlap_that_was_asked_for(width: int, count: int) -> None:
    tiles = cut(width, 100, count=count, overlap=0.2)
    for left, right in pairwise(tiles):
        assert left.x + left.width - right.x >= 0.2 * left.width - 2


def test_a_tall_picture_is_cut_across() -> None:
    assert cut(100, 200, count=2, overlap=0.0) == (Tile(0, 0, 100, 100), Tile(0, 100, 100, 100))


def test_boxes_found_in_a_tile_move_by_its_corner() -> None:
    assert Tile(10, 20, 50, 50).to_picture(np.array([[1, 2, 3, 4]], np.float32)).tolist() == [[11, 22, 13, 24]]
