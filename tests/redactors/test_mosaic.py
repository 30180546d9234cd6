"""A mosaic shows few cells, coarse and noisy, and holds them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from proxy.redactors.mosaic import CELLS_ACROSS, DOWN, FEWEST_CELLS, HOLD, MOST_CELLS, MOST_TRACKS, Mosaic
from proxy.redactors.regions import Regions
from proxy.vision.detections import Label
from tests.redactors.scenes import Box, crowds, masks, noise, planes_of, region

BOX = (100, 60, 180, 160)


def inside(box: Box, *, seed: int, redactor: Mosaic, pts: int = 0, label: Label = Label.HEAD, track: int = 1) -> np.ndarray:
    picture = noise(seed)
    redactor.paint(picture, region(box, label=label, track=track), pts=pts)
    x1, y1, x2, y2 = box
    return picture.y[y1:y2, x1:x2]


@settings(max_examples=40)
@given(crowds())
def test_outside_the_boxes_nothing_changes(regions: Regions) -> None:
    picture = noise(1)
    before = planes_of(picture)
    Mosaic().paint(picture, regions, pts=0)
    for was, now, hidden in zip(before, planes_of(picture), masks(regions, [0] * len(regions)), strict=True):
        assert (now[~hidden] == was[~hidden]).all()


@pytest.mark.parametrize("cells", [FEWEST_CELLS, CELLS_ACROSS, MOST_CELLS])
@pytest.mark.parametrize("box", [BOX, (0, 0, 320, 240), (10, 10, 50, 230), (4, 4, 12, 8)])
def test_a_box_shows_at_most_so_many_cells_of_sixteen_tones(box: Box, cells: int) -> None:
    part = inside(box, seed=1, redactor=Mosaic(cells))
    columns = 1 + int((np.diff(part.astype(int), axis=1) != 0).any(axis=0).sum())
    rows = 1 + int((np.diff(part.astype(int), axis=0) != 0).any(axis=1).sum())
    assert columns <= cells <= 6
    assert rows <= cells * DOWN
    assert (part % 16 == 0).all()


def test_cells_are_held_for_at_least_half_a_second_whatever_moves_under_them() -> None:
    redactor = Mosaic()
    first = inside(BOX, seed=1, redactor=redactor, pts=0)
    for pts in range(3600, HOLD, 3600):
        assert (inside(BOX, seed=pts, redactor=redactor, pts=pts) == first).all()
    assert HOLD >= 45_000
    assert (inside(BOX, seed=99, redactor=redactor, pts=HOLD) != first).any()


def test_cells_move_with_the_box_they_are_locked_to() -> None:
    redactor = Mosaic()
    first = inside(BOX, seed=1, redactor=redactor)
    moved = inside((40, 20, 120, 120), seed=2, redactor=redactor, pts=3600)
    assert (first == moved).all()


def test_noise_differs_between_two_redactors_that_see_the_same() -> None:
    assert (inside(BOX, seed=1, redactor=Mosaic()) != inside(BOX, seed=1, redactor=Mosaic())).any()


def test_the_mean_of_minutes_is_as_noisy_as_one_frame() -> None:
    redactor = Mosaic()
    frames = [inside(BOX, seed=1, redactor=redactor, pts=index * HOLD) for index in range(60)]
    assert all((frame == frames[0]).all() for frame in frames)


def test_a_box_without_a_track_is_a_single_cell() -> None:
    assert len(np.unique(inside(BOX, seed=1, redactor=Mosaic(), track=-1))) == 1


def test_a_clock_that_runs_back_takes_new_colours() -> None:
    redactor = Mosaic()
    first = inside(BOX, seed=1, redactor=redactor, pts=10 * HOLD)
    assert (inside(BOX, seed=2, redactor=redactor, pts=0) != first).any()


def test_what_is_remembered_of_tracks_is_bounded() -> None:
    redactor = Mosaic()
    for track in range(MOST_TRACKS + 50):
        inside((0, 0, 16, 16), seed=1, redactor=redactor, track=track)
    assert redactor.held_tracks == MOST_TRACKS


def test_it_is_called_reversible() -> None:
    assert Mosaic.reversible
