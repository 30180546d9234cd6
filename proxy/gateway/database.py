"""The gateway's one file: SQLite with a write-ahead log, so that what was said to be done is done, whatever ends the process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from proxy.errors import ConfigError

FILE: Final = "gateway.sqlite"
_BUSY_MS: Final = 2000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS publisher (
    name TEXT PRIMARY KEY, admission TEXT, max_streams INTEGER NOT NULL, created_ms INTEGER NOT NULL, revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS camera (
    name TEXT PRIMARY KEY, publisher TEXT NOT NULL REFERENCES publisher (name), pull TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS token (
    id INTEGER PRIMARY KEY, publisher TEXT NOT NULL REFERENCES publisher (name), hash TEXT NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL, expires_ms INTEGER, revoked_ms INTEGER, cameras TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS stream (
    camera TEXT PRIMARY KEY, publisher TEXT NOT NULL, token INTEGER NOT NULL, admission TEXT NOT NULL, client TEXT NOT NULL,
    since_ms INTEGER NOT NULL, way TEXT NOT NULL DEFAULT 'ingest'
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS switch (
    scope TEXT NOT NULL, target TEXT NOT NULL, action TEXT NOT NULL, since_ms INTEGER NOT NULL, PRIMARY KEY (scope, target)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS distrusted (
    camera TEXT PRIMARY KEY, since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, actor TEXT NOT NULL,
    detail TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS alarm ON ledger (seq) WHERE kind IN ('finding', 'proof-lost', 'audit-lost', 'failed');
CREATE TABLE IF NOT EXISTS mark (
    name TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
_ADDED: Final = (("camera", "pull", "TEXT"), ("stream", "way", "TEXT NOT NULL DEFAULT 'ingest'"), ("token", "cameras", "TEXT"))
"""Columns that databases from before they were thought of lack."""


def opened(folder: Path) -> sqlite3.Connection:
    """The database in ``folder``, made where there is none, for its owner only.

    Raises:
        ConfigError: it cannot be made or used there.
    """
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(_SCHEMA)
        for table, column, kind in _ADDED:
            if column not in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}:
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(
            f"the gateway's database {path} cannot be used: {error}", hint="check the folder in gateway.toml"
        ) from error
    return connection


def reading(path: Path) -> sqlite3.Connection:
    """An existing database, which is not changed.

    Raises:
        ConfigError: there is none, or it is no database of a gateway.
    """
    try:
        connection = sqlite3.connect(f"file:{path.absolute()}?mode=ro", uri=True, isolation_level=None)
        connection.execute("SELECT 1 FROM ledger, mark LIMIT 1")
    except sqlite3.Error as error:
        raise ConfigError(f"{path} is no database of a gateway: {error}", hint=f"it is {FILE} in the gateway's folder") from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is done inside, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
