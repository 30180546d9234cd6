"""The least that a verifier asks of the policy under which people were hidden."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from proxy.attestation.claim import Claim
from proxy.detectors.suite import Accuracy
from proxy.errors import ConfigError
from proxy.masking.policy import Target

_ORDER: Final = {str(accuracy): rank for rank, accuracy in enumerate(Accuracy)}
_HINT: Final = "docs/attestation.md describes it"


class Minimum(BaseModel):
    """The least policy, as a TOML file holds it. What is not set is not asked for.

    Attributes:
        targets: parts of people that are hidden, at least.
        methods: the ways of hiding that are taken.
        irreversible: whether the way of hiding must be one from which people cannot be recovered.
        accuracy: how hard detectors look, at least.
        lookback_ms: how long frames wait, at least.
        hold_ms: how long somebody no longer seen stays hidden, at least.
        max_age_ms: how old what a mask rests on may be.
        audio: what may become of sound.
        exempt_zones: whether people in zones that exempt them, ignored or by consent, may be shown.
        badges: whether people who wear a badge may be shown.
        models: weight files that are taken, the first 16 hex digits of SHA-256; all others are refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    targets: frozenset[Target] = frozenset()
    methods: frozenset[str] | None = None
    irreversible: bool = False
    accuracy: Accuracy | None = None
    lookback_ms: int = Field(default=0, ge=0)
    hold_ms: int = Field(default=0, ge=0)
    max_age_ms: int | None = Field(default=None, ge=0)
    audio: frozenset[str] | None = None
    exempt_zones: bool = False
    badges: bool = False
    models: frozenset[str] | None = None

    @classmethod
    def load(cls, path: Path) -> Minimum:
        """The minimum in the file at ``path``.

        Raises:
            ConfigError: it cannot be read, or says something else; ``problems`` names each.
        """
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}", hint=_HINT) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} is not valid TOML: {error}", hint=_HINT) from None
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            problems = tuple(f"{path}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
        raise ConfigError(f"{len(problems)} problems in {path}", problems=problems, hint=_HINT)

    def shortfalls(self, claim: Claim) -> list[str]:
        """In words, where ``claim`` stays below."""
        return [*self._hiding(claim), *self._looking(claim)]

    def _hiding(self, claim: Claim) -> Iterator[str]:
        policy = claim.policy
        hidden = policy.get("targets")
        missing = sorted(str(target) for target in self.targets if not isinstance(hidden, list) or target not in hidden)
        if missing:
            yield f"{', '.join(missing)} not hidden"
        if self.methods is not None and policy.get("method") not in self.methods:
            yield f"hidden by {policy.get('method')}"
        if self.irreversible and policy.get("reversible") is not False:
            yield f"{policy.get('method')} is reversible"
        if self.audio is not None and policy.get("audio") not in self.audio:
            yield f"sound: {policy.get('audio')}"
        zones = policy.get("zones", [])
        exempt = (
            [zone for zone in zones if not isinstance(zone, dict) or zone.get("kind") != "covered"]
            if isinstance(zones, list)
            else [zones]
        )
        if exempt and not self.exempt_zones:
            yield f"{len(exempt)} zones in which people are shown"
        if policy.get("badges") and not self.badges:
            yield "people with badges are shown"

    def _looking(self, claim: Claim) -> Iterator[str]:
        policy = claim.policy
        if self.accuracy is not None and _ORDER.get(str(policy.get("accuracy")), -1) < _ORDER[self.accuracy]:
            yield f"accuracy {policy.get('accuracy')}"
        for name, least in (("lookback_ms", self.lookback_ms), ("hold_ms", self.hold_ms)):
            value = policy.get(name)
            if least and (not isinstance(value, (int, float)) or value < least):
                yield f"{name} {value}"
        if self.max_age_ms is not None and claim.age_ms > self.max_age_ms:
            yield f"masks rest on looks {claim.age_ms} ms old"
        strangers = sorted(name for name, sha256 in claim.models.items() if self.models is not None and sha256 not in self.models)
        if strangers or (self.models is not None and not claim.models):
            yield f"models: {', '.join(strangers) or 'none named'}"
