"""Whether claims follow one another as they were signed: what is missing, comes twice, in another order or from elsewhere. Pure.

1. The first claim that is met says which camera and which run this is.
2. Within a run each claim has the next number and the hash of the one before. What is skipped is missing, unless it comes later.
3. A new run of the same camera may begin, with its first claim, where the device's clock has gone on as far as the pictures have.
   Everything else that belongs to another run or camera is spliced in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from proxy.attestation.claim import Claim, SignedClaim
from proxy.attestation.findings import Finding, Kind
from proxy.media.time import TICKS_PER_SECOND, ticks_to_ms

_RESTART_MS: Final = 10 * 60_000
"""How much longer than the stream shows a camera's process may have been away."""

_RETIMED: Final = TICKS_PER_SECOND // 40
"""Containers round times, to the millisecond at worst; encoders' clocks and streams' drift apart by nothing else."""

_KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the stream was last proven: the claim, and when its first picture is shown in the input, in ticks."""

    signed: SignedClaim
    begin: int


@dataclass(slots=True)
class Chain:
    """The claims of one stream so far."""

    _last: _Place | None = None
    _highest: int = -1
    _skipped: dict[int, None] = field(default_factory=dict)
    _left_runs: dict[str, None] = field(default_factory=dict)

    @property
    def begun(self) -> bool:
        """Whether any claim was met."""
        return self._last is not None

    def is_foreign(self, claim: Claim) -> bool:
        """Whether ``claim`` is of another run than the one at hand."""
        return self._last is not None and claim.run != self._last.signed.claim.run

    def expects(self, signed: SignedClaim) -> bool:
        """Whether ``signed`` is the claim that comes next, so that pictures in its place are to be those that it is about."""
        last = self._last
        return last is not None and signed.claim.run == last.signed.claim.run and signed.claim.seq == self._highest + 1

    def follows(self, signed: SignedClaim, *, begin: int, unproven: int) -> list[Finding]:
        """What is wrong with ``signed`` coming next, about pictures from ``begin`` on.

        Args:
            signed: a claim by somebody who is trusted.
            begin: ticks, as the input says them.
            unproven: how many groups of pictures without a claim came since the last call.
        """
        last = self._last
        if last is None:
            self._begin(signed, begin)
            return []
        if signed.claim.run != last.signed.claim.run:
            return self._another_run(signed, last, begin)
        return self._same_run(signed, last, begin, unproven)

    def _begin(self, signed: SignedClaim, begin: int) -> None:
        seq = signed.claim.seq
        self._last, self._highest = _Place(signed, begin), seq
        # nobody knows of those before the first; should one come after it, it comes out of order and not again
        self._skipped = dict.fromkeys(range(max(0, seq - _KEPT), seq))

    def _same_run(self, signed: SignedClaim, last: _Place, begin: int, unproven: int) -> list[Finding]:
        claim, before = signed.claim, last.signed.claim
        seq = claim.seq
        if seq <= self._highest:
            self._last = _Place(signed, begin)
            if seq not in self._skipped:
                return [Finding(Kind.REPEATED, f"group {seq} came before")]
            del self._skipped[seq]
            return [Finding(Kind.REORDERED, f"group {seq} comes after group {before.seq}")]
        found = []
        missing = range(self._highest + 1, seq)
        lost = len(missing) - unproven
        if lost > 0:
            found.append(Finding(Kind.REMOVED, f"{lost} signed groups of pictures are missing before group {seq}"))
        self._skipped |= dict.fromkeys(missing[-_KEPT:])
        while len(self._skipped) > _KEPT:
            del self._skipped[next(iter(self._skipped))]
        if seq == before.seq + 1:
            found += _joint(signed, last, None if unproven else begin)
        self._last, self._highest = _Place(signed, begin), seq
        return found

    def _another_run(self, signed: SignedClaim, last: _Place, begin: int) -> list[Finding]:
        claim, before = signed.claim, last.signed.claim
        if claim.camera != before.camera:
            return [Finding(Kind.SPLICED, f"from camera {claim.camera}, in a stream of camera {before.camera}")]
        if claim.seq != 0 or claim.run in self._left_runs:
            return [Finding(Kind.SPLICED, f"from another run of camera {claim.camera}")]
        away_ms = claim.at_ms - before.at_ms - ticks_to_ms(max(0, begin - last.begin))
        if claim.at_ms < before.at_ms or (claim.live and away_ms > _RESTART_MS):
            return [Finding(Kind.SPLICED, f"from another time of camera {claim.camera}")]
        self._left_runs[before.run] = None
        while len(self._left_runs) > _KEPT:
            del self._left_runs[next(iter(self._left_runs))]
        self._begin(signed, begin)
        return []


def _joint(signed: SignedClaim, last: _Place, begin: int | None) -> list[Finding]:
    """What is wrong between a claim and the one with the number before; ``begin`` where their pictures follow one another."""
    claim, before = signed.claim, last.signed.claim
    found = []
    if claim.prev != last.signed.hash:
        found.append(Finding(Kind.SPLICED, f"group {claim.seq} was signed after another group {before.seq}"))
    if claim.at_ms < before.at_ms:
        found.append(Finding(Kind.CLOCK, "the device's clock ran back"))
    if begin is not None and abs((begin - last.begin) - (claim.pts[0] - before.pts[0])) > _RETIMED:
        found.append(Finding(Kind.ALTERED, "shown at another time than signed"))
    return found
