"""A report as a page: one HTML file without anything from elsewhere, fit to be printed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final, assert_never

from proxy.gateway.report import Bars, Block, Heading, Said, Strip, Table, Title

_WIDTH, _HEIGHT, _BAND, _AXIS = 760, 120, 28, 18
_COLOURS: Final = {"anonymise": "#7f9fbf", "verify": "#4f8f6f"}
_OTHER: Final = "#bbbbbb"
_STYLE: Final = """
body { font: 11pt/1.45 Georgia, serif; max-width: 48rem; margin: 2rem auto; color: #111; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; border-bottom: 1px solid #999; }
table { border-collapse: collapse; width: 100%; font-size: .9em; }
th, td { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top; overflow-wrap: anywhere; }
th { border-bottom: 1px solid #999; overflow-wrap: normal; }
.exact td { font: .85em/1.4 monospace; } svg text { font: 11px Georgia, serif; }
.bad { color: #a00000; font-weight: bold; } .good { color: #00602b; font-weight: bold; }
@media print { .last { break-before: page; } }
"""


def page(blocks: Sequence[Block]) -> str:
    """The page."""
    title = escape(next((block.text for block in blocks if isinstance(block, Title)), "Report"))
    body = "\n".join(_shown(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _shown(block: Block) -> str:
    match block:
        case Title(text):
            return f"<h1>{escape(text)}</h1>"
        case Heading(text, last):
            kind = "last" if last else "part"
            return f'<h2 class="{kind}">{escape(text)}</h2>'
        case Said(text, tone):
            return f'<p class="{tone}">{escape(text)}</p>'
        case Table():
            return _table(block)
        case Strip():
            return _drawn(_strip(block), block.axis, block.words, _BAND)
        case Bars():
            return _drawn(_bars(block), block.axis, block.words, _HEIGHT)
        case _:
            assert_never(block)


def _table(table: Table) -> str:
    headings = "".join(f"<th>{escape(heading)}</th>" for heading in table.headings)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    kind = "exact" if table.exact else "plain"
    return f'<table class="{kind}"><tr>{headings}</tr>{body}</table>'


def _strip(strip: Strip) -> Iterator[str]:
    for begin, end, what in strip.parts:
        yield _rect(begin * _WIDTH, 8, max(1.0, (end - begin) * _WIDTH), _BAND - 8, _COLOURS.get(what, _OTHER))
        if (end - begin) * _WIDTH > 80:
            yield f'<text x="{begin * _WIDTH + 4:.1f}" y="{_BAND - 6}">{escape(what)}</text>'
    for mark in strip.marks:
        x = mark * _WIDTH
        yield f'<path d="M{x - 5:.1f} 0 h10 l-5 8 z" fill="#a00000"/>'


def _bars(bars: Bars) -> Iterator[str]:
    width = _WIDTH / max(1, len(bars.parts))
    for number, (sent, covered) in enumerate(bars.parts):
        for count, colour in ((sent, "#7f9fbf"), (covered, "#a00000")):
            height = _HEIGHT * min(count, bars.most) / bars.most
            yield _rect(number * width, _HEIGHT - height, width * 0.9, height, colour)


def _drawn(shapes: Iterable[str], axis: Sequence[str], words: str, height: int) -> str:
    """A drawing over an axis of time, with its words under it."""
    last = len(axis) - 1
    anchors = ["start", *["middle"] * (last - 1), "end"]
    labels = "".join(
        f'<text x="{_WIDTH * number / last:.0f}" y="{height + 14}" text-anchor="{anchor}">{escape(label)}</text>'
        for number, (label, anchor) in enumerate(zip(axis, anchors, strict=True))
    )
    line = f'<line x1="0" y1="{height}" x2="{_WIDTH}" y2="{height}" stroke="#111"/>'
    box = f"0 0 {_WIDTH} {height + _AXIS}"
    drawing = f'<svg viewBox="{box}" width="100%" role="img" aria-label="{escape(words)}">{"".join(shapes)}{line}{labels}</svg>'
    return f"{drawing}<p><small>{escape(words)}</small></p>"


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
