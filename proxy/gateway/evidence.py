"""What the ledger says of one camera over a time, summed up for people who were not there. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from proxy.gateway.entry import Entry
from proxy.gateway.standing import Standing, action_of, after

FINDINGS: Final = frozenset({"finding", "proof-lost", "audit-lost", "audit-again", "failed"})
OF_PUBLISHERS: Final = frozenset({"publisher", "publisher-revoked", "token", "token-revoked", "refused"})
OPERATED: Final = frozenset({"switch", "publisher", "publisher-revoked", "token-revoked", "trusted-again"})


@dataclass(frozen=True, slots=True)
class Period:
    """A stream that was admitted; times in Unix ms. ``end_ms`` is ``None`` where it went on."""

    begin_ms: int
    end_ms: int | None
    admission: str
    why_ended: str = ""


@dataclass(frozen=True, slots=True)
class Minute:
    """About a minute's pictures: sent, left out, and covered whole by reason."""

    at_ms: int
    frames: int
    dropped: int
    covered: dict[str, int]


@dataclass(slots=True)
class Evidence:
    """One camera from ``from_ms`` to ``to_ms``.

    ``proof`` counts groups of pictures that were ``judged`` and ``proven``, ``proof_findings`` what was wrong with those that were
    not, ``audit`` the ``looks`` of whoever audits and the ``faces`` in them. ``operated`` and ``policies`` begin with what was
    decided before and still counted when the time began; ``cuts`` are from when until when nothing was sent, ms.
    """

    camera: str
    from_ms: int
    to_ms: int
    periods: list[Period] = field(default_factory=list)
    minutes: list[Minute] = field(default_factory=list)
    findings: list[Entry] = field(default_factory=list)
    operated: list[Entry] = field(default_factory=list)
    policies: list[Entry] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)
    proof: Counter[str] = field(default_factory=Counter)
    proof_findings: Counter[str] = field(default_factory=Counter)
    audit: Counter[str] = field(default_factory=Counter)
    last: Entry | None = None

    @property
    def frames(self) -> int:
        """Pictures that were sent."""
        return sum(minute.frames for minute in self.minutes)

    @property
    def covered(self) -> Counter[str]:
        """Pictures that were covered whole, by reason."""
        total: Counter[str] = Counter()
        for minute in self.minutes:
            total.update(minute.covered)
        return total

    @property
    def seconds(self) -> float:
        """For how long it was admitted."""
        return sum(end - begin for begin, end in self._admitted) / 1000

    @property
    def cut_seconds(self) -> float:
        """For how long of that it was cut, so that nothing was sent."""
        pairs = product(self._admitted, self.cuts)
        return sum(max(0, min(end, over) - max(begin, since)) for (begin, end), (since, over) in pairs) / 1000

    @property
    def _admitted(self) -> list[tuple[int, int]]:
        """From when until when it was admitted, within the time, ms."""
        ends = ((period.begin_ms, self.to_ms if period.end_ms is None else period.end_ms) for period in self.periods)
        within = ((max(begin, self.from_ms), min(end, self.to_ms)) for begin, end in ends)
        return [(begin, end) for begin, end in within if begin < end]


def publisher_of(entries: Iterable[Entry], *, camera: str) -> str | None:
    """Whose camera it was last, empty where nobody tells; ``None`` where no row is about it."""
    found: str | None = None
    for entry in entries:
        cameras = entry.detail.get("cameras")
        if entry.kind == "publisher" and isinstance(cameras, list) and camera in cameras:
            found = entry.subject
        elif entry.kind == "admitted" and entry.subject == camera:
            found = entry.actor
        elif found is None and entry.kind not in OF_PUBLISHERS and entry.subject in (camera, f"camera:{camera}"):
            found = ""
    return found


def gathered(entries: Iterable[Entry], *, camera: str, publisher: str, from_ms: int, to_ms: int) -> Evidence:
    """What ``entries``, in order and from before the time on, say of ``camera`` from ``from_ms`` up to ``to_ms``."""
    found = Evidence(camera, from_ms, to_ms)
    places = {f"camera:{camera}", f"publisher:{publisher}", "all:"}
    about = {*places, publisher, camera}
    standing: Standing = {}
    before: list[Entry] = []
    running: Period | None = None
    cut_ms: int | None = None
    for entry in entries:
        if entry.at_ms >= to_ms:
            break
        running = _stream(found, entry, running)
        after(standing, entry)
        cut_ms = _cut(found, entry.at_ms, cut_ms, is_cut=any(_is_cut(standing, place) for place in places))
        if entry.kind == "policy":
            # the last one from before the time is in force when it begins
            found.policies = [one for one in (*found.policies, entry) if one is entry or one.at_ms >= from_ms]
        if entry.at_ms < from_ms:
            before = _in_force(standing, places, publisher)
            continue
        found.last = entry
        if entry.kind in OPERATED and entry.subject in about:
            found.operated.append(entry)
        if entry.subject == camera:
            _seen(found, entry)
    if running is not None:
        found.periods.append(running)
    _cut(found, to_ms, cut_ms, is_cut=False)
    found.operated[:0] = before
    return found


def _is_cut(standing: Standing, place: str) -> bool:
    entry = standing.get(("switch", place))
    return entry is not None and action_of(entry) == "cut"


def _cut(found: Evidence, at_ms: int, since_ms: int | None, *, is_cut: bool) -> int | None:
    """Since when it is cut, given what is so from ``at_ms`` on; a cut that is over is put down."""
    if is_cut:
        return at_ms if since_ms is None else since_ms
    if since_ms is not None and at_ms > found.from_ms:
        found.cuts.append((max(since_ms, found.from_ms), min(at_ms, found.to_ms)))
    return None


def _in_force(standing: Standing, places: Iterable[str], publisher: str) -> list[Entry]:
    """What had been decided about a camera, in order, and was not taken back."""
    keys = [*(("switch", place) for place in places), ("revoked", publisher)]
    return sorted((standing[key] for key in keys if key in standing), key=lambda entry: entry.seq)


def _seen(found: Evidence, entry: Entry) -> None:
    """Take what a row says of the camera's pictures."""
    detail = entry.detail
    if entry.kind in FINDINGS:
        found.findings.append(entry)
    elif entry.kind == "coverage":
        found.minutes.append(_minute(entry))
    elif entry.kind == "verified":
        found.proof.update(judged=_count(detail.get("judged")), proven=_count(detail.get("proven")))
        found.proof_findings.update(_counts(detail.get("findings")))
    elif entry.kind == "audited":
        found.audit.update(looks=_count(detail.get("looks")), faces=_count(detail.get("faces")))


def _stream(found: Evidence, entry: Entry, running: Period | None) -> Period | None:
    """The period at hand after ``entry``; one that is over is put down where it reaches into the time."""
    if entry.subject != found.camera:
        return running
    if entry.kind == "admitted":
        return Period(entry.at_ms, None, str(entry.detail.get("admission", "")))
    if running is None or entry.kind not in ("ended", "proof-lost"):
        return running
    if entry.at_ms >= found.from_ms:
        why = "proof lost" if entry.kind == "proof-lost" else str(entry.detail.get("why", ""))
        found.periods.append(Period(running.begin_ms, entry.at_ms, running.admission, why))
    return Period(entry.at_ms, None, "anonymise") if entry.kind == "proof-lost" else None


def _minute(entry: Entry) -> Minute:
    covered = _counts(entry.detail.get("covered"))
    return Minute(entry.at_ms, _count(entry.detail.get("frames")), _count(entry.detail.get("dropped")), covered)


def _counts(value: object) -> dict[str, int]:
    return {str(why): _count(count) for why, count in value.items()} if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def bars(minutes: Sequence[Minute], *, from_ms: int, to_ms: int, columns: int) -> list[tuple[int, int]]:
    """Pictures sent and covered whole, summed over ``columns`` equal parts of the time."""
    parts = [(0, 0)] * columns
    for minute in minutes:
        place = min(columns - 1, (minute.at_ms - from_ms) * columns // max(1, to_ms - from_ms))
        sent, covered = parts[place]
        parts[place] = sent + minute.frames, covered + sum(minute.covered.values())
    return parts
