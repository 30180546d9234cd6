"""Whether a stream is what somebody signed, group of pictures (GOP) by group.

1. Claims are found by the digest of the bytes that they are about, wherever in the stream they travel.
2. A GOP waits until its claim is there, but for no more than ``PATIENCE`` GOPs after it: then it is not proven.
3. A claim that nobody trusted signed proves nothing and hides nothing: a good one is preferred.
4. Memory is bounded, so that a live stream may be watched for as long as it lasts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from proxy.attestation.chain import Chain
from proxy.attestation.findings import Finding, Kind, Verdict
from proxy.attestation.framing import Framing
from proxy.attestation.gops import Gop, GopReader
from proxy.attestation.judging import Rules, Statement, judged
from proxy.encoding.packet import NalCodec
from proxy.media.time import TICKS_PER_SECOND

V = TypeVar("V")

PATIENCE: Final = 3
_SPARE: Final = 64
_KEPT: Final = 4096
_RETIMED: Final = TICKS_PER_SECOND // 40


@dataclass(slots=True)
class _Waiting:
    gop: Gop
    statement: Statement | None = None
    later: int = 0


class Verifier:
    """Watches one stream.

    Args:
        codec: of the pictures.
        framing: how access units are framed.
        rules: what is asked of claims.
        now_ms: the wall clock, Unix, ms.
        live: whether the input was joined and is left somewhere in the middle: pictures whose keyframe came before, and the last
            ones whose claim is still to come, are then not looked at.
    """

    def __init__(self, codec: NalCodec, framing: Framing, rules: Rules, *, now_ms: Callable[[], int], live: bool) -> None:
        self._reader = GopReader(codec, framing)
        self._rules = rules
        self._now_ms = now_ms
        self._live = live
        self._chain = Chain()
        self._waiting: deque[_Waiting] = deque()
        self._spare: deque[Statement] = deque(maxlen=_SPARE)
        self._seen: dict[str, Statement | Finding] = {}
        self._proven: dict[str, None] = {}
        self._unproven = 0

    @property
    def unsigned_bytes(self) -> int:
        """What the stream carries beside the pictures and no claim is about: others' messages."""
        return self._reader.unsigned_bytes

    def vouches_for(self, text: str) -> bool:
        """Whether ``text`` came along lately and is a claim that somebody who is trusted signed."""
        statement = self._seen.get(text)
        return isinstance(statement, Statement) and statement.key is not None

    def add(self, data: bytes, *, pts: int) -> list[Verdict]:
        """The next access unit, shown at ``pts`` (ticks): what became known because of it."""
        over, texts = self._reader.add(data, pts=pts)
        if over is not None:
            self._over(over)
        for text in texts:
            self._take(text)
        if over is None and not texts:
            return []
        self._match()
        return self._ready(patience=PATIENCE)

    def finish(self) -> list[Verdict]:
        """The stream is over, or nobody watches any more: what is known of the rest."""
        rest = self._reader.rest()
        if rest is not None:
            self._over(rest)
        self._match()
        if self._live and self._waiting and self._waiting[-1].statement is None:
            self._waiting.pop()
        return self._ready(patience=-1)

    def _over(self, gop: Gop) -> None:
        for waiting in self._waiting:
            waiting.later += 1
        if gop.whole or not self._live:
            self._waiting.append(_Waiting(gop))

    def _take(self, text: str) -> None:
        if text in self._seen:
            return
        statement = judged(text, self._rules, now_ms=self._now_ms())
        _remember(self._seen, text, statement)
        if isinstance(statement, Statement):
            self._spare.append(statement)

    def _match(self) -> None:
        for waiting in self._waiting:
            fitting = [one for one in self._spare if one.claim.units == waiting.gop.digest]
            better = next((one for one in fitting if one.key is not None), None)
            if waiting.statement is None and fitting:
                waiting.statement = better or fitting[0]
                self._spare.remove(waiting.statement)
            elif waiting.statement is not None and waiting.statement.key is None and better is not None:
                waiting.statement = better
                self._spare.remove(better)

    def _ready(self, *, patience: int) -> list[Verdict]:
        ready = []
        while self._waiting and (self._is_sure(self._waiting[0]) or self._waiting[0].later > patience):
            ready.append(self._verdict(self._waiting.popleft()))
        return ready

    @staticmethod
    def _is_sure(waiting: _Waiting) -> bool:
        return waiting.statement is not None and waiting.statement.key is not None

    def _verdict(self, waiting: _Waiting) -> Verdict:
        gop, statement = waiting.gop, waiting.statement
        forged = self._forged(gop)
        if statement is None:
            self._unproven += 1
            return _verdict(gop, None, (self._why(gop), *forged))
        if statement.key is None:
            self._unproven += 1
            return _verdict(gop, statement, (*statement.findings, *forged))
        found: list[Finding] = []
        if self._rules.camera in (None, statement.claim.camera):
            found = self._chain.follows(statement.signed, begin=gop.begin, unproven=self._unproven)
            self._unproven = 0
        _remember(self._proven, gop.digest, None)
        return _verdict(gop, statement, (*statement.findings, *found, *_retimed(gop, statement), *forged))

    def _why(self, gop: Gop) -> Finding:
        """Why a GOP without a claim has none."""
        if not gop.whole:
            return Finding(Kind.UNPROVEN, "the stream begins in the middle of a group of pictures")
        if gop.digest in self._proven:
            return Finding(Kind.REPEATED, "these pictures came before")
        expected = next((one for one in self._spare if one.key is not None and self._chain.expects(one.signed)), None)
        if expected is not None:
            self._spare.remove(expected)
            self._chain.follows(expected.signed, begin=gop.begin, unproven=0)
            self._unproven -= 1
            return Finding(Kind.ALTERED, f"not the pictures that were signed as group {expected.claim.seq}")
        said = [one for text in gop.texts if isinstance(one := self._seen.get(text), Statement) and one.key is not None]
        stranger = next((one for one in said if self._chain.is_foreign(one.claim)), None)
        if stranger is not None:
            return Finding(Kind.SPLICED, f"among pictures of another stream, of camera {stranger.claim.camera}")
        if said and not self._chain.begun:
            return Finding(Kind.ALTERED, "not the pictures that were signed: altered, or encoded again")
        return Finding(Kind.UNPROVEN, "no claim is about these pictures")

    def _forged(self, gop: Gop) -> list[Finding]:
        """What in this GOP says that it is a claim and is none."""
        return [one for text in gop.texts if isinstance(one := self._seen.get(text), Finding)]


def _verdict(gop: Gop, statement: Statement | None, findings: tuple[Finding, ...]) -> Verdict:
    claim, key = (statement.claim, statement.key) if statement is not None else (None, None)
    return Verdict(gop.begin, gop.end, gop.frames, claim, key, findings)


def _retimed(gop: Gop, statement: Statement) -> list[Finding]:
    first, last = statement.claim.pts
    if abs((gop.last - gop.begin) - (last - first)) > _RETIMED:
        return [Finding(Kind.ALTERED, "shown faster or slower than signed")]
    return []


def _remember(kept: dict[str, V], what: str, value: V) -> None:
    kept[what] = value
    while len(kept) > _KEPT:
        del kept[next(iter(kept))]
