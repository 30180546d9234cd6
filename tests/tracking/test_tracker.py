from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.tracking import tracker as module
from proxy.tracking.rules import BODY_RULES, Movement, TrackRules
from proxy.tracking.tracker import TENTATIVE, TooManyTracks, Tracker

RULES = TrackRules(high=0.5, low=0.2, overlap=0.3, reach=0.3, movement=Movement(speed=1.0, acceleration=2.0, jitter=0.05))
FRAME = 3000
PATIENCE = 90_000
BOX = (100.0, 100.0, 140.0, 180.0)


def follow(rules: TrackRules = RULES) -> Tracker:
    return Tracker(count(), rules, patience=PATIENCE)


def see(tracker: Tracker, pts: int, *found: tuple[float, ...]) -> None:
    """Boxes as (x1, y1, x2, y2, score)."""
    rows = np.array(found, float).reshape(-1, 5)
    tracker.step(pts, rows[:, :4], rows[:, 4])


def shifted(x: float, y: float = 0.0) -> tuple[float, ...]:
    return (BOX[0] + x, BOX[1] + y, BOX[2] + x, BOX[3] + y)


def test_a_strong_detection_is_a_track_at_sight():
    tracker = follow()
    see(tracker, 0, (*BOX, 0.9))
    assert tracker.sides(0).track_id.tolist() == [0]


def test_a_weak_detection_is_nothing_until_a_strong_one_joins_it_and_then_its_past_counts():
    tracker = follow()
    see(tracker, 0, (*BOX, 0.3))
    assert len(tracker.sides(0)) == 0
    see(tracker, FRAME, (*shifted(2), 0.9))
    sides = tracker.sides(0)
    assert sides.since.tolist() == [0.0]
    assert sides.earlier[0].tolist() == list(BOX)


def test_a_weak_detection_far_in_time_from_any_strong_one_is_not_believed():
    tracker = follow()
    see(tracker, 0, (*BOX, 0.9))
    for step in range(1, 31):
        see(tracker, step * FRAME, (*BOX, 0.3))
    vouched = round(RULES.vouch_ms * 90)
    assert tracker.sides(vouched).since.tolist() == [0.0]
    assert tracker.sides(30 * FRAME).since[0] >= (30 * FRAME - vouched) / 90_000 - 1e-9


def test_only_sightings_with_a_high_enough_score_count_as_sure():
    tracker = follow()
    for step, score in enumerate((0.9, 0.55, 0.3, 0.6)):
        see(tracker, step * FRAME, (*BOX, score))
    sides = tracker.sides(0)
    assert (sides.seen.tolist(), sides.sure.tolist()) == ([4], [2])


def test_what_scores_below_low_leaves_no_trace():
    tracker = follow()
    see(tracker, 0, (*BOX, 0.1))
    assert len(tracker) == 0


def test_someone_who_walks_keeps_the_id():
    tracker = follow()
    for step in range(40):
        see(tracker, step * FRAME, (*shifted(3 * step), 0.9))
    assert tracker.tracks.track_id.tolist() == [0]


def test_two_people_who_cross_keep_their_ids():
    tracker = follow()
    for step in range(41):
        see(tracker, step * FRAME, (*shifted(4 * step), 0.9), (*shifted(160 - 4 * step, 25), 0.9))
    right = tracker.sides(40 * FRAME)
    assert right.track_id[np.argmax(right.earlier[:, 0])] == 0


def test_a_late_result_joins_the_track_that_was_there_then():
    tracker = follow()
    for step in (0, 1, 3, 4):
        see(tracker, step * FRAME, (*shifted(3 * step), 0.9))
    see(tracker, 2 * FRAME, (*shifted(6), 0.9))
    assert len(tracker) == 1
    assert tracker.sides(2 * FRAME).since.tolist() == [0.0]


def test_a_late_strong_detection_confirms_what_was_weak_since():
    tracker = follow()
    see(tracker, 2 * FRAME, (*BOX, 0.3))
    see(tracker, FRAME, (*BOX, 0.9))
    assert tracker.sides(2 * FRAME).track_id.tolist() == [0]


def test_a_late_stranger_is_a_track_of_its_own_and_is_found_again_later():
    tracker = follow()
    see(tracker, 3 * FRAME)
    see(tracker, FRAME, (*BOX, 0.9))
    see(tracker, 4 * FRAME, (*BOX, 0.9))
    assert tracker.tracks.track_id.tolist() == [0]


def test_two_passes_over_one_frame_make_one_track():
    tracker = follow()
    for step in range(5):
        see(tracker, step * FRAME, (*shifted(3 * step), 0.9))
        see(tracker, step * FRAME, (*shifted(3 * step + 1), 0.8))
    assert tracker.tracks.track_id.tolist() == [0]


def test_a_track_is_forgotten_after_its_patience_and_its_id_never_comes_back():
    tracker = follow()
    see(tracker, 0, (*BOX, 0.9))
    tracker.forget(PATIENCE)
    assert len(tracker) == 1
    tracker.forget(PATIENCE + 1)
    assert len(tracker) == 0
    see(tracker, PATIENCE + FRAME, (*BOX, 0.9))
    assert tracker.tracks.track_id.tolist() == [1]


def test_more_people_than_the_capacity_is_an_error():
    tracker = follow(replace(RULES, capacity=3))
    with pytest.raises(TooManyTracks, match="at most 3"):
        see(tracker, 0, *((*shifted(100 * k), 0.9) for k in range(4)))


def test_weak_boxes_take_no_room_from_strong_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "TENTATIVE_ROOM", 5)
    tracker = follow()
    for step in range(10):
        see(tracker, step * FRAME, *((*shifted(100 * k, 300 * step), 0.3) for k in range(20)), (*shifted(0, 5000), 0.9))
    weak = tracker.tracks.track_id == TENTATIVE
    assert weak.sum() <= 5
    assert (~weak).sum() == 1


@given(st.lists(st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1)), max_size=6), max_size=25))
def test_ids_are_never_given_twice_and_memory_follows_what_is_in_the_picture(story: list[list[tuple[int, float]]]):
    tracker, alive, gone = follow(BODY_RULES), set[int](), set[int]()
    for step, found in enumerate(story):
        pts = step * 30_000
        see(tracker, pts, *((*shifted(x), score) for x, score in found))
        tracker.forget(pts)
        ids = tracker.tracks.track_id[tracker.tracks.track_id != TENTATIVE].tolist()
        assert len(ids) == len(set(ids))
        gone |= alive - set(ids)
        assert not gone & set(ids)
        alive = set(ids)
        assert len(tracker) <= 4 * 6
