"""A claim says what it says, and nothing about a person."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.attestation import jws
from proxy.attestation.claim import policy_hash, read, sign
from tests.attestation.signing import KEY, POLICY, carried, signed

PACKETS, NOTARY = signed(20)
CLAIM = NOTARY.take()[0].claim


def reading(**changes):
    members = json.loads(CLAIM.payload()) | changes
    return read(jws.take_apart(jws.sign(json.dumps(members).encode(), KEY)))


def test_a_claim_comes_back_from_its_text():
    assert read(jws.take_apart(sign(CLAIM, KEY).text)) == CLAIM


def test_the_names_of_what_is_claimed_are_these_and_no_more():
    """Whoever adds one asks first whether it says anything about a person."""
    assert set(json.loads(CLAIM.payload())) == {
        "v", "camera", "run", "seq", "prev", "at_ms", "live", "codec", "units", "pts", "frames", "hidden", "age_ms",
        "policy", "policy_sha256", "models", "software",
    }  # fmt: skip
    assert set(json.loads(CLAIM.payload())["hidden"]) == {"people", "regions"}


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"seq": -1},
        {"seq": "1"},
        {"units": "short"},
        {"run": "x"},
        {"pts": [1]},
        {"more": 1},
        {"policy": {"targets": []}},
        {"frames": {"came": 1, "out": 1}},
        {"codec": "vp8"},
    ],
)
def test_what_is_no_claim_or_contradicts_itself_is_refused(changes):
    with pytest.raises(ValueError, match="expected"):
        reading(**changes)


@given(st.binary(max_size=60))
def test_whatever_somebody_signs_is_a_claim_or_refused(payload):
    with pytest.raises(ValueError, match="expected"):
        read(jws.take_apart(jws.sign(payload, KEY)))


def test_a_policy_is_named_by_what_it_is_not_by_how_it_is_written():
    assert policy_hash(POLICY) == policy_hash(dict(reversed(POLICY.items()))) == CLAIM.policy_sha256
    assert policy_hash(POLICY | {"lookback_ms": 399}) != CLAIM.policy_sha256


def test_what_travels_is_the_text_that_was_signed():
    assert carried(PACKETS[10]) == [sign(CLAIM, KEY).text]
