import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from proxy.tracking.association import associate, distance


def squares(*corners: tuple[float, float], side: float = 10.0) -> np.ndarray:
    corner = np.array(corners, float).reshape(-1, 2)
    return np.concatenate([corner, corner + side], axis=1)


def pairs(tracks: np.ndarray, found: np.ndarray, *, reach: float = 0.0, penalty: float = 0.0) -> set[tuple[int, int]]:
    match = associate(tracks, found, least_overlap=0.3, reach=np.full(len(tracks), reach), penalty=np.full(len(tracks), penalty))
    return set(zip(match.rows.tolist(), match.columns.tolist(), strict=True))


boxes = hnp.arrays(np.float64, st.tuples(st.integers(0, 8), st.just(2)), elements=st.floats(0, 60)).map(
    lambda corner: np.concatenate([corner, corner + 12], axis=1)
)


def test_crossing_people_are_told_apart_by_the_total_not_by_the_best_single_pair():
    tracks, found = squares((0, 0), (6, 0)), squares((4, 0), (-5, 0))
    assert pairs(tracks, found) == {(1, 0), (0, 1)}


def test_boxes_that_hardly_overlap_are_strangers():
    assert pairs(squares((0, 0)), squares((8, 0))) == set()


def test_boxes_that_do_not_overlap_may_be_one_when_they_are_within_reach():
    assert pairs(squares((0, 0)), squares((11, 0)), reach=1.2) == {(0, 0)}
    assert pairs(squares((0, 0)), squares((11, 0)), reach=1.0) == set()


def test_reach_does_not_join_boxes_of_very_different_size():
    assert pairs(squares((0, 0)), squares((20, 20), side=60.0), reach=5.0) == set()


def test_of_two_tracks_that_fit_alike_the_one_without_a_penalty_wins():
    match = associate(squares((0, 0), (0, 0)), squares((1, 0)), least_overlap=0.3, reach=np.zeros(2), penalty=np.array([0.2, 0.0]))
    assert match.rows.tolist() == [1]


def test_distance_is_counted_in_sizes():
    assert np.isclose(distance(squares((0, 0)), squares((30, 40)))[0, 0], 5.0)


@given(boxes, boxes)
def test_nobody_is_paired_twice_and_no_pair_breaks_the_gate(tracks: np.ndarray, found: np.ndarray):
    match = associate(tracks, found, least_overlap=0.3, reach=np.full(len(tracks), 0.5), penalty=np.zeros(len(tracks)))
    assert len(set(match.rows.tolist())) == len(match.rows) == len(match.columns) == len(set(match.columns.tolist()))
    for row, column in zip(match.rows, match.columns, strict=True):
        shift = np.abs(tracks[row, :2] - found[column, :2])
        shared = np.prod(np.clip(12 - shift, 0, None))
        assert shared / (288 - shared) >= 0.3 - 1e-5 or np.hypot(*shift) / 12 <= 0.5 + 1e-9


@given(boxes)
def test_a_picture_that_did_not_change_pairs_everybody(found: np.ndarray):
    assert len(pairs(found, found)) == len(found)
