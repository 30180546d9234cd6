"""The gateway's one file is its owner's only, and holds all of a transaction or nothing."""

import sqlite3
import stat
from contextlib import closing

import pytest

from proxy.errors import ConfigError
from proxy.gateway.database import FILE, opened, reading, transaction


def test_folder_and_file_are_for_their_owner_only(tmp_path):
    opened(tmp_path / "state").close()
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state" / FILE).stat().st_mode) == 0o600


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path):
    connection = opened(tmp_path)
    connection.execute("INSERT INTO switch VALUES ('all', '', 'cut', 1)")
    connection.close()
    assert opened(tmp_path).execute("SELECT action FROM switch").fetchall() == [("cut",)]


def test_a_transaction_that_fails_leaves_nothing(tmp_path):
    connection = opened(tmp_path)
    with pytest.raises(ZeroDivisionError), transaction(connection):
        connection.execute("INSERT INTO switch VALUES ('all', '', 'cut', 1)")
        _ = 1 / 0
    assert connection.execute("SELECT * FROM switch").fetchall() == []


def test_a_reader_changes_nothing(tmp_path):
    opened(tmp_path).close()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reading(tmp_path / FILE).execute("DELETE FROM ledger")


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / FILE).write_text("something else, and long enough to be looked at")
    with pytest.raises(ConfigError, match="cannot be used"):
        opened(tmp_path)
    with pytest.raises(ConfigError, match="no database of a gateway"):
        reading(tmp_path / FILE)
    with pytest.raises(ConfigError, match="no database of a gateway"):
        reading(tmp_path / "none.sqlite")


def test_a_database_from_before_gets_what_it_lacks(tmp_path):
    with closing(opened(tmp_path)) as connection:
        connection.execute("ALTER TABLE stream DROP COLUMN way")
        connection.execute("ALTER TABLE camera DROP COLUMN pull")
        connection.execute("ALTER TABLE token DROP COLUMN cameras")
        connection.execute("INSERT INTO publisher VALUES ('acme', NULL, 4, 5, NULL)")
        connection.execute("INSERT INTO token (publisher, hash, created_ms) VALUES ('acme', 'x', 5)")
        connection.execute("INSERT INTO stream VALUES ('door', 'acme', 1, 'verify', '7', 5)")
    with closing(opened(tmp_path)) as connection:
        assert connection.execute("SELECT camera, way FROM stream").fetchall() == [("door", "ingest")]
        assert connection.execute("SELECT id, cameras FROM token").fetchall() == [(1, None)]
        assert connection.execute("SELECT pull FROM camera").fetchall() == []
