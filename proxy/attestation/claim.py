"""What is signed about a group of pictures (GOP): counts, times, hashes and settings. Nothing in it is about a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from proxy.attestation import jws
from proxy.attestation.keys import DeviceKey
from proxy.attestation.text import canonical, fingerprint
from proxy.encoding.packet import NalCodec

OWNER: Final = UUID("fc36acc1-75ca-5c0d-96d8-a5fedc5a05b3").bytes
"""Whose messages in the stream are claims: version 5 of ``urn:veilcast:attestation:1``."""

Count = Annotated[int, Field(ge=0, le=2**53)]
Hash = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class Frames(_Part):
    """Pictures of the GOP.

    Attributes:
        came: what the camera gave since the last claim, those dropped because the box could not keep up included.
        out: access units in the GOP, slates included.
        covered: those of them that are covered whole.
    """

    came: Count
    out: Count
    covered: Count


class Hidden(_Part):
    """What was painted: most people in one picture, and regions in all of them."""

    people: Count
    regions: Count


class Claim(_Part):
    """What a device says about one GOP that left it.

    Attributes:
        v: version of this form.
        camera: the camera's name in its settings.
        run: which run of the camera's process this is, chosen by chance.
        seq: number of the GOP in its run, from 0.
        prev: SHA-256 of the signed claim before this one; empty for the first of a run.
        at_ms: the device's clock when it signed, Unix, ms.
        live: whether pictures come at the world's pace.
        codec: of the pictures.
        units: the GOP's digest, see ``digest``.
        pts: presentation times of its first and its last picture, ticks of 90 kHz, as the encoder had them.
        frames, hidden: counts.
        age_ms: the worst age of what the masks rest on: from the older of a picture's last looks at the scene to the picture.
        policy: what is hidden and how, the camera's settings.
        policy_sha256: SHA-256 of ``policy`` as canonical JSON.
        models: the detectors' weight files: name → first 16 hex digits of SHA-256.
        software: name and version.
    """

    v: Literal[1] = 1
    camera: Annotated[str, Field(max_length=64)]
    run: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    seq: Count
    prev: Hash | Literal[""]
    at_ms: Count
    live: bool
    codec: NalCodec
    units: Hash
    pts: Annotated[tuple[int, int], Field(strict=False)]
    frames: Frames
    hidden: Hidden
    age_ms: Count
    policy: dict[str, JsonValue]
    policy_sha256: Hash
    models: dict[str, str]
    software: Annotated[str, Field(max_length=128)]

    def payload(self) -> bytes:
        """What is signed."""
        return canonical(self.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class SignedClaim:
    """A claim and the text by which it is carried."""

    claim: Claim
    text: str

    @property
    def hash(self) -> str:
        """By which the next claim names this one."""
        return fingerprint(self.text.encode())


def sign(claim: Claim, key: DeviceKey) -> SignedClaim:
    """``claim``, signed by ``key``."""
    return SignedClaim(claim, jws.sign(claim.payload(), key))


def read(signed: jws.Signed) -> Claim:
    """The claim in a signed text, whose signature somebody else looks at.

    Raises:
        ValueError: it holds none, or one that contradicts itself.
    """
    try:
        claim = Claim.model_validate_json(signed.payload)
    except ValidationError:
        raise ValueError("expected a claim") from None
    if claim.policy_sha256 != policy_hash(claim.policy):
        raise ValueError("expected the policy that the claim's own digest names")
    return claim


def policy_hash(policy: Mapping[str, JsonValue]) -> str:
    """By which a policy is named."""
    return fingerprint(canonical(policy))
