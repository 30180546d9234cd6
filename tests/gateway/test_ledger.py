"""Whatever is done to the ledger afterwards is found."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.attestation.keys import DeviceKey
from proxy.gateway.database import opened, transaction
from proxy.gateway.ledger import Ledger, entries, head, problems
from tests.gateway.gates import KEY, NOON_MS, Clock


def written(folder, count=6):
    connection, clock = opened(folder), Clock()
    ledger = Ledger(connection, KEY, now_ms=clock)
    for number in range(count):
        clock.now_ms = NOON_MS + number * 1000
        with transaction(connection):
            ledger.append("admitted", subject=f"door-{number}", actor="ingest", detail={"number": number})
    return connection, ledger


def test_what_was_written_is_sound_and_reads_as_it_was_meant(tmp_path):
    connection, _ = written(tmp_path)
    assert problems(connection, KEY.public) == []
    rows = list(entries(connection))
    assert [(row.seq, row.subject, row.detail) for row in rows] == [(n + 1, f"door-{n}", {"number": n}) for n in range(6)]
    assert [row.prev for row in rows] == ["", *(row.hash for row in rows[:-1])]
    assert head(connection) == (6, rows[-1].hash)
    assert [row.seq for row in entries(connection, since=3, limit=2)] == [3, 4]


def test_an_empty_ledger_is_sound(tmp_path):
    assert problems(opened(tmp_path), KEY.public) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET subject = 'window' WHERE seq = 3",
        "UPDATE ledger SET at_ms = at_ms + 1 WHERE seq = 3",
        "UPDATE ledger SET detail = '{}' WHERE seq = 3",
        "UPDATE ledger SET detail = 'x' WHERE seq = 3",
        "UPDATE ledger SET detail = '[]' WHERE seq = 3",
        "UPDATE ledger SET signature = 'x' WHERE seq = 3",
        "UPDATE ledger SET hash = prev WHERE seq = 3",
        "DELETE FROM ledger WHERE seq = 1",
        "DELETE FROM ledger WHERE seq = 3",
        "DELETE FROM ledger WHERE seq IN (3, 4)",
        "DELETE FROM ledger WHERE seq = 6",
        "DELETE FROM ledger",
        "DELETE FROM mark",
        "UPDATE mark SET seq = 5",
        "INSERT INTO ledger SELECT 7, at_ms, kind, subject, actor, detail, hash, hash, signature FROM ledger WHERE seq = 6",
        "INSERT OR REPLACE INTO mark SELECT 'tail', seq, hash, signature FROM ledger WHERE seq = 2",
    ],
)
def test_each_change_is_found(tmp_path, change):
    connection, _ = written(tmp_path)
    connection.execute(change)
    assert problems(connection, KEY.public)


def test_two_rows_that_changed_places_are_found(tmp_path):
    connection, _ = written(tmp_path)
    for one, other in ((3, 100), (4, 3), (100, 4)):
        connection.execute("UPDATE ledger SET seq = ? WHERE seq = ?", (other, one))
    assert problems(connection, KEY.public)


def test_another_key_signed_nothing_of_it(tmp_path):
    connection, _ = written(tmp_path)
    assert len(problems(connection, DeviceKey.new().public)) > 6


def test_old_rows_may_be_let_go_and_the_rest_is_sound(tmp_path):
    connection, ledger = written(tmp_path)
    with transaction(connection):
        assert ledger.let_go(before_ms=NOON_MS + 2500) == 3
    assert [row.seq for row in entries(connection)] == [4, 5, 6]
    assert problems(connection, KEY.public) == []
    connection.execute("DELETE FROM ledger WHERE seq = 4")
    assert problems(connection, KEY.public)


def test_the_last_row_is_never_let_go(tmp_path):
    connection, ledger = written(tmp_path)
    with transaction(connection):
        assert ledger.let_go(before_ms=NOON_MS * 2) == 5
        assert ledger.let_go(before_ms=NOON_MS * 2) == 0
    assert problems(connection, KEY.public) == []


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8) | st.none() | st.booleans(), max_size=4))
def test_any_detail_comes_back(detail):
    connection = sqlite3.connect(":memory:", isolation_level=None)
    from proxy.gateway import database

    connection.executescript(database._SCHEMA)
    entry = Ledger(connection, KEY, now_ms=lambda: 1).append("kind", subject="s", actor="a", detail=detail)
    assert entry.detail == detail
    assert problems(connection, KEY.public) == []
