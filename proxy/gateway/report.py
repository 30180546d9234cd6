"""The evidence as a page: one HTML file without anything from elsewhere, fit to be printed. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final

from proxy.gateway.evidence import Evidence, bars
from proxy.gateway.ledger import Entry

_COLUMNS: Final = 96
_WIDTH, _HEIGHT = 760, 120
_STYLE: Final = """
body { font: 11pt/1.45 Georgia, serif; max-width: 48rem; margin: 2rem auto; color: #111; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; border-bottom: 1px solid #999; }
table { border-collapse: collapse; width: 100%; font-size: .9em; }
th, td { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top; }
th { border-bottom: 1px solid #999; } code, .hash { font: .85em/1.4 monospace; overflow-wrap: anywhere; }
.bad { color: #a00000; font-weight: bold; } .good { color: #00602b; font-weight: bold; }
@media print { .last { break-before: page; } }
"""


def page(evidence: Evidence, *, publisher: str, problems: Sequence[str], made_ms: int, key_id: str) -> str:
    """The report.

    Args:
        evidence: what the ledger says.
        publisher: whose camera it is; empty for nobody's.
        problems: what is wrong with the ledger; nothing where it is as it was signed.
        made_ms: when the report is made, Unix, ms.
        key_id: the key that signed the ledger.
    """
    body = "\n".join(_body(evidence, publisher=publisher, problems=problems, made_ms=made_ms, key_id=key_id))
    title = escape(f"Camera {evidence.camera}: what was broadcast, and how people in it were hidden")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n{body}\n</body></html>\n"
    )


def _body(evidence: Evidence, *, publisher: str, problems: Sequence[str], made_ms: int, key_id: str) -> Iterator[str]:
    span = f"{_time(evidence.from_ms)} to {_time(evidence.to_ms)}"
    yield f"<p>{span}, all times UTC. Publisher: {escape(publisher) or 'unknown'}. Made {_time(made_ms)}.</p>"
    yield _soundness(problems)
    yield from _uptime(evidence)
    yield from _coverage(evidence)
    yield "<h2>Findings</h2>"
    yield _rows(evidence.findings, "Nothing was found: no stream failed, and no proof was lost.")
    yield "<h2>What operators did</h2>"
    yield _rows(evidence.operated, "No switch was set and nothing was revoked.")
    yield from _policies(evidence.policies)
    yield from _proof(evidence.last, key_id)


def _soundness(problems: Sequence[str]) -> str:
    if not problems:
        return '<p class="good">The ledger that this is made of is whole and unchanged.</p>'
    listed = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    return f'<p class="bad">The ledger that this is made of is NOT as it was signed:</p><ul class="bad">{listed}</ul>'


def _uptime(evidence: Evidence) -> Iterator[str]:
    share = evidence.seconds * 100_000 / max(1, evidence.to_ms - evidence.from_ms)
    yield f"<h2>When it was admitted</h2><p>{_duration(evidence.seconds)} in all, {share:.1f} % of the time.</p>"
    cells = (
        (_time(period.begin_ms), _time(period.end_ms) if period.end_ms else "goes on", period.admission, period.why_ended)
        for period in evidence.periods
    )
    yield _table(("from", "to", "admission", "ended because"), cells, "It was not admitted in this time.")
    yield (
        "<p>Admission <b>anonymise</b>: every picture was decoded, people in it were hidden, and it was encoded again. Admission "
        "<b>verify</b>: pictures were sent on as they came, each group of them after a trusted device's signature was verified.</p>"
    )


def _coverage(evidence: Evidence) -> Iterator[str]:
    covered = evidence.covered
    dropped = sum(minute.dropped for minute in evidence.minutes)
    yield "<h2>Pictures</h2>"
    yield (
        f"<p>{evidence.frames} were sent, of which {covered.total()} were covered whole; {dropped} more were left out, because "
        "the machine could not keep up or because they were not proven. A picture is covered whole when nobody can say where "
        "people are, or when an operator says so.</p>"
    )
    yield _plot(evidence)
    yield _table(("covered whole because", "pictures"), ((why, str(count)) for why, count in covered.most_common()), "None was.")


def _plot(evidence: Evidence) -> str:
    parts = bars(evidence.minutes, from_ms=evidence.from_ms, to_ms=evidence.to_ms, columns=_COLUMNS)
    most = max((sent for sent, _ in parts), default=0) or 1
    width = _WIDTH / _COLUMNS
    shapes = []
    for number, (sent, covered) in enumerate(parts):
        for count, colour in ((sent, "#7f9fbf"), (covered, "#a00000")):
            height = _HEIGHT * min(count, most) / most
            place = f'x="{number * width:.1f}" y="{_HEIGHT - height:.1f}" width="{width * 0.9:.1f}" height="{height:.1f}"'
            shapes.append(f'<rect {place} fill="{colour}"/>')
    words = f"Pictures sent (blue) and covered whole (red), in {_COLUMNS} equal parts of the time; the tallest bar is {most}."
    line = f'<line x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}" stroke="#111"/>'
    drawing = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" role="img" aria-label="{words}">{line}{"".join(shapes)}</svg>'
    return f"{drawing}<p><small>{words}</small></p>"


def _policies(policies: Sequence[Entry]) -> Iterator[str]:
    yield "<h2>Policy in force</h2>"
    if not policies:
        yield "<p>The ledger names none from this time.</p>"
    for entry in policies:
        text = json.dumps(entry.detail.get("policy"), indent=1, sort_keys=True, ensure_ascii=False)
        digest = escape(str(entry.detail.get("sha256", "")))
        yield f'<p>Since {_time(entry.at_ms)}, SHA-256 <span class="hash">{digest}</span></p><pre>{escape(text)}</pre>'


def _proof(last: Entry | None, key_id: str) -> Iterator[str]:
    yield '<h2 class="last">Where this comes from</h2>'
    yield (
        "<p>Everything above is read from the gateway's ledger. Each of its rows holds the hash of the row before and is signed "
        "with the gateway's key (Ed25519), so that a row that is changed, added or missing is found: "
        "<code>veilcast ledger verify</code>.</p>"
    )
    if last is None:
        yield "<p>It has no row from this time.</p>"
        return
    cells = (
        ("number of the last row", str(last.seq)),
        ("its time", _time(last.at_ms)),
        ("its hash (SHA-256), in which all rows before are", last.hash),
        ("signature", last.signature),
        ("key", key_id),
    )
    rows = "".join(f'<tr><td>{escape(name)}</td><td class="hash">{escape(value)}</td></tr>' for name, value in cells)
    yield f"<table>{rows}</table>"


def _rows(entries: Iterable[Entry], nothing: str) -> str:
    cells = (
        (_time(one.at_ms), str(one.seq), one.kind, one.subject, one.actor, ", ".join(f"{k}: {v}" for k, v in one.detail.items()))
        for one in entries
    )
    return _table(("time", "row", "what", "about", "by", "detail"), cells, nothing)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], nothing: str) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return f"<p>{nothing}</p>"
    return f"<table><tr>{''.join(f'<th>{heading}</th>' for heading in headings)}</tr>{body}</table>"


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _duration(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours} h {minutes:02d} min {seconds:02d} s"
