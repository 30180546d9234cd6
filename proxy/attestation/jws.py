"""Signed text: JWS in compact form with EdDSA (RFC 7515, RFC 8037). Pure but for the key.

Only one header is written and taken: ``alg`` is always EdDSA, ``typ`` says that this is a claim of ours, ``kid`` whose it is.
What else a header might ask for (another algorithm, a key that comes along, critical extensions) is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from proxy.attestation.keys import DeviceKey, PublicKey
from proxy.attestation.text import canonical, decoded, encoded

TYPE: Final = "veilcast-claim"
LIMIT: Final = 16_384
"""The longest signed text that is looked at, in bytes."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed text taken apart, not yet verified. ``key_id`` is who says to have signed it."""

    key_id: str
    payload: bytes
    _message: bytes
    _signature: bytes

    def is_by(self, key: PublicKey) -> bool:
        """Whether ``key`` signed it."""
        return key.id == self.key_id and key.signed(self._signature, self._message)


def sign(payload: bytes, key: DeviceKey) -> str:
    """``payload``, signed."""
    header = canonical({"alg": "EdDSA", "kid": key.public.id, "typ": TYPE})
    message = f"{encoded(header)}.{encoded(payload)}"
    return f"{message}.{encoded(key.sign(message.encode()))}"


def take_apart(text: str) -> Signed:
    """The parts of a signed text.

    Raises:
        ValueError: it is none, or not one of ours.
    """
    if len(text) > LIMIT:
        raise ValueError(f"expected at most {LIMIT} bytes")
    parts = text.split(".")
    if len(parts) != 3:
        raise ValueError("expected header, payload and signature")
    head, body, signature = map(decoded, parts)
    header = json.loads(head)
    if not isinstance(header, dict) or set(header) != {"alg", "kid", "typ"}:
        raise ValueError("expected a header with alg, kid and typ")
    if header["alg"] != "EdDSA" or header["typ"] != TYPE or not isinstance(header["kid"], str):
        raise ValueError(f"expected alg EdDSA and typ {TYPE}")
    return Signed(header["kid"], body, text.rpartition(".")[0].encode(), signature)
