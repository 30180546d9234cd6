"""Claims that do not follow one another as they were signed are noticed."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.attestation.chain import Chain
from proxy.attestation.claim import SignedClaim
from proxy.attestation.findings import Kind
from tests.attestation.signing import GOP, NOON_MS, Clock, signed
from tests.programmes import STEP

RUN = signed(12 * GOP - 2)[1].take()
LENGTH = GOP * STEP


def walked(order, *, run=RUN):
    chain = Chain()
    return [
        [finding.kind for finding in chain.follows(run[seq], begin=place * LENGTH, unproven=0)] for place, seq in enumerate(order)
    ]


def test_a_run_in_order_has_nothing_wrong_wherever_it_begins():
    assert walked(range(12)) == [[]] * 12
    assert walked(range(5, 12)) == [[]] * 7


def test_what_is_skipped_is_missing_and_what_comes_later_is_out_of_order():
    assert walked([0, 1, 4, 5]) == [[], [], [Kind.REMOVED], []]
    assert walked([0, 2, 1, 3]) == [[], [Kind.REMOVED], [Kind.REORDERED], []]
    assert walked([1, 0, 2]) == [[], [Kind.REORDERED], []], "the first two changed places"
    assert walked([5, 4, 4]) == [[], [Kind.REORDERED], [Kind.REPEATED]]
    assert walked([0, 1, 1, 2]) == [[], [], [Kind.REPEATED], []]


@given(st.lists(st.integers(0, 11), min_size=2, max_size=20))
def test_only_a_run_in_order_has_nothing_wrong(order):
    clean = not any(walked(order))
    assert clean == (order == list(range(order[0], order[0] + len(order))))


def test_unproven_groups_in_between_stand_for_missing_ones():
    chain = Chain()
    assert chain.follows(RUN[0], begin=0, unproven=0) == []
    assert chain.follows(RUN[3], begin=3 * LENGTH, unproven=2) == []
    (finding,) = chain.follows(RUN[6], begin=6 * LENGTH, unproven=1)
    assert (finding.kind, finding.detail[0]) == (Kind.REMOVED, "1")


def test_a_claim_that_names_another_before_it_is_from_elsewhere():
    changed = SignedClaim(RUN[1].claim.model_copy(update={"prev": RUN[5].hash}), "text")
    assert walked([0, 1], run=[RUN[0], changed]) == [[], [Kind.SPLICED]]


def test_a_clock_that_runs_back_is_noticed():
    changed = SignedClaim(RUN[1].claim.model_copy(update={"at_ms": NOON_MS - 1}), "text")
    assert walked([0, 1], run=[RUN[0], changed]) == [[], [Kind.CLOCK]]


def test_a_new_run_begins_with_its_first_claim_and_soon_or_it_is_a_splice():
    soon = signed(3 * GOP, clock=Clock(NOON_MS + 60_000))[1].take()
    later = signed(3 * GOP, clock=Clock(NOON_MS + 3_600_000))[1].take()
    earlier = signed(3 * GOP, clock=Clock(NOON_MS - 3_600_000))[1].take()
    for run, first, wrong in ((soon, 0, False), (soon, 1, True), (later, 0, True), (earlier, 0, True)):
        chain = Chain()
        chain.follows(RUN[0], begin=0, unproven=0)
        assert chain.is_foreign(run[first].claim)
        found = chain.follows(run[first], begin=LENGTH, unproven=0)
        assert [finding.kind for finding in found] == ([Kind.SPLICED] if wrong else [])


def test_a_run_that_was_left_does_not_come_back():
    other = signed(3 * GOP, clock=Clock(NOON_MS + 60_000))[1].take()
    chain = Chain()
    for signed_claim in (RUN[0], other[0]):
        assert chain.follows(signed_claim, begin=0, unproven=0) == []
    assert [finding.kind for finding in chain.follows(RUN[1], begin=0, unproven=0)] == [Kind.SPLICED]


def test_the_next_claim_is_expected_and_no_other():
    chain = Chain()
    assert not chain.expects(RUN[0])
    assert not chain.begun
    chain.follows(RUN[0], begin=0, unproven=0)
    assert chain.begun
    assert [chain.expects(one) for one in RUN[:4]] == [False, True, False, False]
