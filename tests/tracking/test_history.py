import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.tracking import history
from proxy.tracking.history import History, HistoryFull


def log(*rows: tuple[int, int, bool]) -> History:
    """A log of (pts, slot, strong); each box tells its pts and slot."""
    made = History.empty()
    for pts, slot, strong in rows:
        made = made.with_seen(pts, np.array([slot]), np.array([[pts, slot, pts + 1, slot + 1]], float), np.array([strong]))
    return made


entries = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5), st.booleans()), max_size=40)


@given(entries, st.integers(-5, 55))
def test_the_sightings_around_a_moment_are_the_nearest_whatever_order_they_came_in(rows: list[tuple[int, int, bool]], pts: int):
    made = log(*rows)
    before, after = made.before(pts, 6), made.after(pts, 6)
    for slot in range(6):
        times = [when for when, whose, _ in rows if whose == slot]
        earlier, later = [when for when in times if when <= pts], [when for when in times if when >= pts]
        assert (made.pts[before[slot]] if before[slot] >= 0 else None) == max(earlier, default=None)
        assert (made.pts[after[slot]] if after[slot] >= 0 else None) == min(later, default=None)


@given(entries, st.integers(0, 20))
def test_weak_sightings_are_believed_near_a_strong_one_of_the_same_track_and_nowhere_else(
    rows: list[tuple[int, int, bool]], vouch: int
):
    believed = log(*rows).believed(vouch)
    strong = [(when, whose) for when, whose, sure in rows if sure]
    expected = sorted(
        (when, whose)
        for when, whose, sure in rows
        if sure or any(whose == other and abs(when - then) <= vouch for then, other in strong)
    )
    assert sorted(zip(believed.pts.tolist(), believed.slot.tolist(), strict=True)) == expected
    assert (np.diff(believed.pts) >= 0).all()


@given(entries, st.integers(0, 50), st.integers(0, 20))
def test_what_is_dropped_changes_no_later_answer_about_what_is_believed(rows: list[tuple[int, int, bool]], pts: int, vouch: int):
    made = log(*rows)
    kept = made.kept(np.ones(6, bool), pts, vouch=vouch)
    for moment in (pts, pts + 7):
        for which in (History.before, History.after):
            old, new = which(made.believed(vouch), moment, 6), which(kept.believed(vouch), moment, 6)
            assert ((old >= 0) == (new >= 0)).all()
            assert (made.believed(vouch).pts[old[old >= 0]] == kept.believed(vouch).pts[new[new >= 0]]).all()


@given(entries, st.integers(0, 50))
def test_of_what_lies_before_two_sightings_of_a_track_remain_at_most(rows: list[tuple[int, int, bool]], pts: int):
    kept = log(*rows).kept(np.ones(6, bool), pts, vouch=5)
    assert np.bincount(kept.slot[kept.pts < pts], minlength=6).max() <= 2
    assert sorted(kept.pts[kept.pts >= pts].tolist()) == sorted(when for when, _, _ in rows if when >= pts)


def test_dropping_again_and_again_does_not_carry_belief_along_a_chain_of_weak_sightings():
    made = log((0, 0, True))
    for pts in range(5, 100, 5):
        made = made.with_seen(pts, np.array([0]), np.zeros((1, 4)), np.array([False])).kept(np.ones(1, bool), pts, vouch=10)
    assert made.believed(10).pts.tolist() == [10]


def test_tracks_that_go_take_their_sightings_along_and_the_rest_is_renumbered():
    kept = log((1, 0, True), (1, 1, True), (2, 2, True)).kept(np.array([True, False, True]), 0, vouch=0)
    assert kept.slot.tolist() == [0, 1]
    assert kept.xyxy[:, 1].tolist() == [0, 2]


def test_a_full_history_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(history, "CAPACITY", 2)
    with pytest.raises(HistoryFull, match="at most 2"):
        log((1, 0, True), (2, 0, True), (3, 0, True))
