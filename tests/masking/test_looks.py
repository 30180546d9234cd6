import pytest

from proxy.masking import looks as module
from proxy.masking.looks import Looks
from proxy.masking.passes import Pass
from proxy.masking.plan import CoverReason

BODIES = (Pass.BODIES,)


def ledger(*, glances: tuple[int, ...] = (), bodies: tuple[int, ...] = ()) -> Looks:
    looks = Looks()
    for pts in glances:
        looks.glanced(pts, ())
    for pts in bodies:
        looks.done(Pass.BODIES, pts)
    return looks


def test_a_frame_with_its_own_glance_between_two_looks_for_bodies_may_be_shown():
    assert ledger(glances=(10,), bodies=(5, 15)).missing(10, BODIES, within=5) is None


def test_a_look_on_the_very_frame_is_both_before_and_after():
    assert ledger(glances=(10,), bodies=(10,)).missing(10, BODIES, within=0) is None


@pytest.mark.parametrize("bodies", [(), (5,), (15,), (4, 15), (5, 16)])
def test_a_missing_or_distant_look_on_either_side_means_not_examined(bodies: tuple[int, ...]):
    assert ledger(glances=(10,), bodies=bodies).missing(10, BODIES, within=5) is CoverReason.NOT_EXAMINED


def test_a_glance_at_other_frames_is_none_at_this_one():
    assert ledger(glances=(9, 11), bodies=(10,)).missing(10, BODIES, within=5) is CoverReason.NOT_EXAMINED


def test_a_glance_that_finds_nothing_new_stands_for_a_look():
    looks = ledger(bodies=(0,))
    for pts in range(1, 100):
        looks.glanced(pts, (Pass.BODIES,))
    assert looks.missing(90, BODIES, within=5) is None


def test_a_glance_stands_for_nothing_before_there_was_a_look_and_after_one_that_failed():
    looks = Looks()
    looks.glanced(10, (Pass.BODIES,))
    assert looks.missing(10, BODIES, within=5) is CoverReason.NOT_EXAMINED
    looks.done(Pass.BODIES, 20)
    looks.failed(Pass.BODIES, 30, CoverReason.LATE)
    looks.glanced(40, (Pass.BODIES,))
    assert looks.missing(40, BODIES, within=5) is CoverReason.NOT_EXAMINED
    looks.done(Pass.BODIES, 50)
    looks.glanced(60, (Pass.BODIES,))
    assert looks.missing(60, BODIES, within=5) is None


def test_results_that_are_retracted_do_not_count():
    looks = ledger(glances=(10, 20), bodies=(10, 20))
    looks.retract(Pass.BODIES, 15)
    assert looks.missing(10, BODIES, within=5) is None
    assert looks.missing(20, BODIES, within=5) is CoverReason.NOT_EXAMINED


def test_a_failed_look_for_bodies_says_why_only_where_no_other_look_stands_in_for_it():
    looks = ledger(glances=(10,), bodies=(5,))
    looks.failed(Pass.BODIES, 12, CoverReason.DETECTOR_FAILED)
    assert looks.missing(10, BODIES, within=5) is CoverReason.DETECTOR_FAILED
    looks.done(Pass.BODIES, 14)
    assert looks.missing(10, BODIES, within=5) is None


def test_at_the_end_the_last_look_may_be_further_away_but_the_time_in_between_may_not_be_longer():
    looks = ledger(glances=(10,), bodies=(8, 17))
    assert looks.missing(10, BODIES, within=5) is CoverReason.NOT_EXAMINED
    looks.ended()
    assert looks.missing(10, BODIES, within=5) is None
    assert looks.missing(10, BODIES, within=4) is CoverReason.NOT_EXAMINED


def test_what_is_undone_covers_with_its_reason():
    looks = ledger(glances=(10,), bodies=(10,))
    looks.undone(CoverReason.TRACKER_FAILED)
    assert looks.missing(10, BODIES, within=5) is CoverReason.TRACKER_FAILED


def test_the_gap_around_a_frame_is_the_longer_one_and_failed_frames_count_as_frames():
    looks = ledger(glances=(0, 10, 40))
    assert looks.gap(10) == 30
    looks.failed(Pass.FACES, 20, CoverReason.LATE)
    assert looks.gap(10) == 10


def test_what_lies_before_is_forgotten():
    looks = ledger(glances=(10, 20), bodies=(10, 20))
    looks.failed(Pass.BODIES, 10, CoverReason.LATE)
    looks.forget(15)
    assert looks.missing(10, BODIES, within=50) is CoverReason.NOT_EXAMINED
    assert looks.missing(20, BODIES, within=50) is None


def test_a_ledger_stays_small_however_much_is_noted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CAPACITY", 8)
    looks = Looks()
    for pts in range(100):
        looks.done(Pass.FACES, pts)
        looks.glanced(pts, (Pass.FACES,))
        looks.failed(Pass.BODIES, pts, CoverReason.LATE)
    assert len(looks._frames) == len(looks._done[Pass.FACES]) == len(looks._glanced) == len(looks._failed[Pass.BODIES]) == 8
    assert looks.missing(50, (), within=5) is CoverReason.NOT_EXAMINED


def test_a_failure_without_a_reason_is_a_failure_all_the_same():
    looks = ledger(glances=(10,))
    looks.failed(Pass.BODIES, 10, None)
    assert looks.missing(10, BODIES, within=5) is CoverReason.NOT_EXAMINED
