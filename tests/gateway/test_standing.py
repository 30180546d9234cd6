"""What still counts of what was written."""

import pytest

from proxy.gateway.entry import Entry
from proxy.gateway.standing import FACE_FOUND, carried, kept, standing_after


def rows(*told):
    """Rows of kind, subject and detail."""
    return [Entry(seq, seq, kind, subject, "somebody", detail, "", "", "") for seq, (kind, subject, detail) in enumerate(told, 1)]


@pytest.mark.parametrize(
    ("told", "numbers"),
    [
        ([("coverage", "door", {}), ("refused", "", {}), ("started", "gateway", {})], []),
        ([("policy", "gateway", {"sha256": "1"}), ("policy", "gateway", {"sha256": "2"})], [2]),
        ([("admitted", "door", {}), ("admitted", "yard", {}), ("ended", "door", {})], [2]),
        ([("admitted", "door", {}), ("proof-lost", "door", {"why": "clock"})], [1, 2]),
        ([("admitted", "door", {}), ("proof-lost", "door", {"why": "clock"}), ("ended", "door", {})], []),
        ([("admitted", "door", {}), ("proof-lost", "door", {"why": FACE_FOUND}), ("ended", "door", {})], [2]),
        ([("proof-lost", "door", {"why": FACE_FOUND}), ("ended", "door", {}), ("trusted-again", "door", {})], []),
        ([("finding", "door", {}), ("switch", "all:", {"action": "cut"})], [1, 2]),
        ([("finding", "door", {}), ("switch", "camera:door", {"action": "lifted"})], []),
        ([("switch", "camera:door", {"action": "lifted"})], []),
        ([("switch", "camera:door", {"action": "cut"}), ("switch", "camera:door", {"action": "cover"})], [2]),
        ([("publisher", "acme", {}), ("publisher-revoked", "acme", {})], [1, 2]),
        ([("publisher", "acme", {}), ("publisher-revoked", "acme", {}), ("publisher", "acme", {})], [3]),
        ([("token", "acme", {"token": 1}), ("token", "acme", {"token": 2}), ("token-revoked", "acme", {"token": 1})], [2]),
    ],
)
def test_what_was_not_taken_back_stands(told, numbers):
    assert [entry.seq for entry in kept(standing_after(rows(*told)))] == numbers


@pytest.mark.parametrize("detail", [{}, {"rows": 7}, {"rows": [7]}])
def test_a_state_without_rows_is_refused(detail):
    with pytest.raises(TypeError):
        carried(rows(("state", "ledger", detail))[0])
