"""Whether a ledger is as it was signed, and whether the tables beside it say what it says."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from proxy.attestation.keys import PublicKey
from proxy.attestation.text import canonical, decoded, fingerprint
from proxy.gateway.entry import Entry, Row
from proxy.gateway.ledger import COLUMNS, HEAD, TAIL, marked, remembered, state
from proxy.gateway.standing import Standing, action_of, standing_after


def problems(connection: sqlite3.Connection, key: PublicKey) -> list[str]:
    """Everything about the ledger that is not as ``key`` signed it, and every table that says something else; nothing where all
    is whole. The caller's transaction makes it one moment.
    """
    found: list[str] = []
    seq, prev = _mark_of(connection, TAIL, key, found)
    known = seq == 0 or _is_state_kept(connection)
    for row in connection.execute(f"SELECT {COLUMNS} FROM ledger ORDER BY seq"):  # noqa: S608
        if row[0] != seq + 1:
            found.append(f"rows {seq + 1} to {row[0] - 1} are missing")
        elif row[6] != prev:
            found.append(f"row {row[0]} does not follow row {seq}")
        if not _is_signed(row, key):
            found.append(f"row {row[0]} was changed")
        seq, prev = row[0], row[7]
    if (seq, prev) != _mark_of(connection, HEAD, key, found):
        found.append(f"the ledger does not end where it was signed to end: rows after {seq} are missing, or were added")
    if seq == 0:
        found.append("the ledger holds nothing, not even that the gateway was started: it was emptied, or there never was one")
    if known:
        found += _tables(connection)
    return found


def _is_state_kept(connection: sqlite3.Connection) -> bool:
    """Whether it is known what counted of the rows that were let go: versions from before that was kept did not write it."""
    try:
        return state(connection) is not None
    except (ValueError, TypeError):
        return False


def _tables(connection: sqlite3.Connection) -> Iterator[str]:
    """Where the tables say something that no row led to, or lack what a row did."""
    try:
        standing = standing_after(remembered(connection))
    except (ValueError, TypeError):
        return
    # databases from before lack it
    only = (
        "ifnull(cameras, '')"
        if connection.execute("SELECT 1 FROM pragma_table_info('token') WHERE name = 'cameras'").fetchone()
        else "''"
    )
    for what, query, told in (
        ("publisher", "SELECT name, ifnull(admission, ''), max_streams, revoked_ms IS NOT NULL FROM publisher", _publishers),
        ("camera", "SELECT name, publisher FROM camera", _cameras),
        ("token", f"SELECT id, publisher, ifnull(expires_ms, ''), {only} FROM token WHERE revoked_ms IS NULL", _tokens),  # noqa: S608
        ("stream", "SELECT camera, publisher, admission FROM stream", _streams),
        ("switch", "SELECT scope || ':' || target, action FROM switch", _switches),
        ("distrusted camera", "SELECT camera FROM distrusted", _distrusted),
    ):
        there = {(row[0], tuple(row[1:])) for row in connection.execute(query)}
        for name in sorted({str(name) for name, _ in there ^ set(told(standing))}):
            yield f"the database and the ledger differ about {what} {name}"


Told = Iterator[tuple[object, tuple[object, ...]]]
"""A name, and what is said of it."""


def _publishers(standing: Standing) -> Told:
    for entry in _of(standing, "publisher"):
        revoked = ("revoked", entry.subject) in standing
        yield entry.subject, (entry.detail.get("admission") or "", entry.detail.get("max_streams"), int(revoked))


def _cameras(standing: Standing) -> Told:
    for entry in _of(standing, "publisher"):
        cameras = entry.detail.get("cameras")
        for camera in cameras if isinstance(cameras, list) else ():
            yield camera, (entry.subject,)


def _tokens(standing: Standing) -> Told:
    for entry in _of(standing, "token"):
        expires_ms = entry.detail.get("expires_ms")
        only = entry.detail.get("cameras")
        told = (entry.subject, "" if expires_ms is None else expires_ms, "" if only is None else json.dumps(only))
        yield entry.detail.get("token"), told


def _streams(standing: Standing) -> Told:
    for entry in _of(standing, "stream"):
        lost = ("proof-lost", entry.subject) in standing
        yield entry.subject, (entry.actor, "anonymise" if lost else entry.detail.get("admission"))


def _switches(standing: Standing) -> Told:
    for (kind, *place), entry in standing.items():
        if kind == "switch":
            yield place[0], (action_of(entry),)


def _distrusted(standing: Standing) -> Told:
    for entry in _of(standing, "distrusted"):
        yield entry.subject, ()


def _of(standing: Standing, kind: str) -> Iterator[Entry]:
    return (entry for (what, *_), entry in standing.items() if what == kind)


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
        sound = key.signed(decoded(str(row[2])), marked(name, seq, digest))
    except ValueError:
        sound = False
    if not sound:
        found.append(f"the mark at the ledger's {name} was changed")
    return seq, digest
