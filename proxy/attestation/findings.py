"""What verification says of a stream."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proxy.attestation.claim import Claim
from proxy.attestation.trust import TrustedKey


class Kind(StrEnum):
    """What is wrong."""

    UNPROVEN = "unproven"
    """No claim is about these pictures."""
    ALTERED = "altered"
    """A claim is about this place, and these are not the pictures that were signed, or not at their times."""
    REMOVED = "removed"
    """Pictures were signed that should be here and are not."""
    REPEATED = "repeated"
    REORDERED = "reordered"
    SPLICED = "spliced"
    """From another stream: another camera, another run or another time."""
    FORGED = "forged"
    """Something says that it is a claim, and nobody who is trusted signed it so."""
    UNKNOWN_KEY = "unknown-key"
    REVOKED_KEY = "revoked-key"
    WEAKER_POLICY = "weaker-policy"
    CLOCK = "clock"
    """Signed at a time at which it cannot have been, or must not have been."""


EXIT_CODES: Final = {
    Kind.REMOVED: 51,
    Kind.REPEATED: 51,
    Kind.REORDERED: 51,
    Kind.ALTERED: 51,
    Kind.SPLICED: 51,
    Kind.FORGED: 52,
    Kind.UNKNOWN_KEY: 52,
    Kind.REVOKED_KEY: 52,
    Kind.WEAKER_POLICY: 53,
    Kind.CLOCK: 54,
    Kind.UNPROVEN: 50,
}
"""By what is wrong, the gravest first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, in words."""

    kind: Kind
    detail: str

    @property
    def voids(self) -> bool:
        """Whether the pictures at hand are not proven because of it: those beside a gap are."""
        return self.kind not in (Kind.REMOVED, Kind.FORGED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one group of pictures; times in ticks, as the input says them."""

    begin: int
    end: int
    frames: int
    claim: Claim | None
    key: TrustedKey | None
    findings: tuple[Finding, ...]

    @property
    def proven(self) -> bool:
        """Whether somebody who is trusted signed these very pictures, and nothing speaks against it."""
        return self.claim is not None and self.key is not None and not any(finding.voids for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Span:
    """Groups of pictures in a row of which the same is known."""

    verdicts: tuple[Verdict, ...]

    @property
    def proven(self) -> bool:
        """Whether all of it is proven."""
        return self.verdicts[0].proven

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What was signed, where it is proven."""
        return tuple(verdict.claim for verdict in self.verdicts if verdict.claim is not None) if self.proven else ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything wrong in it, each once, in order."""
        return tuple(dict.fromkeys(finding for verdict in self.verdicts for finding in verdict.findings))


def spans(verdicts: Iterable[Verdict]) -> list[Span]:
    """Verdicts in a row, put together where they say the same."""
    runs: list[list[Verdict]] = []
    for verdict in verdicts:
        if runs and _sameness(runs[-1][-1]) == _sameness(verdict) and not _breaks(verdict):
            runs[-1].append(verdict)
        else:
            runs.append([verdict])
    return [Span(tuple(run)) for run in runs]


def _breaks(verdict: Verdict) -> bool:
    return any(not finding.voids for finding in verdict.findings)


def _sameness(verdict: Verdict) -> tuple[object, ...]:
    claim = verdict.claim if verdict.proven else None
    who = (claim.camera, claim.run, claim.policy_sha256, verdict.key and verdict.key.key.id) if claim else None
    return verdict.proven, who, frozenset(finding.kind for finding in verdict.findings if finding.voids)


def exit_code(verdicts: Collection[Verdict]) -> int:
    """0 where everything is proven and nothing is wrong; otherwise the code of the gravest finding."""
    if not verdicts:
        return EXIT_CODES[Kind.UNPROVEN]
    kinds = {finding.kind for verdict in verdicts for finding in verdict.findings}
    return next((code for kind, code in EXIT_CODES.items() if kind in kinds), 0)
