"""The page is well-formed, shows nothing from elsewhere, and takes the ledger's words for words."""

from html.parser import HTMLParser

from proxy.gateway.entry import Entry
from proxy.gateway.evidence import Evidence
from proxy.gateway.pages.html import page
from proxy.gateway.report import Bars, Origin, Strip, document
from tests.gateway.gates import NOON_MS
from tests.gateway.test_evidence import told

VOID = {"meta", "rect", "line", "path"}
ORIGIN = Origin("acme", (), NOON_MS, "the-key")


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


def read(blocks):
    parser = Balanced()
    parser.feed(page(blocks))
    parser.close()
    assert parser.open == []
    assert "http" not in parser.attributes, "nothing comes from elsewhere"
    return parser.text


def test_everything_that_is_said_is_on_the_page(tmp_path):
    blocks = document(told(tmp_path, 0, 120), ORIGIN)
    text = read(blocks)
    for block in blocks:
        if not isinstance(block, Strip | Bars):
            for words in vars_of(block):
                assert words in text


def vars_of(block):
    rows = [cell for row in getattr(block, "rows", ()) for cell in row]
    return [*rows, *getattr(block, "headings", ()), *([block.text] if hasattr(block, "text") else [])]


def test_what_stands_in_the_ledger_is_text_and_never_markup():
    entry = Entry(1, NOON_MS, "failed", "door", "gateway", {"why": "<script>alert(1)</script>"}, "", "h", "s")
    evidence = Evidence("<b>door</b>", NOON_MS, NOON_MS + 1000, findings=[entry], last=entry)
    made = page(document(evidence, Origin("<i>", ["<u>"], NOON_MS, "<s>")))
    for markup in ("<script", "<b>door", "<i>", "<u>", "<s>"):
        assert markup not in made
