"""``ledger verify`` tells a ledger that is whole from one that is not."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from proxy.cli import entry
from proxy.gateway.database import FILE
from tests.gateway.gates import KEY, gate, registered


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.jwk"
    path.write_text(json.dumps(KEY.public.jwk()))
    return path


def test_a_whole_ledger_a_changed_one_and_an_older_copy_are_told_apart(
    tmp_path: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, _, _ = gate(tmp_path)
    registered(made, "door")
    command = ["ledger", "verify", str(tmp_path / FILE), "--trust", str(trust)]
    assert entry.execute(command) == 0
    said = capsys.readouterr().out
    assert said.startswith("sound, up to row 2: 2:")
    noted = said.rpartition(" ")[2].strip()
    assert entry.execute([*command, "--head", noted]) == 0
    assert entry.execute([*command, "--head", noted.replace("2:", "3:", 1)]) == 55
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("UPDATE ledger SET subject = 'other' WHERE seq = 1")
    capsys.readouterr()
    assert entry.execute(command) == 55
    assert "row 1 was changed" in capsys.readouterr().out


def test_what_is_no_ledger_is_one_line(tmp_path: Path, trust: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute(["ledger", "verify", str(tmp_path / "none"), "--trust", str(trust)]) == 2
    assert "Traceback" not in capsys.readouterr().err
