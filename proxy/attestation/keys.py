"""The key of a device: Ed25519, kept in a file that only its owner may read, known to others as a JWK (RFC 8037)."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from proxy.attestation.text import decoded, encoded
from proxy.errors import ConfigError

_MODE: Final = 0o600
_LIMIT: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Whoever signs, as others know it. ``id`` is the JWK's thumbprint (RFC 7638), so that it cannot be chosen."""

    id: str
    raw: bytes

    @classmethod
    def of(cls, raw: bytes) -> PublicKey:
        """The key whose public bytes are ``raw``.

        Raises:
            ValueError: they are no Ed25519 key.
        """
        Ed25519PublicKey.from_public_bytes(raw)
        members = {"crv": "Ed25519", "kty": "OKP", "x": encoded(raw)}
        canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
        return cls(encoded(hashlib.sha256(canonical).digest()), raw)

    @classmethod
    def from_jwk(cls, jwk: object) -> PublicKey:
        """The key in a JWK.

        Raises:
            ValueError: it is no public Ed25519 key.
        """
        if not isinstance(jwk, dict) or jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or not isinstance(jwk.get("x"), str):
            raise ValueError("expected a JWK with kty OKP, crv Ed25519 and x")
        return cls.of(decoded(jwk["x"]))

    def jwk(self) -> dict[str, str]:
        """The key as a JWK."""
        return {"kty": "OKP", "crv": "Ed25519", "x": encoded(self.raw), "kid": self.id, "use": "sig", "alg": "EdDSA"}

    def signed(self, signature: bytes, message: bytes) -> bool:
        """Whether ``signature`` is this key's on ``message``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """The secret half, which never leaves the process except into its own file."""

    _secret: Ed25519PrivateKey
    public: PublicKey

    @classmethod
    def new(cls) -> DeviceKey:
        """A key that did not exist before."""
        return cls._of(Ed25519PrivateKey.generate())

    @classmethod
    def _of(cls, secret: Ed25519PrivateKey) -> DeviceKey:
        return cls(secret, PublicKey.of(secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)))

    @classmethod
    def load(cls, path: Path) -> DeviceKey:
        """The key in the file at ``path``.

        Raises:
            ConfigError: it cannot be read, others may read it, or it holds no Ed25519 key.
        """
        try:
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                content = file.read(_LIMIT)
        except OSError as error:
            hint = "veilcast keys init makes one; or check its path and permissions"
            raise ConfigError(f"device key {path} cannot be read: {error.strerror}", hint=hint) from error
        if mode & 0o077:
            raise ConfigError(f"device key {path} may be read by others (mode {mode:04o})", hint=f"chmod 600 {path}")
        try:
            secret = load_pem_private_key(content, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            secret = None
        if not isinstance(secret, Ed25519PrivateKey):
            raise ConfigError(f"{path} holds no Ed25519 key", hint="veilcast keys init makes one; encrypted keys are not taken")
        return cls._of(secret)

    def save(self, path: Path) -> None:
        """Write the key to ``path``, which must not exist, for its owner only.

        Raises:
            ConfigError: the file exists or cannot be written.
        """
        content = self._secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as file:  # noqa: PTH123 - the mode counts
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError as error:
            hint = "a key is never overwritten: name another file, or remove this one if nothing that it signed matters any more"
            raise ConfigError(f"{path} exists", hint=hint) from error
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}", hint="check its folder and permissions") from error

    def sign(self, message: bytes) -> bytes:
        """The key's signature on ``message``, 64 bytes."""
        return self._secret.sign(message)
