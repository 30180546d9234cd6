"""The PDF says what the document says, ends with the signed digest, and is the same whenever it is made."""

import io

import pytest
from pypdf import PdfReader

from proxy.gateway.entry import Entry
from proxy.gateway.evidence import Evidence, Minute
from proxy.gateway.pages.pdf import page
from proxy.gateway.report import Bars, Heading, Origin, Said, Strip, Title, document
from tests.gateway.gates import NOON_MS
from tests.gateway.pages.test_html import ORIGIN, vars_of
from tests.gateway.test_evidence import told


def squeezed(text):
    """Without spaces, which are where lines break."""
    return "".join(text.split())


def pages_of(blocks):
    return [squeezed(shown.extract_text()) for shown in PdfReader(io.BytesIO(page(blocks))).pages]


def test_everything_that_is_said_is_in_it_and_the_signed_digest_is_on_the_last_page(tmp_path):
    evidence = told(tmp_path, 0, 120)
    blocks = document(evidence, ORIGIN)
    pages = pages_of(blocks)
    text = "".join(pages)
    for block in blocks:
        if not isinstance(block, Strip | Bars):
            for words in vars_of(block):
                assert squeezed(words) in text
    assert evidence.last is not None
    for exact in (evidence.last.hash, evidence.last.signature, "the-key"):
        assert exact in pages[-1]
        assert not any(exact in before for before in pages[:-1])


def test_the_same_report_is_the_same_file(tmp_path):
    blocks = document(told(tmp_path, 0, 120), ORIGIN)
    assert page(blocks) == page(blocks)


@pytest.mark.parametrize("word", ["<b>&amp;</para>", "x" * 3000, "日本語 ş ÿ", "a\x00b\x1bc"])
def test_no_word_of_the_ledger_breaks_it(word):
    entry = Entry(1, NOON_MS, "failed", "door", "gateway", {"why": word}, "", "h", "s")
    minutes = [Minute(NOON_MS, 10, 0, {word: 3})]
    evidence = Evidence(word, NOON_MS, NOON_MS + 1000, findings=[entry] * 60, minutes=minutes, last=entry)
    assert len(pages_of(document(evidence, Origin(word, [word], NOON_MS, word)))) > 2


def test_no_heading_stands_alone_at_the_foot_of_a_page():
    row = Said("A sentence of one line.")
    for lines in range(36, 43):
        blocks = [Title("Camera door"), *[row] * lines, Heading("What operators did"), Said("Switches."), row]
        (held,) = (text for text in pages_of(blocks) if "Whatoperatorsdid" in text)
        assert "WhatoperatorsdidSwitches." in held, lines
