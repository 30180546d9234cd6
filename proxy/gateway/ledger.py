"""What happened, written so that a change is noticed: every row holds the hash of the row before and is signed.

1. A row's hash is SHA-256 of its canonical JSON, in which the hash of the row before stands; the gateway's key signs the hash.
2. Two signed marks say where the ledger ends, and where it begins after old rows were let go. Rows that are missing anywhere, the
   last one included, contradict a row or a mark.
3. Whoever holds the key, or puts an older copy of the whole file in place, can still lie: a head that was noted elsewhere tells.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from proxy.attestation.keys import DeviceKey
from proxy.attestation.text import canonical, encoded, fingerprint
from proxy.gateway.entry import Entry
from proxy.gateway.standing import STATE, carried, kept, standing_after

HEAD: Final = "head"
TAIL: Final = "tail"
COLUMNS: Final = "seq, at_ms, kind, subject, actor, detail, prev, hash, signature"


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
        self._connection.execute(f"INSERT INTO ledger ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
        self._mark(HEAD, seq + 1, digest)
        return next(entries(self._connection, since=seq + 1))

    def let_go(self, *, before_ms: int) -> int:
        """Delete the rows from before ``before_ms``, never the last one, and write down what of them still counts; how many there
        were.
        """
        last, _ = head(self._connection)
        found = self._connection.execute(
            "SELECT seq, hash FROM ledger WHERE at_ms < ? AND seq < ? ORDER BY seq DESC LIMIT 1", (before_ms, last)
        ).fetchone()
        if found is None:
            return 0
        standing = standing_after(remembered(self._connection, up_to=found[0]))
        self._mark(TAIL, found[0], found[1])
        count = self._connection.execute("DELETE FROM ledger WHERE seq <= ?", (found[0],)).rowcount
        self.append("let-go", subject="ledger", actor="gateway", detail={"rows": count})
        rows = [entry.whole() for entry in kept(standing)]
        self.append(STATE, subject="ledger", actor="gateway", detail={"through": found[0], "rows": rows})
        return count

    def _mark(self, name: str, seq: int, digest: str) -> None:
        signature = encoded(self._key.sign(marked(name, seq, digest)))
        self._connection.execute("INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?)", (name, seq, digest, signature))


def head(connection: sqlite3.Connection) -> tuple[int, str]:
    """Number and hash of the last row; 0 and nothing where there is none."""
    found = connection.execute("SELECT seq, hash FROM mark WHERE name = ?", (HEAD,)).fetchone()
    return (0, "") if found is None else (int(found[0]), str(found[1]))


def entries(connection: sqlite3.Connection, *, since: int = 0, limit: int = -1) -> Iterator[Entry]:
    """Rows from number ``since`` on, in order."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM ledger WHERE seq >= ? ORDER BY seq LIMIT ?", (since, limit))  # noqa: S608
    return (Entry.of(row) for row in rows)


def state(connection: sqlite3.Connection) -> Entry | None:
    """The row that holds what still counts of the rows that were let go; ``None`` where none were, or nothing was kept of them."""
    tail = connection.execute("SELECT seq FROM mark WHERE name = ?", (TAIL,)).fetchone()
    query = f"SELECT {COLUMNS} FROM ledger WHERE kind = ? ORDER BY seq DESC LIMIT 1"  # noqa: S608
    row = None if tail is None else connection.execute(query, (STATE,)).fetchone()
    found = None if row is None else Entry.of(row)
    return found if found is not None and found.detail.get("through") == tail[0] else None


def remembered(connection: sqlite3.Connection, *, up_to: int = -1) -> Iterable[Entry]:
    """Every row that is still known, in order, up to number ``up_to``: those that still counted when they were let go come first.

    Raises:
        ValueError, TypeError: a row cannot be read.
    """
    old = state(connection)
    rows = connection.execute(f"SELECT {COLUMNS} FROM ledger WHERE ?1 < 0 OR seq <= ?1 ORDER BY seq", (up_to,))  # noqa: S608
    return chain(carried(old) if old is not None else (), (Entry.of(row) for row in rows))


ALARMS: Final = ("finding", "proof-lost", "audit-lost", "failed")
"""Kinds of rows that say that something is wrong; the database has an index of them."""


def alarms(connection: sqlite3.Connection, *, limit: int) -> list[Entry]:
    """The last rows that say that something is wrong, the newest first."""
    kinds = ", ".join(f"'{kind}'" for kind in ALARMS)
    rows = connection.execute(f"SELECT {COLUMNS} FROM ledger WHERE kind IN ({kinds}) ORDER BY seq DESC LIMIT ?", (limit,))  # noqa: S608
    return [Entry.of(row) for row in rows]


def marked(name: str, seq: int, digest: str) -> bytes:
    """What is signed of a mark."""
    return canonical({"mark": name, "seq": seq, "hash": digest})
