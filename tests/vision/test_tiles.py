from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.vision.tiles import Tile, grid, windows

maps = st.lists(st.tuples(st.integers(0, 16), st.integers(0, 29)), max_size=40)
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


def marked(places: list[tuple[int, int]]) -> np.ndarray:
    cells = np.zeros((17, 30), bool)
    cells[tuple(np.array(places, int).reshape(-1, 2).T)] = True
    return cells


@given(maps, st.integers(1, 40), st.integers(1, 40))
def test_enough_windows_hold_every_marked_cell_and_lie_in_the_picture(places, rows: int, columns: int) -> None:
    cells = marked(places)
    found = windows(cells, rows=rows, columns=columns, most=1000)
    for row, column in found:
        assert 0 <= row <= max(0, 17 - rows)
        assert 0 <= column <= max(0, 30 - columns)
        cells[row : row + rows, column : column + columns] = False
    assert not cells.any()
    assert len(found) <= len(set(places))


@given(maps, st.integers(0, 4), st.integers(1, 9))
def test_no_more_windows_than_asked_for_and_none_that_holds_too_little(places, most: int, least: int) -> None:
    cells = marked(places)
    found = windows(cells, rows=5, columns=5, most=most, least=least)
    assert len(found) <= most
    for row, column in found:
        assert cells[row : row + 5, column : column + 5].sum() >= least
        cells[row : row + 5, column : column + 5] = False


def test_what_a_window_holds_lies_in_its_middle() -> None:
    assert windows(marked([(8, 10), (8, 11), (8, 12)]), rows=5, columns=7, most=1) == [(6, 8)]


def test_the_fullest_window_comes_first() -> None:
    crowd, alone = [(2, 2), (2, 3), (3, 2), (3, 3)], [(14, 25)]
    assert windows(marked(alone + crowd), rows=4, columns=4, most=1) == [(1, 1)]
