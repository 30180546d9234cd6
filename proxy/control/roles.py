"""Who a visitor is: a token stands for a role, some until a time."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aiohttp import web


class Role(StrEnum):
    """What a visitor may do. Each may do what the ones before may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def may(self, needed: Role) -> bool:
        """Whether this is enough where ``needed`` is asked for."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Grant:
    """A token, what it stands for, and until when."""

    token: str
    role: Role = Role.ADMIN
    until: datetime | None = None

    def expired(self, now_s: float) -> bool:
        """Whether it stands for nothing any more; ``now_s`` is Unix time."""
        return self.until is not None and now_s >= self.until.timestamp()


class Unknown(Exception):
    """The visitor shows no token that is known and current; the text says which."""


def role_of(request: web.Request, grants: tuple[Grant, ...], *, clock: Callable[[], float] = time.time) -> Role:
    """The highest role that the token of ``request`` stands for.

    Raises:
        Unknown: it stands for none.
    """
    shown = _token(request)
    found = [grant for grant in grants if shown is not None and hmac.compare_digest(shown, grant.token.encode())]
    current = [grant.role for grant in found if not grant.expired(clock())]
    if not current:
        raise Unknown("this token has expired" if found else "unknown token" if shown else "a token is needed")
    return max(current, key=list(Role).index)


def _token(request: web.Request) -> bytes | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.encode(errors="surrogateescape")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2].encode()
        except (binascii.Error, ValueError):
            return None
    return None
