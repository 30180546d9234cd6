import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.media.time import TICKS_PER_SECOND
from proxy.tracking.history import History
from proxy.tracking.paths import Sides, extent_between, hull, left, lower_ends, place_between
from proxy.tracking.rules import Movement

BOX = np.array([100.0, 100.0, 140.0, 180.0])

numbers = st.floats(-500, 1500, allow_nan=False)
boxes = st.tuples(numbers, numbers, st.floats(4, 400), st.floats(4, 400)).map(
    lambda box: np.array([box[0], box[1], box[0] + box[2], box[1] + box[3]])
)


def moving(acceleration: float) -> Movement:
    return Movement(speed=1.5, acceleration=acceleration, jitter=0.05)


def one(
    *seen: tuple[float, np.ndarray], at: float, rate: tuple[float, float] = (0.0, 0.0), close_s: float = 0.0, lived_s: float = 1.0
) -> Sides:
    """One track with sightings at seconds, looked at ``at`` seconds."""
    history = History.empty()
    for seconds, box in seen:
        history = history.with_seen(round(seconds * TICKS_PER_SECOND), np.array([0]), box[None, :], np.array([True]))
    return Sides.of(
        history,
        round(at * TICKS_PER_SECOND),
        track_id=np.array([0]),
        rate=np.array([[*rate, 0.0, 0.0]]),
        lived=np.array([lived_s]),
        seen=np.array([len(seen)]),
        sure=np.array([len(seen)]),
        close=round(close_s * TICKS_PER_SECOND),
    )


def holds(outer: np.ndarray, inner: np.ndarray) -> bool:
    return bool((outer[:2] <= inner[:2] + 1e-6).all() and (outer[2:] >= inner[2:] - 1e-6).all())


@given(boxes, boxes)
def test_two_sightings_of_one_moment_are_both_covered(first: np.ndarray, second: np.ndarray):
    extent = extent_between(one((1.0, first), (1.0, second), at=1.0), moving(2.0))[0]
    assert holds(extent, first)
    assert holds(extent, second)


@given(boxes, boxes, st.floats(0, 1))
def test_between_two_sightings_the_straight_path_is_covered(first: np.ndarray, second: np.ndarray, at: float):
    sides = one((0.0, first), (1.0, second), at=at)
    assert holds(extent_between(sides, moving(2.0))[0], place_between(sides)[0])
    share = round(at * TICKS_PER_SECOND) / TICKS_PER_SECOND
    middle = (first[:2] + first[2:]) / 2 * (1 - share) + (second[:2] + second[2:]) / 2 * share
    assert np.allclose((place_between(sides)[0, :2] + place_between(sides)[0, 2:]) / 2, middle, atol=1e-6)


def test_cover_between_sightings_grows_by_what_an_acceleration_can_do_and_not_at_the_sightings():
    """a·s·u/2 with a = 2 sizes/s², s = u = 0.5 s is a quarter of a size."""
    size = np.sqrt(40 * 80)
    extent = extent_between(one((0.0, BOX), (1.0, BOX), at=0.5), moving(2.0))[0]
    assert np.allclose(extent, BOX + np.array([-1, -1, 1, 1]) * size / 4)
    assert np.allclose(extent_between(one((0.0, BOX), (1.0, BOX), at=1.0), moving(2.0))[0], BOX)


@given(boxes, st.floats(0.01, 1), st.tuples(st.floats(-900, 900), st.floats(-900, 900)))
def test_a_track_that_is_carried_on_still_covers_where_it_was_seen(box: np.ndarray, after: float, rate: tuple[float, float]):
    forward = one((1.0, box), at=1.0 + after, rate=rate)
    backward = one((1.0, box), at=1.0 - after, rate=rate)
    for sides in (forward, backward):
        extent = extent_between(sides, moving(2.0))[0]
        assert holds(extent, box)
        assert holds(extent, place_between(sides)[0])


def test_a_track_is_carried_on_in_the_direction_it_moved_and_back_where_it_came_from():
    assert place_between(one((1.0, BOX), at=1.2, rate=(100.0, 0.0)))[0, 0] > BOX[0] + 10
    assert place_between(one((1.0, BOX), at=0.8, rate=(100.0, 0.0)))[0, 0] < BOX[0] - 10


def test_cover_grows_while_nobody_looks():
    widths = [np.diff(extent_between(one((0.0, BOX), at=at), moving(1.0))[0, [0, 2]])[0] for at in (0.0, 0.2, 0.4, 0.6)]
    assert widths[0] == 40
    assert widths == sorted(set(widths))


def test_who_was_seen_once_may_have_come_from_any_side_as_fast_as_people_come():
    size = np.sqrt(40 * 80)
    extent = extent_between(one((1.0, BOX), at=0.9, lived_s=0.0), moving(1.0))[0]
    assert np.allclose(extent, BOX + np.array([-1, -1, 1, 1]) * size * 0.15)
    assert holds(extent, extent_between(one((1.0, BOX), at=0.9), moving(1.0))[0])
    assert np.allclose(
        extent_between(one((1.0, BOX), at=0.6, lived_s=0.0), moving(1.0))[0], BOX + np.array([-1, -1, 1, 1]) * size * 0.2
    )
    assert np.allclose(extent_between(one((1.0, BOX), at=1.0, lived_s=0.0), moving(1.0))[0], BOX)


def test_sizes_are_held_over_sightings_close_in_time():
    small = BOX + np.array([5.0, 5.0, -5.0, -5.0])
    seen = ((0.0, BOX), (0.1, small), (0.2, small))
    assert holds(extent_between(one(*seen, at=0.1, close_s=0.15), moving(0.0))[0], BOX)
    assert not holds(extent_between(one(*seen, at=0.2, close_s=0.15), moving(0.0))[0], BOX)


def test_who_walked_out_of_the_picture_has_left_and_who_stands_at_its_edge_has_not():
    edge = np.array([0.0, 100.0, 30.0, 180.0])
    walked = ((0.0, edge), (0.1, edge), (0.2, edge))
    assert left(one(*walked, at=0.7, rate=(-200.0, 0.0)), 640, 360).tolist() == [True]
    assert left(one(*walked, at=0.7), 640, 360).tolist() == [False]


def test_a_velocity_from_two_sightings_lets_nobody_go():
    edge = np.array([0.0, 100.0, 30.0, 180.0])
    assert left(one((0.0, edge), (0.2, edge), at=0.7, rate=(-200.0, 0.0)), 640, 360).tolist() == [False]


@given(boxes, boxes)
def test_a_hull_holds_both(first: np.ndarray, second: np.ndarray):
    joined = hull(first[None, :], second[None, :])[0]
    assert holds(joined, first)
    assert holds(joined, second)


@given(boxes, boxes, st.integers(1, 99))
def test_lower_ends_hold_the_lower_edges_of_the_extent_and_of_both_sightings(
    first: np.ndarray, second: np.ndarray, percent: int
) -> None:
    sides = one((0.0, first), (1.0, second), at=percent / 100)
    extent = extent_between(sides, moving(2.0))
    (ends,) = lower_ends(sides, extent)
    for box in (extent[0], first, second):
        assert (ends[[0, 1]] <= box[[0, 3]]).all()
        assert (ends[[2, 3]] >= box[[2, 3]]).all()


def test_lower_ends_of_what_was_seen_on_one_side_only_are_numbers() -> None:
    sides = one((0.0, BOX), at=0.5)
    assert lower_ends(sides, extent_between(sides, moving(2.0)))[0, 3] >= BOX[3]
