"""Boxes without ids are linked over time."""

from __future__ import annotations

import numpy as np

from benchmarks.footage import Labels
from benchmarks.linking import link, overlaps


def test_overlap_is_intersection_over_union() -> None:
    ones, others = np.array([[0.0, 0, 2, 2]]), np.array([[0.0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]])
    assert np.allclose(overlaps(ones, others), [[1, 1 / 3, 0]])


def test_a_box_keeps_its_id_while_it_moves_and_a_new_one_gets_a_new() -> None:
    frames = {
        0: Labels.of([[0, 0, 10, 10], [50, 0, 60, 10]]),
        1: Labels.of([[52, 0, 62, 10], [2, 0, 12, 10], [90, 0, 99, 10]]),
    }
    assert [ids.tolist() for ids in link(frames).values()] == [[0, 1], [1, 0, 2]]


def test_a_head_that_moves_by_its_own_width_is_still_the_same() -> None:
    frames = {0: Labels.of([[0, 0, 10, 10]]), 1: Labels.of([[10, 0, 20, 10]]), 2: Labels.of([[40, 0, 50, 10]])}
    assert [ids.tolist() for ids in link(frames).values()] == [[0], [0], [1]]


def test_a_gap_in_the_frames_ends_every_link() -> None:
    frames = {0: Labels.of([[0, 0, 10, 10]]), 2: Labels.of([[0, 0, 10, 10]])}
    assert [ids.tolist() for ids in link(frames).values()] == [[0], [1]]


def test_given_ids_stay_and_empty_frames_are_taken() -> None:
    frames = {0: Labels.of([[0, 0, 10, 10]], [7]), 1: Labels.of([]), 2: Labels.of([[0, 0, 9, 9]], [7])}
    assert [ids.tolist() for ids in link(frames).values()] == [[7], [], [7]]
