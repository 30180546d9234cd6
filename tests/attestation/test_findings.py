"""Verdicts in a row are told as spans, and the gravest finding decides the exit code."""

from proxy.attestation.findings import EXIT_CODES, Finding, Kind, Verdict, exit_code, spans
from proxy.attestation.trust import TrustedKey
from proxy.cli.console import EXIT_CODES as EXPLAINED
from tests.attestation.signing import GOP, KEY, signed

CLAIMS = [one.claim for one in signed(4 * GOP - 2)[1].take()]
BOX = TrustedKey(KEY.public)


def verdict(number, *kinds, proven=True):
    findings = tuple(Finding(kind, "words") for kind in kinds)
    return Verdict(number * 10, number * 10 + 10, 5, CLAIMS[number] if proven else None, BOX if proven else None, findings)


def test_what_is_the_same_is_one_span_and_a_gap_begins_another():
    rows = [verdict(0), verdict(1), verdict(2, Kind.REMOVED), verdict(3, Kind.UNPROVEN, proven=False)]
    made = spans(rows)
    assert [len(span.verdicts) for span in made] == [2, 1, 1]
    assert [span.proven for span in made] == [True, True, False]
    assert [len(span.claims) for span in made] == [2, 1, 0]
    assert [[finding.kind for finding in span.findings] for span in made] == [[], [Kind.REMOVED], [Kind.UNPROVEN]]


def test_pictures_beside_a_gap_are_proven_and_others_with_a_finding_are_not():
    assert verdict(0, Kind.REMOVED).proven
    assert verdict(0, Kind.FORGED).proven
    assert not any(verdict(0, kind).proven for kind in Kind if kind not in (Kind.REMOVED, Kind.FORGED))


def test_the_gravest_finding_decides():
    assert exit_code([verdict(0)]) == 0
    assert exit_code([]) == 50
    assert exit_code([verdict(0, Kind.UNPROVEN, Kind.WEAKER_POLICY), verdict(1, Kind.CLOCK)]) == 53
    assert exit_code([verdict(0, Kind.REVOKED_KEY), verdict(1, Kind.REORDERED)]) == 51


def test_every_kind_has_an_exit_code_that_is_explained():
    assert set(EXIT_CODES) == set(Kind)
    assert set(EXIT_CODES.values()) <= {code for code, _ in EXPLAINED}
