"""What a single claim is worth by itself."""

import pytest

from proxy.attestation import jws
from proxy.attestation.findings import Finding, Kind
from proxy.attestation.judging import AHEAD_MS, Rules, Statement, judged
from proxy.attestation.keys import DeviceKey
from proxy.attestation.minimum import Minimum
from proxy.attestation.trust import Trust, TrustedKey
from tests.attestation.signing import KEY, signed

SIGNED = signed(1)[1].take()[0]
AT_MS = SIGNED.claim.at_ms


def judge(text=SIGNED.text, *, now_ms=AT_MS, camera=None, max_age_ms=None, minimum=None, **key):
    trust = Trust.of(TrustedKey(KEY.public, **key))
    return judged(text, Rules(trust, minimum or Minimum(), camera, max_age_ms), now_ms=now_ms)


def test_a_good_claim_is_a_statement_by_its_key():
    statement = judge()
    assert isinstance(statement, Statement)
    assert (statement.signed, statement.findings) == (SIGNED, ())
    assert statement.key is not None
    assert statement.key.key == KEY.public


@pytest.mark.parametrize("text", ["", "a.b.c", SIGNED.text[:-1] + ("A" if SIGNED.text[-1] != "A" else "Q"), jws.sign(b"{}", KEY)])
def test_what_is_no_claim_is_a_forgery(text):
    finding = judge(text)
    assert isinstance(finding, Finding)
    assert finding.kind is Kind.FORGED


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"revoked": True}, Kind.REVOKED_KEY),
        ({"cameras": frozenset({"yard"})}, Kind.UNKNOWN_KEY),
    ],
)
def test_a_key_that_does_not_count_speaks_for_nobody(how, kind):
    statement = judge(**how)
    assert isinstance(statement, Statement)
    assert statement.key is None
    assert [finding.kind for finding in statement.findings] == [kind]


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"now_ms": AT_MS - AHEAD_MS - 1}, Kind.CLOCK),
        ({"now_ms": AT_MS + 1001, "max_age_ms": 1000}, Kind.CLOCK),
        ({"not_before_ms": AT_MS + 1}, Kind.CLOCK),
        ({"not_after_ms": AT_MS - 1}, Kind.CLOCK),
        ({"camera": "yard"}, Kind.SPLICED),
        ({"minimum": Minimum(lookback_ms=500)}, Kind.WEAKER_POLICY),
    ],
)
def test_what_is_wrong_with_a_claim_is_named(how, kind):
    statement = judge(**how)
    assert isinstance(statement, Statement)
    assert [finding.kind for finding in statement.findings] == [kind]


@pytest.mark.parametrize(
    "how",
    [
        {"now_ms": AT_MS - AHEAD_MS},
        {"now_ms": AT_MS + 1000, "max_age_ms": 1000},
        {"not_before_ms": AT_MS, "not_after_ms": AT_MS},
        {"camera": "door", "cameras": frozenset({"door"})},
    ],
)
def test_at_the_very_bounds_nothing_is_wrong(how):
    statement = judge(**how)
    assert isinstance(statement, Statement)
    assert statement.findings == ()


def test_a_key_that_is_not_known_is_said_to_be_so():
    statement = judged(SIGNED.text, Rules(Trust.of(TrustedKey(DeviceKey.new().public)), Minimum()), now_ms=AT_MS)
    assert isinstance(statement, Statement)
    assert [finding.kind for finding in statement.findings] == [Kind.UNKNOWN_KEY]
