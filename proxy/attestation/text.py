"""How bytes and values become text that can be signed: base64url without padding (RFC 7515), JSON of one spelling. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def encoded(data: bytes) -> str:
    """``data`` as base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes that ``text`` stands for.

    Raises:
        ValueError: it is not base64url, or not in the one spelling that its bytes have.
    """
    if not _ALPHABET.fullmatch(text):
        raise ValueError("expected base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("expected base64url") from error
    if encoded(data) != text:
        raise ValueError("expected base64url in its one spelling")
    return data


def canonical(value: Mapping[str, object]) -> bytes:
    """``value`` as JSON: keys sorted, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def fingerprint(data: bytes) -> str:
    """SHA-256 of ``data``, base64url."""
    return encoded(hashlib.sha256(data).digest())
