"""Who may publish: publishers, their cameras, and their tokens, of which only hashes are kept."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from proxy.gateway.admission import Admission, Registration

TOKEN_PREFIX: Final = "vct_"  # noqa: S105 - what tokens begin with, so that people and scanners know one when they see it


@dataclass(frozen=True, slots=True)
class Publisher:
    """Somebody who sends cameras' pictures; times in Unix ms. ``admission`` is ``None`` for the gateway's default."""

    name: str
    admission: Admission | None
    max_streams: int
    cameras: tuple[str, ...]
    revoked_ms: int | None


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What is known of a token: not the token. ``cameras`` is ``None`` where it opens all of its publisher's."""

    id: int
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None
    cameras: tuple[str, ...] | None


class CameraTaken(ValueError):
    """A camera's name belongs to another publisher."""


class Registry:
    """The publishers in a database. Callers hold the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, name: str, *, admission: Admission | None, max_streams: int, cameras: Sequence[str], now_ms: int) -> Publisher:
        """Register a publisher, or change one; a revoked one is taken back.

        Raises:
            CameraTaken: one of the cameras belongs to somebody else.
        """
        run = self._connection.execute
        run(
            "INSERT INTO publisher VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT (name) DO UPDATE SET"
            " admission = ?2, max_streams = ?3, revoked_ms = NULL",
            (name, admission, max_streams, now_ms),
        )
        present = set(self._cameras(name))
        for camera in present - set(cameras):
            run("DELETE FROM camera WHERE name = ?", (camera,))
        try:
            for camera in cameras:
                if camera not in present:
                    run("INSERT INTO camera (name, publisher) VALUES (?, ?)", (camera, name))
        except sqlite3.IntegrityError:
            raise CameraTaken(camera) from None
        return self.publishers(name)[0]

    def pull(self, camera: str, address: str | None) -> bool:
        """Register where a camera's stream is fetched, or with no ``address`` that it is not; false without such a camera."""
        return self._connection.execute("UPDATE camera SET pull = ? WHERE name = ?", (address, camera)).rowcount > 0

    def owner(self, camera: str) -> str | None:
        """The publisher to whom a camera belongs; ``None`` where it is not registered."""
        row = self._connection.execute("SELECT publisher FROM camera WHERE name = ?", (camera,)).fetchone()
        return None if row is None else str(row[0])

    def address(self, camera: str) -> str | None:
        """Where the stream of ``camera`` is fetched, which may hold a password; ``None`` where it is not."""
        row = self._connection.execute("SELECT pull FROM camera WHERE name = ?", (camera,)).fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def pulled(self) -> list[tuple[str, Registration]]:
        """Each camera whose stream is fetched, and whose it is."""
        rows = self._connection.execute(
            "SELECT camera.name, publisher.name, publisher.revoked_ms, admission, max_streams FROM camera"
            " JOIN publisher ON publisher.name = camera.publisher WHERE pull IS NOT NULL ORDER BY camera.name"
        ).fetchall()
        return [
            (row[0], Registration(0, row[1], None, row[2] is not None, _admission(row[3]), row[4], self._cameras(row[1])))
            for row in rows
        ]

    def publishers(self, name: str | None = None) -> list[Publisher]:
        """All of them in order of their names, or the one called ``name``."""
        rows = self._connection.execute(
            "SELECT name, admission, max_streams, revoked_ms FROM publisher WHERE ?1 IS NULL OR name = ?1 ORDER BY name", (name,)
        ).fetchall()
        return [Publisher(row[0], _admission(row[1]), row[2], self._cameras(row[0]), row[3]) for row in rows]

    def revoke(self, name: str, *, now_ms: int) -> bool:
        """Let a publisher publish no more; false where there is none, or it was revoked before."""
        done = self._connection.execute("UPDATE publisher SET revoked_ms = ? WHERE name = ? AND revoked_ms IS NULL", (now_ms, name))
        return done.rowcount > 0

    def new_token(
        self, publisher: str, *, now_ms: int, expires_ms: int | None, cameras: Sequence[str] | None = None
    ) -> tuple[int, str]:
        """A token's id, and the token itself, which is told this once and kept nowhere; without ``cameras`` it opens all."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        done = self._connection.execute(
            "INSERT INTO token (publisher, hash, created_ms, expires_ms, cameras) VALUES (?, ?, ?, ?, ?)",
            (publisher, hashed(token), now_ms, expires_ms, None if cameras is None else json.dumps(list(cameras))),
        )
        return int(done.lastrowid or 0), token

    def tokens(self, publisher: str) -> list[TokenInfo]:
        """A publisher's tokens, the oldest first."""
        rows = self._connection.execute(
            "SELECT id, created_ms, expires_ms, revoked_ms, cameras FROM token WHERE publisher = ? ORDER BY id", (publisher,)
        )
        return [TokenInfo(row[0], row[1], row[2], row[3], _some(row[4])) for row in rows]

    def revoke_token(self, publisher: str, number: int, *, now_ms: int) -> bool:
        """Let a token open nothing any more; false where there is none, or it was revoked before."""
        done = self._connection.execute(
            "UPDATE token SET revoked_ms = ? WHERE id = ? AND publisher = ? AND revoked_ms IS NULL", (now_ms, number, publisher)
        )
        return done.rowcount > 0

    def expired(self, *, now_ms: int) -> set[int]:
        """The ids of tokens whose time is over."""
        return {row[0] for row in self._connection.execute("SELECT id FROM token WHERE expires_ms <= ?", (now_ms,))}

    def find(self, token: str) -> Registration | None:
        """Whose token this is, if anybody's."""
        row = self._connection.execute(
            "SELECT token.id, token.publisher, token.expires_ms, token.revoked_ms, admission, max_streams, publisher.revoked_ms,"
            " token.cameras"
            " FROM token JOIN publisher ON publisher.name = token.publisher WHERE hash = ?",
            (hashed(token),),
        ).fetchone()
        if row is None:
            return None
        revoked = row[3] is not None or row[6] is not None
        return Registration(row[0], row[1], row[2], revoked, _admission(row[4]), row[5], self._cameras(row[1]), _some(row[7]))

    def _cameras(self, publisher: str) -> tuple[str, ...]:
        rows = self._connection.execute("SELECT name FROM camera WHERE publisher = ? ORDER BY name", (publisher,))
        return tuple(row[0] for row in rows)


def hashed(token: str) -> str:
    """What is kept of a token. It is 256 bits of chance, so a plain hash gives nothing away."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def _some(text: str | None) -> tuple[str, ...] | None:
    """The cameras of a token that does not open all."""
    return None if text is None else tuple(json.loads(text))


def _admission(text: str | None) -> Admission | None:
    return None if text is None else Admission(text)
