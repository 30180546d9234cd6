"""The report says what the evidence says, in words that stand for themselves."""

from dataclasses import replace

import pytest

from proxy.gateway.admission import Action, Scope
from proxy.gateway.evidence import Evidence, gathered
from proxy.gateway.ledger import entries
from proxy.gateway.report import Bars, Heading, Origin, Said, Strip, Table, Title, document
from tests.gateway.gates import NOON_MS, gate, registered
from tests.gateway.test_evidence import told

ORIGIN = Origin("acme", (), NOON_MS, "the-key")


def read(evidence, problems=()):
    """All of its words."""
    words = []
    for block in document(evidence, Origin("acme", problems, NOON_MS, "the-key")):
        match block:
            case Title() | Heading() | Said():
                words.append(block.text)
            case Table():
                words += [" ".join(row) for row in (block.headings, *block.rows)]
            case Strip() | Bars():
                words.append(block.words)
    return "\n".join(words)


def test_every_part_of_the_evidence_is_on_the_page(tmp_path):
    evidence = told(tmp_path, 0, 120)
    text = read(evidence)
    for words in (
        "Camera door",
        "acme",
        "whole and unchanged",
        "1 h 10 min 00 s",
        "150 were sent",
        "53 were covered whole",
        "operator",
    ):
        assert words in text
    assert "forged: a claim" in text
    assert "late 3 Looking for people was not finished" in text
    assert "unproven 2 No signature was about these pictures." in text
    assert "proof-lost: the devices' signatures were no longer trusted" in text
    assert "targets face, body" in text
    assert evidence.last is not None
    assert evidence.last.hash in text
    assert evidence.last.signature in text
    assert "the-key" in text


def test_a_changed_ledger_is_said_to_be_so_first(tmp_path):
    text = read(told(tmp_path, 0, 120), ["row 3 was changed"])
    assert "NOT as it was signed" in text
    assert "row 3 was changed" in text
    assert "whole and unchanged" not in text


def test_nothing_known_is_said_to_be_nothing():
    text = read(Evidence("door", NOON_MS, NOON_MS + 1000))
    for words in ("not admitted", "0 were sent", "Nothing was found", "No switch was set", "names none", "no row from this time"):
        assert words in text


def test_time_for_which_it_was_cut_is_no_uptime(tmp_path):
    made, _, clock = gate(tmp_path)
    made.publish("door", registered(made, "door"), client="1")
    made.switch(Scope.CAMERA, "door", Action.CUT, actor="operator")
    clock.now_ms += 10_000
    made.note("refused", subject="", detail={})
    evidence = gathered(entries(made.connection), camera="door", publisher="acme", from_ms=NOON_MS, to_ms=clock.now_ms)
    assert "For 0 h 00 min 10 s of that it was cut by an operator, and nothing was sent: 0 h 00 min 00 s are left, 0.0 %" in read(
        evidence
    )
    (strip,) = (block for block in document(evidence, ORIGIN) if isinstance(block, Strip))
    assert strip.parts == ((0.0, 1.0, "anonymise"), (0.0, 1.0, "cut"))


def test_that_older_rows_were_let_go_is_said_where_the_time_reaches_back_so_far():
    evidence = Evidence("door", NOON_MS, NOON_MS + 1000)
    said = [
        [block.text for block in document(evidence, replace(ORIGIN, begins_ms=NOON_MS + more)) if isinstance(block, Said)]
        for more in (1, 0)
    ]
    assert ["let go" in " ".join(texts) for texts in said] == [True, False]


def test_bars_and_bands_lie_where_things_happened(tmp_path):
    blocks = document(told(tmp_path, 0, 120), ORIGIN)
    (strip,) = (block for block in blocks if isinstance(block, Strip))
    assert strip.parts == ((10 / 120, 40 / 120, "verify"), (80 / 120, 90 / 120, "verify"), (90 / 120, 1.0, "anonymise"))
    assert strip.marks == (90 / 120,)
    assert len(strip.axis) == 5
    (bars,) = (block for block in blocks if isinstance(block, Bars))
    assert {number: part for number, part in enumerate(bars.parts) if part != (0, 0)} == {8: (100, 3), 64: (50, 50)}
    assert bars.most == 100


def test_only_the_origin_begins_a_page_of_its_own_and_it_comes_last(tmp_path):
    blocks = document(told(tmp_path, 0, 120), ORIGIN)
    (place,) = (number for number, block in enumerate(blocks) if isinstance(block, Heading) and block.last)
    assert not any(isinstance(block, Heading) for block in blocks[place + 1 :])


@pytest.mark.parametrize(
    ("signs", "words"),
    [
        ({"notice": "Smile"}, "“Smile”"),
        ({"notice_at": "example.org/privacy"}, "leading to example.org/privacy"),
        ({}, "No notice was written"),
        (None, "No notice was written"),
    ],
)
def test_the_notice_that_was_shown_is_told(tmp_path, signs, words):
    made, _, _ = gate(tmp_path)
    made.in_force({"signs": signs, "privacy": {"zones": [], "targets": ["face", "body"]}})
    evidence = gathered(entries(made.connection), camera="door", publisher="", from_ms=NOON_MS, to_ms=NOON_MS + 1000)
    text = read(evidence)
    assert words in text
    assert "privacy.targets face, body" in text
    assert "privacy.zones none" in text
