"""Every short name that can stand in a report is explained in it."""

from proxy.attestation.findings import Kind
from proxy.gateway.evidence import FINDINGS
from proxy.gateway.reasons import COVERED, PROOF, ROWS
from proxy.masking.plan import CoverReason


def test_every_reason_is_explained_and_no_other():
    assert set(COVERED) == set(CoverReason)
    assert set(PROOF) == set(Kind)
    assert set(ROWS) == FINDINGS


def test_each_is_a_sentence():
    for words in (*COVERED.values(), *PROOF.values()):
        assert words[0].isupper()
        assert words.endswith(".")
