"""What happened, written so that a change is noticed: every row holds the hash of the row before and is signed.

1. A row's hash is SHA-256 of its canonical JSON, in which the hash of the row before stands; the gateway's key signs the hash.
2. Two signed marks say where the ledger ends, and where it begins after old rows were let go. Rows that are missing anywhere, the
   last one included, contradict a row or a mark.
3. Whoever holds the key, or puts an older copy of the whole file in place, can still lie: a head that was noted elsewhere tells.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from proxy.attestation.keys import DeviceKey, PublicKey
from proxy.attestation.text import canonical, decoded, encoded, fingerprint

HEAD: Final = "head"
TAIL: Final = "tail"
_COLUMNS: Final = "seq, at_ms, kind, subject, actor, detail, prev, hash, signature"
Row = tuple[int, int, str, str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: ``subject`` is what it is about, ``actor`` who did it."""

    seq: int
    at_ms: int
    kind: str
    subject: str
    actor: str
    detail: Mapping[str, object]
    prev: str
    hash: str
    signature: str

    @classmethod
    def of(cls, row: Row) -> Entry:
        """The entry in a row.

        Raises:
            ValueError, TypeError: its detail is no JSON object.
        """
        return cls(*row[:5], dict(json.loads(row[5])), *row[6:])

    def document(self) -> dict[str, object]:
        """What is hashed."""
        return {
            "seq": self.seq,
            "at_ms": self.at_ms,
            "kind": self.kind,
            "subject": self.subject,
            "actor": self.actor,
            "detail": dict(self.detail),
            "prev": self.prev,
        }


class Ledger:
    """The ledger in a database, written by one process at a time.

    Args:
        connection: the database.
        key: signs.
        now_ms: the wall clock, Unix, ms.
    """

    def __init__(
        self, connection: sqlite3.Connection, key: DeviceKey, *, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    ) -> None:
        self._connection = connection
        self._key = key
        self._now_ms = now_ms

    def append(self, kind: str, *, subject: str, actor: str, detail: Mapping[str, object] | None = None) -> Entry:
        """Write a row; the caller's transaction makes it and what it tells of one thing."""
        seq, prev = head(self._connection)
        body: dict[str, object] = {
            "seq": seq + 1,
            "at_ms": self._now_ms(),
            "kind": kind,
            "subject": subject,
            "actor": actor,
            "detail": dict(detail or {}),
            "prev": prev,
        }
        digest = fingerprint(canonical(body))
        text = canonical(dict(detail or {})).decode()
        signature = encoded(self._key.sign(digest.encode()))
        row = (seq + 1, body["at_ms"], kind, subject, actor, text, prev, digest, signature)
        self._connection.execute(f"INSERT INTO ledger ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
        self._mark(HEAD, seq + 1, digest)
        return next(entries(self._connection, since=seq + 1))

    def let_go(self, *, before_ms: int) -> int:
        """Delete the rows from before ``before_ms``, never the last one; how many there were."""
        last, _ = head(self._connection)
        found = self._connection.execute(
            "SELECT seq, hash FROM ledger WHERE at_ms < ? AND seq < ? ORDER BY seq DESC LIMIT 1", (before_ms, last)
        ).fetchone()
        if found is None:
            return 0
        self._mark(TAIL, found[0], found[1])
        return self._connection.execute("DELETE FROM ledger WHERE seq <= ?", (found[0],)).rowcount

    def _mark(self, name: str, seq: int, digest: str) -> None:
        signature = encoded(self._key.sign(_marked(name, seq, digest)))
        self._connection.execute("INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?)", (name, seq, digest, signature))


def head(connection: sqlite3.Connection) -> tuple[int, str]:
    """Number and hash of the last row; 0 and nothing where there is none."""
    found = connection.execute("SELECT seq, hash FROM mark WHERE name = ?", (HEAD,)).fetchone()
    return (0, "") if found is None else (int(found[0]), str(found[1]))


def entries(connection: sqlite3.Connection, *, since: int = 0, limit: int = -1) -> Iterator[Entry]:
    """Rows from number ``since`` on, in order."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM ledger WHERE seq >= ? ORDER BY seq LIMIT ?", (since, limit))  # noqa: S608
    return (Entry.of(row) for row in rows)


ALARMS: Final = ("finding", "proof-lost", "audit-lost", "failed")
"""Kinds of rows that say that something is wrong; the database has an index of them."""


def alarms(connection: sqlite3.Connection, *, limit: int) -> list[Entry]:
    """The last rows that say that something is wrong, the newest first."""
    kinds = ", ".join(f"'{kind}'" for kind in ALARMS)
    rows = connection.execute(f"SELECT {_COLUMNS} FROM ledger WHERE kind IN ({kinds}) ORDER BY seq DESC LIMIT ?", (limit,))  # noqa: S608
    return [Entry.of(row) for row in rows]


def problems(connection: sqlite3.Connection, key: PublicKey) -> list[str]:
    """Everything about the ledger that is not as ``key`` signed it; nothing where it is whole."""
    found: list[str] = []
    seq, prev = _mark_of(connection, TAIL, key, found)
    for row in connection.execute(f"SELECT {_COLUMNS} FROM ledger ORDER BY seq"):  # noqa: S608
        if row[0] != seq + 1:
            found.append(f"rows {seq + 1} to {row[0] - 1} are missing")
        elif row[6] != prev:
            found.append(f"row {row[0]} does not follow row {seq}")
        if not _is_signed(row, key):
            found.append(f"row {row[0]} was changed")
        seq, prev = row[0], row[7]
    if (seq, prev) != _mark_of(connection, HEAD, key, found):
        found.append(f"the ledger does not end where it was signed to end: rows after {seq} are missing, or were added")
    return found


def _is_signed(row: Row, key: PublicKey) -> bool:
    try:
        entry = Entry.of(row)
        return fingerprint(canonical(entry.document())) == entry.hash and key.signed(decoded(entry.signature), entry.hash.encode())
    except (ValueError, TypeError):
        return False


def _mark_of(connection: sqlite3.Connection, name: str, key: PublicKey, found: list[str]) -> tuple[int, str]:
    row = connection.execute("SELECT seq, hash, signature FROM mark WHERE name = ?", (name,)).fetchone()
    if row is None:
        return 0, ""
    seq, digest = int(row[0]), str(row[1])
    try:
        sound = key.signed(decoded(str(row[2])), _marked(name, seq, digest))
    except ValueError:
        sound = False
    if not sound:
        found.append(f"the mark at the ledger's {name} was changed")
    return seq, digest


def _marked(name: str, seq: int, digest: str) -> bytes:
    return canonical({"mark": name, "seq": seq, "hash": digest})
