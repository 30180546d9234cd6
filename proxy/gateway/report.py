"""The evidence as a document for people who were not there: what is said, and in which order; ``pages`` say how it looks. Pure.

Each block stands for itself, in words that need no knowledge of the program; what comes from the ledger is text, never markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from proxy.gateway.entry import Entry
from proxy.gateway.evidence import Evidence, Period, bars
from proxy.gateway.reasons import COVERED, PROOF, ROWS

COLUMNS: Final = 96


class Tone(StrEnum):
    """How a sentence is meant."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Title:
    """What the document is about."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of a part; the last part begins on a page of its own."""

    text: str
    last: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under headings; ``exact`` is for hashes and other things that are compared letter by letter."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """What went on when, as a band: each part is where it begins and ends, 0..1, and what it is called; ``marks`` are moments."""

    parts: tuple[tuple[float, float, str], ...]
    marks: tuple[float, ...]
    axis: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Two counts in equal parts of the time, of which the second is part of the first; ``most`` is the tallest."""

    parts: tuple[tuple[int, int], ...]
    most: int
    axis: tuple[str, ...]
    words: str


Block = Title | Heading | Said | Table | Strip | Bars


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the evidence comes from.

    Attributes:
        publisher: whose camera it is; empty for nobody's.
        problems: what is wrong with the ledger; nothing where it is as it was signed.
        made_ms: when the report is made, Unix, ms.
        key_id: the key that signed the ledger.
        begins_ms: before when rows were let go, Unix, ms; ``None`` where none were.
    """

    publisher: str
    problems: Sequence[str]
    made_ms: int
    key_id: str
    begins_ms: int | None = None


def document(evidence: Evidence, origin: Origin) -> list[Block]:
    """The report, block by block."""
    return list(_document(evidence, origin))


def _document(evidence: Evidence, origin: Origin) -> Iterator[Block]:
    yield Title(f"Camera {evidence.camera}: what was broadcast, and how people in it were hidden")
    span = f"{told(evidence.from_ms)} to {told(evidence.to_ms)}"
    yield Said(f"{span}, all times UTC. Publisher: {origin.publisher or 'unknown'}. Made {told(origin.made_ms)}.")
    yield from _soundness(origin.problems)
    if origin.begins_ms is not None and origin.begins_ms > evidence.from_ms:
        yield Said(
            f"Rows from before {told(origin.begins_ms)} are older than the ledger is kept, and were let go. Of what was before, "
            "only what still counted then is known (admission, switches, policy), and neither pictures nor findings."
        )
    yield from _uptime(evidence)
    yield from _pictures(evidence)
    yield from _proof(evidence)
    yield Heading("Findings")
    kinds = [kind for kind in ROWS if any(entry.kind == kind for entry in evidence.findings)]
    if kinds:
        yield Said("; ".join(f"{kind}: {ROWS[kind]}" for kind in kinds) + ".")
    yield from _rows(evidence.findings, "Nothing was found: no face in what was sent, no failed stream, no lost proof.")
    yield from _audit(evidence)
    yield Heading("What operators did")
    yield Said("Switches and revocations of this time, and before them those that still held when it began.")
    yield from _rows(evidence.operated, "No switch was set or held, and nothing was revoked.")
    yield from _policies(evidence.policies)
    yield from _origin(evidence.last, origin.key_id)


def _soundness(problems: Sequence[str]) -> Iterator[Block]:
    if not problems:
        yield Said("The ledger that this is made of is whole and unchanged.", Tone.GOOD)
        return
    yield Said("The ledger that this is made of is NOT as it was signed:", Tone.BAD)
    for problem in problems:
        yield Said(problem, Tone.BAD)


def _uptime(evidence: Evidence) -> Iterator[Block]:
    yield Heading("When it was admitted")
    yield Said(f"{_duration(evidence.seconds)} in all, {_share(evidence, evidence.seconds)} of the time.")
    if evidence.cut_seconds:
        left = evidence.seconds - evidence.cut_seconds
        yield Said(
            f"For {_duration(evidence.cut_seconds)} of that it was cut by an operator, and nothing was sent: "
            f"{_duration(left)} are left, {_share(evidence, left)} of the time."
        )
    yield Strip(
        tuple(_part(evidence, period) for period in evidence.periods)
        + tuple((_place(evidence, since), _place(evidence, over), "cut") for since, over in evidence.cuts),
        tuple(_place(evidence, entry.at_ms) for entry in evidence.findings),
        _axis(evidence),
        "When the camera was admitted, and how; what is empty was not, and grey is cut. A triangle is a finding, see below.",
    )
    cells = (
        (told(period.begin_ms), told(period.end_ms) if period.end_ms else "goes on", period.admission, period.why_ended)
        for period in evidence.periods
    )
    yield from _table(("from", "to", "admission", "ended because"), cells, "It was not admitted in this time.")
    yield Said(
        "Admission anonymise: every picture was decoded, people in it were hidden, and it was encoded again. Admission verify: "
        "pictures were sent on as they came, each group of them after a trusted device's signature was verified."
    )


def _pictures(evidence: Evidence) -> Iterator[Block]:
    covered = evidence.covered
    dropped = sum(minute.dropped for minute in evidence.minutes)
    yield Heading("Pictures")
    yield Said(
        f"{evidence.frames:,} were sent, of which {covered.total():,} were covered whole; {dropped:,} more were left out, because "
        "the machine could not keep up or because they were not proven. A picture is covered whole when nobody can say where "
        "people are, or when an operator says so."
    )
    parts = bars(evidence.minutes, from_ms=evidence.from_ms, to_ms=evidence.to_ms, columns=COLUMNS)
    most = max((sent for sent, _ in parts), default=0) or 1
    words = (
        f"Pictures sent (blue), and of them covered whole (red), in {COLUMNS} equal parts of the time; the tallest bar is {most:,}."
    )
    yield Bars(tuple(parts), most, _axis(evidence), words)
    cells = ((why, f"{count:,}", COVERED.get(why, "")) for why, count in covered.most_common())
    yield from _table(("covered whole because", "pictures", "which means"), cells, "No picture was covered whole.")


def _proof(evidence: Evidence) -> Iterator[Block]:
    yield Heading("Verification of devices' signatures")
    proven, judged = evidence.proof["proven"], evidence.proof["judged"]
    if not judged:
        yield Said("No signature was asked for in this time: nothing was sent on because it was proven.")
        return
    yield Said(
        f"{judged} groups of pictures were judged before they could be sent on: {proven} were proven, {judged - proven} not."
    )
    cells = ((what, f"{count:,}", PROOF.get(what, "")) for what, count in evidence.proof_findings.most_common())
    yield from _table(("what was wrong", "groups", "which means"), cells, "Nothing was wrong with any of them.")


def _audit(evidence: Evidence) -> Iterator[Block]:
    looks, faces = evidence.audit["looks"], evidence.audit["faces"]
    if not looks:
        yield Said("No second detector looked at what was sent in this time.")
        return
    yield Said(
        f"A second detector, by which nothing is hidden, looked at {looks:,} pictures of what was sent and saw {faces:,} faces. "
        "A face that it sees again and again is a finding; one that flickers up once is a mistake of the detector's."
    )


def _policies(policies: Sequence[Entry]) -> Iterator[Block]:
    yield Heading("Policy in force, and the notice shown")
    if not policies:
        yield Said("The ledger names none from this time.")
    for entry in policies:
        policy = entry.detail.get("policy")
        rows = tuple(_settings(policy if isinstance(policy, Mapping) else {}))
        yield Said(f"Since {told(entry.at_ms)}. {_notice(policy if isinstance(policy, Mapping) else {})}")
        yield Table(("setting", "value"), (*rows, ("SHA-256 of all of it", str(entry.detail.get("sha256", "")))))


def _notice(policy: Mapping[str, object]) -> str:
    signs = policy.get("signs")
    signs = signs if isinstance(signs, Mapping) else {}
    if signs.get("notice"):
        return f"Notice in the picture: “{signs['notice']}”."
    if signs.get("notice_at"):
        return f"Notice in the picture: the standard one, leading to {signs['notice_at']}."
    return "No notice was written into the picture by the gateway."


def _settings(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """A tree of settings as rows: where each stands, and what it is. What is not set is left out."""
    if isinstance(value, Mapping):
        for key in sorted(value):
            yield from _settings(value[key], f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        items = (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in value)
        yield name, ", ".join(items) or "none"
    elif value is not None:
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _origin(last: Entry | None, key_id: str) -> Iterator[Block]:
    yield Heading("Where this comes from", last=True)
    yield Said(
        "Everything above is read from the gateway's ledger. Each of its rows holds the hash of the row before and is signed with "
        "the gateway's key (Ed25519), so that a row that is changed, added or missing is found: veilcast ledger verify."
    )
    if last is None:
        yield Said("It has no row from this time.")
        return
    rows = (
        ("number of the last row", str(last.seq)),
        ("its time", told(last.at_ms)),
        ("its hash (SHA-256), in which all rows before are", last.hash),
        ("signature", last.signature),
        ("key", key_id),
    )
    yield Table(("signed digest", ""), rows, exact=True)


def _part(evidence: Evidence, period: Period) -> tuple[float, float, str]:
    end_ms = evidence.to_ms if period.end_ms is None else period.end_ms
    return _place(evidence, period.begin_ms), _place(evidence, end_ms), period.admission


def _share(evidence: Evidence, seconds: float) -> str:
    return f"{seconds * 100_000 / max(1, evidence.to_ms - evidence.from_ms):.1f} %"


def _place(evidence: Evidence, at_ms: int) -> float:
    """Where in the time a moment is, 0..1."""
    return min(1.0, max(0.0, (at_ms - evidence.from_ms) / max(1, evidence.to_ms - evidence.from_ms)))


def _axis(evidence: Evidence) -> tuple[str, ...]:
    """Five moments, equally far apart, from the first to the last: days where the time is long, minutes where it is short."""
    length_ms = evidence.to_ms - evidence.from_ms
    pattern = "%Y-%m-%d" if length_ms >= 5 * 86_400_000 else "%m-%d %H:%M" if length_ms >= 3_600_000 else "%H:%M:%S"
    moments = (evidence.from_ms + length_ms * number // 4 for number in range(5))
    return tuple(datetime.fromtimestamp(moment / 1000, UTC).strftime(pattern) for moment in moments)


def _rows(entries: Iterable[Entry], nothing: str) -> Iterator[Block]:
    cells = (
        (told(one.at_ms), str(one.seq), one.kind, one.subject, one.actor, "; ".join(map(": ".join, _settings(one.detail))))
        for one in entries
    )
    yield from _table(("time", "row", "what", "about", "by", "detail"), cells, nothing)


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]], nothing: str) -> Iterator[Block]:
    found = tuple(rows)
    yield Table(headings, found) if found else Said(nothing)


def told(at_ms: int) -> str:
    """A moment, for people."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _duration(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours} h {minutes:02d} min {seconds:02d} s"
