"""What happens to a person over time, and shares by size."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.tally import Judged, Track, by_journal, by_size, people, track, tracks


def _judged(frame: list[int], person: list[int], height: list[float], shown: list[float], painted: float = np.nan) -> Judged:
    return Judged(
        np.array(frame), np.array(person), np.array(height), np.array(shown, np.float32), np.full(len(frame), painted, np.float32)
    )


@pytest.mark.parametrize(
    ("exposed", "expected"),
    [
        ("....", Track(4, 0, 0, 0, 0)),
        ("xx..", Track(4, 2, 2, 2, 0)),
        ("..xx", Track(4, 2, 0, 2, 0)),
        (".x.xx.", Track(6, 3, 0, 2, 2)),
        ("x.x", Track(3, 2, 1, 1, 0)),
        ("xxx", Track(3, 3, 3, 3, 0)),
    ],
)
def test_a_persons_frames_are_counted(exposed: str, expected: Track) -> None:
    assert track(np.array([mark == "x" for mark in exposed])) == expected


def test_frames_of_one_person_are_put_in_order_and_apart_from_anothers() -> None:
    judged = _judged([2, 0, 1, 0], [5, 5, 5, 6], [20.0] * 4, [0.0, 0.9, 0.0, 0.0])
    assert tracks(judged) == [Track(3, 1, 1, 1, 0), Track(1, 0, 0, 0, 0)]


def test_a_fifth_of_the_box_may_be_shown_and_no_more() -> None:
    assert _judged([0, 0], [1, 2], [20, 20], [0.2, 0.21]).exposed.tolist() == [False, True]


def test_shares_are_told_by_size_and_over_all() -> None:
    table = by_size("head", [_judged([0, 0, 0], [1, 2, 3], [10, 15.9, 200], [0.0, 1.0, 0.0])])
    assert table == {
        "all": {"labels": 3, "covered": 0.6667},
        "0–16 px": {"labels": 2, "covered": 0.5},
        "from 96 px": {"labels": 1, "covered": 1.0},
    }


def test_people_are_summed_up() -> None:
    found = [track(np.array([True, False, True, False])), track(np.array([False])), track(np.array([True]))]
    assert people(found) == {
        "people": 3,
        "ever_exposed": 2,
        "never_covered": 1,
        "frames_until_covered_mean": 0.667,
        "frames_until_covered_max": 1,
        "longest_exposure_frames": 1,
        "exposed_frames": 3,
        "flicker": 1,
    }
    assert people([]) == {"people": 0}


def test_the_journal_speaks_only_when_there_is_one() -> None:
    assert by_journal([_judged([0], [1], [20], [0.0])]) is None
    assert by_journal([_judged([0, 0], [1, 2], [20, 20], [0, 0], 0.8), _judged([0], [1], [20], [0], 0.7)]) == 0.6667
