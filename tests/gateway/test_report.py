"""The page says what the evidence says, in words that stand for themselves."""

from html.parser import HTMLParser

from proxy.gateway.evidence import Evidence
from proxy.gateway.ledger import Entry
from proxy.gateway.report import page
from tests.gateway.gates import NOON_MS
from tests.gateway.test_evidence import told

VOID = {"meta", "rect", "line"}


class Balanced(HTMLParser):
    """Fails where an element is not closed, and keeps the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.attributes = ""

    def handle_starttag(self, tag, attrs):
        self.attributes += " ".join(f"{name}={value}" for name, value in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(evidence, problems=()):
    parser = Balanced()
    parser.feed(page(evidence, publisher="acme", problems=problems, made_ms=NOON_MS, key_id="the-key"))
    parser.close()
    assert parser.open == []
    assert "http" not in parser.attributes, "nothing comes from elsewhere"
    return parser.text


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
    assert '"body"' in text
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


def test_what_stands_in_the_ledger_is_text_and_never_markup():
    entry = Entry(1, NOON_MS, "failed", "door", "gateway", {"why": "<script>alert(1)</script>"}, "", "h", "s")
    evidence = Evidence("<b>door</b>", NOON_MS, NOON_MS + 1000, findings=[entry], last=entry)
    made = page(evidence, publisher="<i>", problems=["<u>"], made_ms=NOON_MS, key_id="<s>")
    for markup in ("<script", "<b>door", "<i>", "<u>", "<s>"):
        assert markup not in made
