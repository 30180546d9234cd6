"""A report as a PDF: A4, with its letters inside, and the same bytes for the same report. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import Final, assert_never

from reportlab.graphics.shapes import Drawing, Group, Line, Polygon, Rect, String
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus.doctemplate import BaseDocTemplate

from proxy import signs
from proxy.gateway.report import Bars, Block, Heading, Said, Strip, Table, Title, Tone

_FONT: Final = "NotoSans"
_EXACT: Final = "Courier"
_MARGIN: Final = 20 * mm
_PADDING: Final = 6.0
"""What a page's frame keeps free inside its margins."""
_WIDTH: Final = A4[0] - 2 * (_MARGIN + _PADDING)
_HEIGHT, _BAND, _AXIS = 90.0, 20.0, 14.0
_BLUE, _GREEN, _RED, _GREY, _INK = (colors.HexColor(code) for code in ("#7f9fbf", "#4f8f6f", "#a00000", "#bbbbbb", "#111111"))
_FAINT: Final = colors.HexColor("#555555")
_COLOURS: Final = {"anonymise": _BLUE, "verify": _GREEN}
_TONES: Final = {Tone.PLAIN: _INK, Tone.GOOD: colors.HexColor("#00602b"), Tone.BAD: _RED}
_SHARES: Final = {2: (0.32, 0.68), 3: (0.23, 0.12, 0.65), 4: (0.23, 0.23, 0.17, 0.37), 6: (0.2, 0.06, 0.15, 0.16, 0.12, 0.31)}
"""How wide columns are, by how many there are."""

_FITS: Final = 1000
"""So many characters fit into the narrowest column of a page."""


def page(blocks: Sequence[Block]) -> bytes:
    """The PDF."""
    _fonts()
    out = io.BytesIO()
    title = next((block.text for block in blocks if isinstance(block, Title)), "Report")
    template = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=title, author="veilcast", invariant=1,
    )  # fmt: skip
    shown = [flowable for block in blocks for flowable in _shown(block)]
    numbered = partial(_numbered, title=title)
    template.build(shown, onFirstPage=numbered, onLaterPages=numbered)
    return out.getvalue()


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(TTFont(_FONT, Path(signs.__file__).parent / "fonts" / "NotoSans-subset.ttf"))


def _style(
    size: float, *, colour: colors.Color = _INK, font: str = _FONT, before: float = 0, after: float = 4, kept: bool = False
) -> ParagraphStyle:
    """The look of a paragraph; one that is ``kept`` stays on the page of what follows."""
    return ParagraphStyle(
        "said", fontName=font, fontSize=size, leading=size * 1.35, textColor=colour, spaceBefore=before, spaceAfter=after,
        splitLongWords=1, keepWithNext=int(kept),
    )  # fmt: skip


def _numbered(canvas: Canvas, template: BaseDocTemplate, *, title: str) -> None:
    canvas.saveState()
    canvas.setFont(_FONT, 8)
    canvas.drawString(_MARGIN + _PADDING, 10 * mm, title)
    canvas.drawRightString(A4[0] - _MARGIN - _PADDING, 10 * mm, f"page {template.page}")
    canvas.restoreState()


def _shown(block: Block) -> Iterator[Flowable]:
    match block:
        case Title(text):
            yield Paragraph(escape(text), _style(16, after=8))
        case Heading(text, last):
            if last:
                yield PageBreak()
            yield Paragraph(escape(text), _style(12.5, before=12, after=5, kept=True))
        case Said(text, tone):
            yield Paragraph(escape(text), _style(9.5, colour=_TONES[tone]))
        case Table():
            yield _table(block)
            yield Spacer(0, 6)
        case Strip():
            yield from _drawn(_strip(block), block.axis, block.words, _BAND)
        case Bars():
            yield from _drawn(_bars(block), block.axis, block.words, _HEIGHT)
        case _:
            assert_never(block)


def _table(table: Table) -> LongTable:
    named, plain, exact = _style(8.5, colour=_FAINT, after=0), _style(8.5, after=0), _style(8.5, font=_EXACT, after=0)

    def cell(text: str, column: int) -> Paragraph:
        return Paragraph(escape(text), exact if table.exact and column else plain)

    rows = [[cell(text, column) for column, text in enumerate(row)] for row in table.rows]
    headings = [Paragraph(escape(heading), named) for heading in table.headings]
    count = len(table.headings)
    widths = [_WIDTH * share for share in _SHARES.get(count, (1 / count,) * count)]
    look = TableStyle()
    look.add("LINEBELOW", (0, 0), (-1, 0), 0.5, _INK)
    look.add("LINEBELOW", (0, 1), (-1, -1), 0.25, _GREY)
    look.add("VALIGN", (0, 0), (-1, -1), "TOP")
    look.add("LEFTPADDING", (0, 0), (-1, -1), 0)
    look.add("TOPPADDING", (0, 0), (-1, -1), 2)
    look.add("BOTTOMPADDING", (0, 0), (-1, -1), 2)
    # a row that is cut in two looks odd, and one that no page holds cannot be laid out at all
    cuts = any(len(text) > _FITS for row in table.rows for text in row)
    return LongTable([headings, *rows], colWidths=widths, repeatRows=1, hAlign="LEFT", splitInRow=int(cuts), style=look)


Shape = Rect | Polygon | String | Line


def _strip(strip: Strip) -> Iterator[Shape]:
    for begin, end, what in strip.parts:
        yield _rect(begin * _WIDTH, 0, max(1.0, (end - begin) * _WIDTH), _BAND - 6, _COLOURS.get(what, _GREY))
        if (end - begin) * _WIDTH > 60:
            yield String(begin * _WIDTH + 3, 4, what, fontName=_FONT, fontSize=8)
    for mark in strip.marks:
        x = mark * _WIDTH
        yield Polygon([x - 4, _BAND, x + 4, _BAND, x, _BAND - 7], fillColor=_RED, strokeColor=None)


def _bars(bars: Bars) -> Iterator[Shape]:
    width = _WIDTH / max(1, len(bars.parts))
    for number, (sent, covered) in enumerate(bars.parts):
        for count, colour in ((sent, _BLUE), (covered, _RED)):
            if count:
                yield _rect(number * width, 0, width * 0.9, _HEIGHT * min(count, bars.most) / bars.most, colour)


def _rect(x: float, y: float, width: float, height: float, colour: colors.Color) -> Rect:
    shape = Rect(x, y, width, height)
    shape.fillColor, shape.strokeColor = colour, None
    return shape


def _drawn(shapes: Iterator[Shape], axis: Sequence[str], words: str, height: float) -> Iterator[Flowable]:
    """A drawing over an axis of time, with its words under it."""
    drawing = Drawing(_WIDTH, height + _AXIS)
    last = len(axis) - 1
    drawing.add(Group(*shapes, transform=(1, 0, 0, 1, 0, _AXIS)))
    drawing.add(Line(0, _AXIS, _WIDTH, _AXIS, strokeColor=_INK, strokeWidth=0.5))
    for number, label in enumerate(axis):
        text = String(_WIDTH * number / last, 3, label, fontName=_FONT, fontSize=7.5)
        text.textAnchor = "start" if number == 0 else "end" if number == last else "middle"
        drawing.add(text)
    yield Spacer(0, 6)
    yield drawing
    yield Paragraph(escape(words), _style(8, colour=_FAINT, before=2, after=6))
