"""What one signed text is worth by itself: who signed it, when, and whether its policy is enough. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from proxy.attestation import jws
from proxy.attestation.claim import Claim, SignedClaim, read
from proxy.attestation.findings import Finding, Kind
from proxy.attestation.minimum import Minimum
from proxy.attestation.trust import Trust, TrustedKey

AHEAD_MS: Final = 5 * 60_000
"""How far a device's clock may be ahead of the verifier's."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of claims.

    Attributes:
        trust: who may sign.
        minimum: the least policy.
        camera: the only camera that is taken, where it is known.
        max_age_ms: how long ago a claim may have been signed.
    """

    trust: Trust
    minimum: Minimum
    camera: str | None = None
    max_age_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim that was read, whoever signed it.

    Attributes:
        signed: the claim and its text.
        key: who signed it, where that is somebody who is known and who may.
        findings: what is wrong with it.
    """

    signed: SignedClaim
    key: TrustedKey | None
    findings: tuple[Finding, ...]

    @property
    def claim(self) -> Claim:
        """What it says."""
        return self.signed.claim


def judged(text: str, rules: Rules, *, now_ms: int) -> Statement | Finding:
    """What ``text`` says and is worth; a finding where it is no claim at all, or not by whom it says."""
    try:
        taken = jws.take_apart(text)
        claim = read(taken)
    except ValueError as error:
        return Finding(Kind.FORGED, f"what says that it is a claim is none: {error}")
    signed = SignedClaim(claim, text)
    trusted = rules.trust.keys.get(taken.key_id)
    if trusted is None:
        return Statement(signed, None, (Finding(Kind.UNKNOWN_KEY, f"signed by an unknown key, {taken.key_id[:8]}"),))
    if not taken.is_by(trusted.key):
        return Finding(Kind.FORGED, f"a claim in the name of {trusted.told} that it did not sign")
    if trusted.revoked:
        return Statement(signed, None, (Finding(Kind.REVOKED_KEY, f"signed by a revoked key, {trusted.told}"),))
    if trusted.cameras is not None and claim.camera not in trusted.cameras:
        words = f"{trusted.told} may not speak for camera {claim.camera}"
        return Statement(signed, None, (Finding(Kind.UNKNOWN_KEY, words),))
    return Statement(signed, trusted, tuple(_shortcomings(claim, trusted, rules, now_ms)))


def _shortcomings(claim: Claim, key: TrustedKey, rules: Rules, now_ms: int) -> list[Finding]:
    found = [Finding(Kind.WEAKER_POLICY, words) for words in rules.minimum.shortfalls(claim)]
    if rules.camera is not None and claim.camera != rules.camera:
        found.append(Finding(Kind.SPLICED, f"from camera {claim.camera}, not {rules.camera}"))
    if claim.at_ms > now_ms + AHEAD_MS:
        found.append(Finding(Kind.CLOCK, "signed in the future"))
    if rules.max_age_ms is not None and now_ms - claim.at_ms > rules.max_age_ms:
        found.append(Finding(Kind.CLOCK, "signed too long ago"))
    if key.not_before_ms is not None and claim.at_ms < key.not_before_ms:
        found.append(Finding(Kind.CLOCK, f"signed before {key.told} is valid"))
    if key.not_after_ms is not None and claim.at_ms > key.not_after_ms:
        found.append(Finding(Kind.CLOCK, f"signed after {key.told} expired"))
    return found
