"""What is written reads as it was meant, and what is let go is remembered as far as it counts."""

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from proxy.gateway.database import opened, transaction
from proxy.gateway.ledger import Ledger, entries, head, remembered
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
    rows = list(entries(connection))
    assert [(row.seq, row.subject, row.detail) for row in rows] == [(n + 1, f"door-{n}", {"number": n}) for n in range(6)]
    assert [row.prev for row in rows] == ["", *(row.hash for row in rows[:-1])]
    assert head(connection) == (6, rows[-1].hash)
    assert [row.seq for row in entries(connection, since=3, limit=2)] == [3, 4]


def test_old_rows_may_be_let_go_and_the_rest_is_sound(tmp_path):
    connection, ledger = written(tmp_path)
    with transaction(connection):
        assert ledger.let_go(before_ms=NOON_MS + 2500) == 3
        assert ledger.let_go(before_ms=NOON_MS + 2500) == 0
    *rest, gone, kept = entries(connection)
    assert [row.seq for row in rest] == [4, 5, 6]
    assert (gone.kind, gone.detail, kept.kind, kept.detail["through"]) == ("let-go", {"rows": 3}, "state", 3)


def test_what_still_counts_of_rows_that_were_let_go_is_remembered_as_it_was(tmp_path):
    connection, ledger = written(tmp_path)
    before = list(entries(connection))
    for through in (2500, 4500):
        with transaction(connection):
            ledger.let_go(before_ms=NOON_MS + through)
        assert list(remembered(connection))[:6] == before, "each is the last that was told about its camera"
    assert list(remembered(connection, up_to=0)) == before[:5]


def test_the_last_row_is_never_let_go(tmp_path):
    connection, ledger = written(tmp_path)
    with transaction(connection):
        assert ledger.let_go(before_ms=NOON_MS * 2) == 5
        assert ledger.let_go(before_ms=NOON_MS + 1) == 0
    assert [row.kind for row in entries(connection)] == ["admitted", "let-go", "state"]


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8) | st.none() | st.booleans(), max_size=4))
def test_any_detail_comes_back(detail):
    connection = sqlite3.connect(":memory:", isolation_level=None)
    from proxy.gateway import database

    connection.executescript(database._SCHEMA)
    entry = Ledger(connection, KEY, now_ms=lambda: 1).append("kind", subject="s", actor="a", detail=detail)
    assert entry.detail == detail
