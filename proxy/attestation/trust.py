"""Whom a verifier trusts: public keys, for which cameras, from when until when, and which of them are revoked.

A file holds a JWK, or a JWK set (RFC 7517) whose keys may say more::

    {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "…", "name": "Box 7", "cameras": ["entrance"],
               "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z", "revoked": "2026-11-03T12:00:00Z"}]}

A revoked key proves nothing, whatever time its claims show: whoever stole it can write any time into them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from proxy.attestation.keys import PublicKey
from proxy.errors import ConfigError

_LIMIT: Final = 1 << 20
_HINT: Final = "it is a list of public keys as veilcast keys show prints them; docs/attestation.md describes it"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kty: str
    crv: str
    x: str
    kid: str | None = None
    use: str | None = None
    alg: str | None = None
    key_ops: tuple[str, ...] = ()
    name: str = ""
    cameras: tuple[str, ...] | None = None
    not_before: AwareDatetime | None = None
    not_after: AwareDatetime | None = None
    revoked: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key that is known; times in Unix ms.

    Attributes:
        name: how its owner calls the device.
        cameras: for which it may speak; ``None`` for all.
        not_before, not_after: within which its claims are to be made.
        revoked: whether it counts no more.
    """

    key: PublicKey
    name: str = ""
    cameras: frozenset[str] | None = None
    not_before_ms: int | None = None
    not_after_ms: int | None = None
    revoked: bool = False

    @property
    def told(self) -> str:
        """The key in words."""
        return f'"{self.name}" ({self.key.id[:8]})' if self.name else self.key.id[:8]


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that a verifier knows, by their id."""

    keys: Mapping[str, TrustedKey]

    @classmethod
    def of(cls, *keys: TrustedKey) -> Trust:
        """Trust in ``keys``."""
        return cls({trusted.key.id: trusted for trusted in keys})

    @classmethod
    def load(cls, path: Path) -> Trust:
        """The keys in the file at ``path``.

        Raises:
            ConfigError: it cannot be read, or is no list of keys; ``problems`` names each.
        """
        try:
            with path.open("rb") as file:
                document = json.loads(file.read(_LIMIT))
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}", hint=_HINT) from error
        except ValueError:
            raise ConfigError(f"{path} is not JSON", hint=_HINT) from None
        rows = document.get("keys", [document]) if isinstance(document, dict) else []
        if not isinstance(rows, list) or not rows:
            raise ConfigError(f"{path} holds no keys", hint=_HINT)
        return cls.of(*_all_of(rows, path))


def _all_of(rows: list[object], path: Path) -> list[TrustedKey]:
    keys, problems = [], []
    for number, row in enumerate(rows):
        try:
            keys.append(_trusted(_Entry.model_validate(row)))
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            problems += [f"{path}: keys.{number}.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found]
        except ValueError as error:
            problems.append(f"{path}: keys.{number}: {error}")
    ids = [trusted.key.id for trusted in keys]
    problems += [f"{path}: the key {one} stands more than once" for one in sorted({one for one in ids if ids.count(one) > 1})]
    if problems:
        raise ConfigError(f"{len(problems)} problems in {path}", problems=tuple(problems), hint=_HINT)
    return keys


def _trusted(entry: _Entry) -> TrustedKey:
    key = PublicKey.from_jwk({"kty": entry.kty, "crv": entry.crv, "x": entry.x})
    if entry.kid is not None and entry.kid != key.id:
        raise ValueError("kid is not the key's thumbprint")
    return TrustedKey(
        key=key,
        name=entry.name,
        cameras=None if entry.cameras is None else frozenset(entry.cameras),
        not_before_ms=_ms(entry.not_before),
        not_after_ms=_ms(entry.not_after),
        revoked=entry.revoked is not None,
    )


def _ms(when: datetime | None) -> int | None:
    return None if when is None else round(when.timestamp() * 1000)
