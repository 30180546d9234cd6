"""Whatever is done to the ledger afterwards, or to the tables beside it, is found."""

import pytest

from proxy.attestation.keys import DeviceKey
from proxy.gateway.admission import Action, Admission, Scope
from proxy.gateway.database import opened
from proxy.gateway.ledger import Ledger
from proxy.gateway.soundness import problems
from tests.gateway.gates import KEY, NOON_MS, gate, registered


def history(folder):
    """A gateway of which every table and at least eight rows hold something."""
    made, _, clock = gate(folder, default=Admission.VERIFY)
    made.resume()
    token = registered(made, "door", "yard", "gate", expires_ms=NOON_MS * 2)
    made.new_token("acme", expires_ms=None, cameras=("door",), actor="admin")
    made.publish("door", token, client="1")
    made.publish("yard", token, client="2")
    clock.now_ms += 1000
    made.found("door", sightings=4, seconds=1.0)
    made.switch(Scope.ALL, "", Action.COVER, actor="operator")
    return made


def test_what_was_written_is_sound(tmp_path):
    assert problems(history(tmp_path).connection, KEY.public) == []


MORE = "INSERT INTO ledger SELECT max(seq) + 1, at_ms, kind, subject, actor, detail, hash, hash, signature FROM ledger"


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
        "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)",
        "DELETE FROM ledger",
        "DELETE FROM mark",
        "UPDATE mark SET seq = 5",
        MORE,
        "INSERT OR REPLACE INTO mark SELECT 'tail', seq, hash, signature FROM ledger WHERE seq = 2",
    ],
)
def test_each_change_is_found(tmp_path, change):
    connection = history(tmp_path).connection
    connection.execute(change)
    assert problems(connection, KEY.public)


def test_two_rows_that_changed_places_are_found(tmp_path):
    connection = history(tmp_path).connection
    for one, other in ((3, 100), (4, 3), (100, 4)):
        connection.execute("UPDATE ledger SET seq = ? WHERE seq = ?", (other, one))
    assert problems(connection, KEY.public)


def test_another_key_signed_nothing_of_it(tmp_path):
    connection = history(tmp_path).connection
    assert len(problems(connection, DeviceKey.new().public)) > 6


def test_an_empty_ledger_is_found(tmp_path):
    assert "holds nothing" in " ".join(problems(opened(tmp_path), KEY.public))


def test_an_emptied_ledger_is_found_and_what_it_no_longer_tells_is_named(tmp_path):
    connection = history(tmp_path).connection
    connection.executescript("DELETE FROM ledger; DELETE FROM mark")
    found = " ".join(problems(connection, KEY.public))
    for words in (
        "holds nothing",
        "publisher acme",
        "camera gate",
        "token 1",
        "stream door",
        "switch all:",
        "distrusted camera door",
    ):
        assert words in found


@pytest.mark.parametrize("let_go", [False, True])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DELETE FROM switch", "switch all:"),
        ("DELETE FROM switch WHERE scope = 'camera'", "switch camera:door"),
        ("UPDATE switch SET action = 'cut' WHERE scope = 'all'", "switch all:"),
        ("INSERT INTO switch VALUES ('camera', 'yard', 'cut', 5)", "switch camera:yard"),
        ("DELETE FROM distrusted", "distrusted camera door"),
        ("INSERT INTO distrusted VALUES ('yard', 5)", "distrusted camera yard"),
        ("UPDATE stream SET admission = 'verify'", "stream door"),
        ("DELETE FROM stream WHERE camera = 'yard'", "stream yard"),
        ("UPDATE publisher SET admission = 'verify'", "publisher acme"),
        ("UPDATE publisher SET revoked_ms = 5", "publisher acme"),
        ("UPDATE publisher SET max_streams = 99", "publisher acme"),
        ("INSERT INTO publisher VALUES ('other', NULL, 4, 5, NULL)", "publisher other"),
        ("INSERT INTO camera (name, publisher) VALUES ('attic', 'acme')", "camera attic"),
        ("UPDATE token SET expires_ms = NULL", "token 1"),
        ("UPDATE token SET cameras = '[\"door\"]'", "token 1"),
        ("UPDATE token SET cameras = NULL WHERE id = 2", "token 2"),
        ("INSERT INTO token (publisher, hash, created_ms) VALUES ('acme', 'x', 5)", "token 3"),
    ],
)
def test_a_table_that_says_something_else_is_found(tmp_path, change, words, let_go):
    made = history(tmp_path)
    if let_go:
        made.let_go(before_ms=NOON_MS + 500)
        assert problems(made.connection, KEY.public) == []
    made.connection.execute(change)
    assert any(words in problem for problem in problems(made.connection, KEY.public))


def test_what_was_taken_back_is_no_difference(tmp_path):
    made = history(tmp_path)
    made.switch(Scope.ALL, "", None, actor="operator")
    made.switch(Scope.CAMERA, "door", None, actor="operator")
    made.trust_again("door", actor="admin")
    made.revoke_token("acme", 1, actor="admin")
    made.revoke_publisher("acme", actor="admin")
    assert problems(made.connection, KEY.public) == []
    registered(made, "door")
    made.let_go(before_ms=NOON_MS + 500)
    assert problems(made.connection, KEY.public) == []


def test_a_database_from_before_tokens_had_cameras_is_judged_by_what_it_has(tmp_path):
    connection = gate(tmp_path)[0].connection
    made = Ledger(connection, KEY, now_ms=lambda: NOON_MS)
    connection.execute("ALTER TABLE token DROP COLUMN cameras")
    made.append("started", subject="gateway", actor="gateway")
    assert problems(connection, KEY.public) == []


def test_a_ledger_from_before_what_counts_was_kept_is_judged_by_its_rows_alone(tmp_path, monkeypatch):
    made = history(tmp_path)
    with monkeypatch.context() as older:
        older.setattr("proxy.gateway.ledger.STATE", "note")
        made.let_go(before_ms=NOON_MS + 500)
    assert problems(made.connection, KEY.public) == []
